"""Incidents of identity, scheduling and the control plane's own connections."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import BURST, ERRORS, LATENCY, STATUS, UNSEEN, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback

_SESSION: Final = (
    "keystoneauth1/session.py request: reply = send(**named)",
    "keystoneauth1/session.py _send_request: raise translate(error)",
)

CATALOGUE: Catalogue = {
    "keystone.unauthorized": Message(
        "keystone",
        "keystone.common.wsgi",
        "WARNING",
        "Authorization failed. The request needs a valid login. from {unknown_client}",
    ),
    "token.rejected": Message(
        "*",
        "keystonemiddleware.auth_token",
        "WARNING",
        "Identity server rejected the authorization: token could not be validated",
        Context.NONE,
    ),
    "scheduler.none": Message(
        "nova-scheduler",
        "nova.filters",
        "INFO",
        "Filtering took all hosts away for the request with instance ID '{instance}'. Filter results: "
        "['ComputeFilter: (start: {hosts}, end: {hosts})', 'RamFilter: (start: {hosts}, end: 0)']",
    ),
    "conductor.no_host": Message(
        "nova-conductor",
        "nova.conductor.manager",
        "ERROR",
        "[instance: {instance}] Build failed in scheduling: NoValidHost: No valid host was found.",
        traceback=Traceback(
            (
                "nova/conductor/manager.py schedule_and_build_instances: hosts = self._schedule(context, specs)",
                "nova/scheduler/manager.py select_destinations: raise exception.NoValidHost(reason=reason)",
            ),
            "nova.exception.NoValidHost: No valid host was found. There are not enough hosts available.",
        ),
    ),
    "conductor.error_state": Message(
        "nova-conductor",
        "nova.scheduler.utils",
        "WARNING",
        "[instance: {instance}] Instance goes to ERROR state.: NoValidHost",
    ),
    "quota.exceeded": Message(
        "nova-api",
        "nova.quota",
        "WARNING",
        "Quota exceeded for {project}, tried to run 1 instance. Requested 1, but already used 10 of 10 instances",
    ),
    "quota.forbidden": Message(
        "nova-api",
        "nova.api.openstack.wsgi",
        "INFO",
        "HTTP exception thrown: Quota exceeded for instances: Requested 1, but already used 10 of 10 instances",
    ),
    "quota.network": Message(
        "neutron-server",
        "neutron.pecan_wsgi.hooks.translation",
        "INFO",
        "POST failed (client error): Quota exceeded for resources: ['port'].",
    ),
    "placement.conflict": Message(
        "nova-scheduler",
        "nova.scheduler.client.report",
        "WARNING",
        "[instance: {instance}] Allocation was not written: 409 resource provider generation conflict on {provider}",
    ),
    "placement.gave_up": Message(
        "nova-scheduler",
        "nova.scheduler.manager",
        "ERROR",
        "[instance: {instance}] Unable to claim resources on any candidate after 3 attempts",
    ),
    "certificate.failed": Message(
        "*",
        "keystoneauth.identity.generic.base",
        "WARNING",
        "Failed to discover available identity versions when contacting https://{vip}:5000. SSL exception: "
        "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate has expired",
        Context.TASK,
    ),
    "certificate.error": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] Network could not be allocated: SSLError on https://{vip}:9696",
        traceback=Traceback(
            ("nova/network/neutron.py allocate_for_instance: ports = client.list_ports(**search)", *_SESSION),
            "keystoneauth1.exceptions.connection.SSLFailure: SSL exception connecting to https://{vip}:9696: "
            "certificate verify failed: certificate has expired",
        ),
    ),
    "heat.failed": Message(
        "heat-engine",
        "heat.engine.resource",
        "ERROR",
        'CREATE : Server "{resource}" Stack "{stack_name}": ResourceInError: Went to status ERROR',
        traceback=Traceback(
            (
                "heat/engine/resource.py _action_recorder: yield",
                "heat/engine/resources/openstack/nova/server.py check_create_complete: self._check(server)",
            ),
            'heat.common.exception.ResourceInError: Went to status ERROR due to "Unknown"',
        ),
    ),
    "heat.stack_failed": Message(
        "heat-engine",
        "heat.engine.stack",
        "INFO",
        "Stack CREATE FAILED ({stack_name}): Resource CREATE failed: ResourceInError: resources.{resource}",
    ),
}

INCIDENTS: Final = (
    Disturbance(
        "token_burst",
        "Somebody tries logins by the hundred: keystone answers a burst of 401",
        BURST,
        (30.0, 90.0),
        repeats=(
            Repeated(
                (Step("keystone.issue", 0.01, status=401), Step("keystone.unauthorized", 0.02)), (0.1, 0.6), users=True
            ),
        ),
    ),
    Disturbance(
        "service_token_rejected",
        "The password of a service user was changed: its calls are rejected and requests fail with 401 and 500",
        UNSEEN,
        (90.0, 200.0),
        repeats=(
            Repeated(
                (Step("keystone.unauthorized"), Step("token.rejected", 0.05)),
                (6.0, 14.0),
                services=("nova-api", "glance-api"),
            ),
        ),
        effects=(
            Effect(("nova.create",), Action.FAIL, (Step(SAME, status=401),)),
            Effect(("nova.*", "glance.*"), Action.FAIL, (Step(SAME, status=401),), share=0.7),
        ),
        provokes=(("browse", 3), ("server", 1)),
    ),
    Disturbance(
        "no_valid_host",
        "The scheduler finds no host for new instances",
        ERRORS,
        (120.0, 300.0),
        effects=(
            Effect(
                ("scheduler.filtered", "placement.allocate"),
                Action.FAIL,
                (
                    Step("scheduler.none", 0.1),
                    Step("conductor.no_host", 0.1),
                    Step("conductor.error_state", 0.02),
                ),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 3),),
    ),
    Disturbance(
        "quota_exceeded",
        "Usage is counted wrong: every create of a project is refused",
        UNSEEN,
        (120.0, 300.0),
        effects=(
            Effect(
                ("nova.create",),
                Action.FAIL,
                (
                    Step("quota.exceeded", 0.2),
                    Step("quota.forbidden", 0.01),
                    Step(SAME, 0.01, status=403),
                ),
                role=Role.CAUSE,
            ),
            Effect(
                ("neutron.create_network", "neutron.create_floatingip"),
                Action.FAIL,
                (Step("quota.network", 0.2), Step(SAME, 0.01, status=409)),
            ),
        ),
        provokes=(("server", 4), ("network", 1)),
    ),
    Disturbance(
        "placement_conflict",
        "Allocations collide with each other: 409 from placement until the scheduler gives up",
        STATUS,
        (120.0, 240.0),
        effects=(
            Effect(
                ("placement.allocate",),
                Action.FAIL,
                (
                    Step("placement.allocate", 0.05, status=409),
                    Step("placement.conflict", 0.02),
                    Step("placement.allocate", 0.3, status=409),
                    Step("placement.conflict", 0.02),
                    Step("placement.allocate", 0.6, status=409),
                    Step("placement.gave_up", 0.1),
                    Step("conductor.error_state", 0.05),
                ),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("server", 2),),
        needs=frozenset({"placement"}),
    ),
    Disturbance(
        "certificate_expired",
        "A certificate has expired: services cannot talk to each other over TLS",
        UNSEEN,
        (120.0, 240.0),
        repeats=(
            Repeated(
                (Step("certificate.failed"),),
                (10.0, 20.0),
                services=("nova-compute", "cinder-volume", "neutron-server"),
            ),
        ),
        effects=(Effect(("neutron.create_port",), Action.FAIL, (Step("certificate.error", 0.3),)),),
        provokes=(("server", 1),),
    ),
    Disturbance(
        "slow_api",
        "An API answers ten times as slowly as usual, with nothing but 2xx",
        LATENCY,
        (180.0, 400.0),
        effects=(Effect(("nova.*",), Action.SLOW, factor=(8.0, 20.0), role=Role.CAUSE),),
        provokes=(("browse", 4),),
    ),
    Disturbance(
        "slow_network_api",
        "neutron-server answers many times as slowly as usual",
        LATENCY,
        (180.0, 400.0),
        effects=(Effect(("neutron.*",), Action.SLOW, factor=(8.0, 25.0), role=Role.CAUSE),),
        provokes=(("network", 1), ("server", 1)),
    ),
    Disturbance(
        "stack_failed",
        "Resources of stacks go to ERROR and the stacks fail",
        ERRORS,
        (150.0, 300.0),
        effects=(
            Effect(
                ("heat.completed",),
                Action.FAIL,
                (Step("heat.failed", 0.5), Step("heat.stack_failed", 0.3)),
                role=Role.CAUSE,
            ),
        ),
        provokes=(("stack", 2),),
        needs=frozenset({"heat"}),
    ),
)
