"""Tokens, images, volumes and stacks as keystone, glance, cinder and heat log them."""

from __future__ import annotations

from typing import Final

from core.simulate.script import Context, Message, Route, Script, Step, messages

CATALOGUE: Final = {
    "keystone.issue": Route("keystone", "POST", "/v3/auth/tokens", 201, 2900, 0.35),
    "keystone.validate": Route("keystone", "GET", "/v3/auth/tokens", 200, 2900, 0.04, internal=True),
    "keystone.versions": Route("keystone", "GET", "/v3/", 200, 280, 0.01),
    "keystone.projects": Route("keystone", "GET", "/v3/projects", 200, 1800, 0.05),
    "keystone.users": Route("keystone", "GET", "/v3/users", 200, 2100, 0.05),
    "keystone.create_project": Route("keystone", "POST", "/v3/projects", 201, 330, 0.12),
    "keystone.create_user": Route("keystone", "POST", "/v3/users", 201, 370, 0.4),
    "keystone.grant": Route("keystone", "PUT", "/v3/projects/{project}/users/{user}/roles/{role}", 204, 0, 0.09),
    "glance.list": Route("glance-api", "GET", "/v2/images?limit=20", 200, 3900, 0.08),
    "glance.show": Route("glance-api", "GET", "/v2/images/{image}", 200, 815, 0.05, internal=True),
    "glance.create": Route("glance-api", "POST", "/v2/images", 201, 867, 0.11),
    "glance.upload": Route("glance-api", "PUT", "/v2/images/{image}/file", 204, 213, 1.6, 0.6),
    "glance.download": Route("glance-api", "GET", "/v2/images/{image}/file", 200, 13287936, 3.4, 0.5, internal=True),
    "glance.delete": Route("glance-api", "DELETE", "/v2/images/{image}", 204, 160, 0.3),
    "cinder.list": Route("cinder-api", "GET", "/v3/{project}/volumes/detail", 200, 1240, 0.12),
    "cinder.show": Route("cinder-api", "GET", "/v3/{project}/volumes/{volume}", 200, 1060, 0.09),
    "cinder.create": Route("cinder-api", "POST", "/v3/{project}/volumes", 202, 810, 0.6),
    "cinder.delete": Route("cinder-api", "DELETE", "/v3/{project}/volumes/{volume}", 202, 210, 0.2),
    "cinder.connect": Route("cinder-api", "POST", "/v3/{project}/attachments", 200, 460, 1.2, internal=True),
    "cinder.disconnect": Route(
        "cinder-api", "DELETE", "/v3/{project}/attachments/{attachment}", 200, 240, 0.9, internal=True
    ),
    **messages(
        "cinder-scheduler",
        {
            "cinder.scheduled": (
                "cinder.scheduler.filter_scheduler",
                "DEBUG",
                "Backend {backend} chosen for volume {volume}",
            ),
        },
    ),
    **messages(
        "cinder-volume",
        {
            "cinder.creating": (
                "cinder.volume.flows.manager.create_volume",
                "INFO",
                "Volume {volume}: creating it with spec {{'volume_size': {volume_gb}, 'status': 'creating'}}",
            ),
            "cinder.created": (
                "cinder.volume.manager",
                "INFO",
                "Volume {volume}: created and ready, took {took:.2f} seconds.",
            ),
            "cinder.attached": ("cinder.volume.manager", "INFO", "Volume {volume}: attached to {instance}."),
            "cinder.detached": ("cinder.volume.manager", "INFO", "Volume {volume}: detached from {instance}."),
            "cinder.deleted": ("cinder.volume.manager", "INFO", "Volume {volume}: deleted from backend {backend}."),
            "cinder.export": (
                "cinder.volume.targets.iscsi",
                "INFO",
                "Target iqn.2010-10.org.openstack:volume-{volume} exported on portal {portal}",
            ),
        },
    ),
    "heat.create": Route("heat-api", "POST", "/v1/{project}/stacks", 201, 340, 0.9),
    "heat.show": Route("heat-api", "GET", "/v1/{project}/stacks/{stack}", 200, 1900, 0.15),
    "heat.delete": Route("heat-api", "DELETE", "/v1/{project}/stacks/{stack}", 204, 120, 0.3),
    **messages(
        "heat-engine",
        {
            "heat.started": ("heat.engine.stack", "INFO", "Stack CREATE IN_PROGRESS ({stack_name}): creation begins"),
            "heat.resource": ("heat.engine.resource", "INFO", 'creating Server "{resource}" of Stack "{stack_name}"'),
            "heat.completed": (
                "heat.engine.stack",
                "INFO",
                "Stack CREATE COMPLETE ({stack_name}): creation has ended, took {took:.1f} seconds",
            ),
            "heat.deleting": ("heat.engine.stack", "INFO", "Stack DELETE IN_PROGRESS ({stack_name}): deletion begins"),
            "heat.deleted": ("heat.engine.stack", "INFO", "Stack DELETE COMPLETE ({stack_name}): deletion has ended"),
        },
    ),
    "keystone.not_found": Message(
        "keystone",
        "keystone.common.wsgi",
        "WARNING",
        "There is no user {client_name} here.: UserNotFound: There is no user {client_name} here.",
    ),
    "auth.cache": Message(
        "*",
        "keystonemiddleware.auth_token",
        "WARNING",
        "The in-process token cache is deprecated and goes away in a coming release; point memcached_servers at one.",
        Context.NONE,
    ),
}

LIFECYCLES: dict[str, Script] = {
    "token": (
        Step("keystone.versions"),
        Step("keystone.issue", 0.03),
        Step("keystone.validate", 0.5, repeat=(0, 2)),
    ),
    "lookup": (
        Step("keystone.issue"),
        Step("keystone.users", 0.2),
        Step("keystone.not_found", 0.01, chance=0.3),
        Step("keystone.projects", 0.2, chance=0.6),
    ),
    "image_upload": (
        Step("keystone.issue"),
        Step("glance.create", 0.2),
        Step("glance.upload", 0.3),
        Step("glance.show", 0.2),
    ),
    "image_delete": (Step("keystone.validate", 0.1), Step("glance.delete", 0.2)),
    "volume": (
        Step("keystone.validate", 0.1, chance=0.6),
        Step("cinder.create", 0.2, own=True),
        Step("cinder.scheduled", 0.1),
        Step("cinder.creating", 0.2, mark="volume"),
        Step("cinder.export", 1.2),
        Step("cinder.created", 0.3, since="volume"),
        Step("cinder.show", 1.0, repeat=(1, 2)),
    ),
    "volume_delete": (
        Step("cinder.delete", 0.2, own=True),
        Step("cinder.deleted", 1.5),
    ),
    "stack": (
        Step("keystone.issue"),
        Step("heat.create", 0.2, own=True),
        Step("heat.started", 0.2, mark="stack"),
        Step("heat.resource", 0.5),
        Step("fork server", 0.2),
        Step("heat.show", 8.0, repeat=(2, 4)),
        Step("heat.completed", 4.0, since="stack"),
    ),
    "stack_delete": (
        Step("heat.delete", 0.2, own=True),
        Step("heat.deleting", 0.2),
        Step("heat.deleted", 6.0),
    ),
}
