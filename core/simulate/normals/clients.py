"""Hard normals that clients bring: errors of their own, odd calls, more calls than usual."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import Disturbance, Repeated
from core.simulate.script import Catalogue, Context, Message, Route, Step, Traceback, messages

CATALOGUE: Catalogue = {
    "client.gone": Message(
        "nova-api",
        "eventlet.wsgi.server",
        "ERROR",
        "Client closed its connection before the reply was sent: [Errno 32] Broken pipe",
        Context.NONE,
        Traceback(
            (
                "eventlet/wsgi.py handle_one_response: write(b''.join(chunks))",
                "eventlet/greenio/base.py send: return self._send_loop(self.fd.send, data, flags)",
            ),
            "BrokenPipeError: [Errno 32] Broken pipe",
        ),
    ),
    **messages(
        "nova-api",
        {
            "client.conflict": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Cannot 'reboot' instance {instance} while it is in task_state deleting",
            ),
            "client.bad": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Invalid input for field/attribute flavorRef. Value: None.",
            ),
            "client.missing": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Instance {instance} could not be found.",
            ),
            "client.policy": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Policy doesn't allow os_compute_api:os-services to be performed.",
            ),
            "client.quota": (
                "nova.api.openstack.wsgi",
                "INFO",
                "HTTP exception thrown: Quota exceeded for ram: Requested 512000, but limit is 51200",
            ),
            "api.sort_keys": (
                "oslo_db.sqlalchemy.utils",
                "WARNING",
                "Unique keys are not among sort_keys. The sorting order may be unstable.",
            ),
            "api.unknown_event": (
                "nova.api.openstack.compute.server_external_events",
                "INFO",
                "Dropping event network-changed for unknown instance {instance}",
            ),
        },
    ),
    **messages(
        "neutron-server",
        {
            "neutron.not_found": (
                "neutron.api.v2.resource",
                "INFO",
                "show failed (client error): There is no such resource.",
            ),
            "neutron.in_use": (
                "neutron.api.v2.resource",
                "INFO",
                "delete failed (client error): Network {network} has ports in use, remove them first.",
            ),
        },
    ),
    **messages(
        "keystone",
        {
            "token.expired": (
                "keystone.common.wsgi",
                "WARNING",
                "Authorization failed. This token has expired, a new login is due. from {client}",
            ),
        },
    ),
    "scan.root": Route("nova-api", "GET", "/.env", 404, 90, 0.004),
    "scan.admin": Route("nova-api", "GET", "/admin/login.php", 404, 90, 0.004),
    "scan.neutron": Route("neutron-server", "GET", "/phpmyadmin/index.php", 404, 120, 0.004),
    "rare.groups": Route("nova-api", "GET", "/{v}/{project}/os-server-groups", 200, 210, 0.09),
    "rare.hypervisors": Route("nova-api", "GET", "/{v}/{project}/os-hypervisors/detail", 200, 3900, 0.3),
    "rare.console": Route("nova-api", "GET", "/{v}/{project}/os-simple-tenant-usage", 200, 2900, 0.6),
    "rare.qos": Route("neutron-server", "GET", "/v2.0/qos/policies", 200, 160, 0.1),
}

NORMALS: Final = (
    Disturbance(
        "client_gone",
        "A client hangs up before it has its reply: an ERROR that concerns nobody else",
        lasts=(5.0, 10.0),
        repeats=(Repeated((Step("client.gone"),), times=1),),
    ),
    Disturbance(
        "metadata_404",
        "Guests ask for metadata that they do not have",
        lasts=(30.0, 90.0),
        repeats=(
            Repeated(
                (Step("metadata.user_data", status=404), Step("metadata.openstack", 0.2, status=404)),
                (3.0, 9.0),
                users=True,
            ),
        ),
    ),
    Disturbance(
        "one_off_500",
        "A single request fails with 503 and works when tried again",
        lasts=(5.0, 10.0),
        repeats=(Repeated((Step("nova.list", status=503), Step("nova.list", 1.0)), times=1, users=True),),
    ),
    Disturbance(
        "conflict_409",
        "A client reboots what it has just deleted",
        lasts=(10.0, 40.0),
        repeats=(Repeated((Step("client.conflict"), Step("nova.action", 0.01, status=409)), (4.0, 15.0), users=True),),
    ),
    Disturbance(
        "bad_request",
        "A client sends what the API cannot read",
        lasts=(10.0, 40.0),
        repeats=(Repeated((Step("client.bad"), Step("nova.create", 0.01, status=400)), (4.0, 15.0), users=True),),
    ),
    Disturbance(
        "missing_server",
        "A client asks for servers that are long deleted",
        lasts=(10.0, 60.0),
        repeats=(Repeated((Step("client.missing"), Step("nova.show", 0.01, status=404)), (3.0, 12.0), users=True),),
    ),
    Disturbance(
        "policy_probe",
        "A client tries what its role does not allow",
        lasts=(10.0, 40.0),
        repeats=(Repeated((Step("client.policy"), Step("rare.groups", 0.01, status=403)), (4.0, 9.0), users=True),),
    ),
    Disturbance(
        "quota_probe",
        "A client asks for more than its quota, once or twice",
        lasts=(10.0, 30.0),
        repeats=(
            Repeated((Step("client.quota"), Step("nova.create", 0.01, status=403)), (6.0, 12.0), times=2, users=True),
        ),
    ),
    Disturbance(
        "network_in_use",
        "A client deletes a network that still has ports",
        lasts=(10.0, 30.0),
        repeats=(
            Repeated(
                (Step("neutron.in_use"), Step("neutron.delete_network", 0.01, status=409)),
                (6.0, 12.0),
                users=True,
            ),
        ),
    ),
    Disturbance(
        "missing_network",
        "A client looks networks up by name first, as many do: 404, then 200",
        lasts=(20.0, 60.0),
        repeats=(
            Repeated(
                (
                    Step("neutron.not_found"),
                    Step("neutron.subnets", 0.01, status=404),
                    Step("neutron.networks", 0.3),
                ),
                (4.0, 12.0),
                users=True,
            ),
        ),
    ),
    Disturbance(
        "token_expired",
        "A long-lived client's token expires and is renewed",
        lasts=(5.0, 15.0),
        repeats=(
            Repeated(
                (
                    Step("nova.list", status=401),
                    Step("token.expired", 0.02),
                    Step("keystone.issue", 0.2),
                    Step("nova.list", 0.2),
                ),
                times=1,
                users=True,
            ),
        ),
    ),
    Disturbance(
        "noisy_client",
        "One client polls without a pause",
        lasts=(60.0, 180.0),
        repeats=(Repeated((Step("nova.list"),), (0.2, 0.6), users=True),),
    ),
    Disturbance(
        "scan",
        "A scanner knocks at the public endpoints: 404s on paths that never were",
        lasts=(5.0, 15.0),
        repeats=(
            Repeated((Step("scan.root"), Step("scan.admin", 0.1), Step("scan.neutron", 0.1)), (1.0, 3.0), users=True),
        ),
    ),
    Disturbance(
        "rare_calls",
        "An administrator calls what nobody calls on other days",
        lasts=(20.0, 60.0),
        repeats=(
            Repeated(
                (
                    Step("rare.groups"),
                    Step("rare.hypervisors", 1.0),
                    Step("rare.console", 1.0),
                    Step("rare.qos", 1.0),
                ),
                (15.0, 30.0),
                users=True,
            ),
        ),
    ),
    Disturbance(
        "sort_warning",
        "A listing with an unusual sort key is warned of",
        lasts=(10.0, 40.0),
        repeats=(Repeated((Step("api.sort_keys"), Step("nova.list", 0.2)), (5.0, 15.0), users=True),),
    ),
    Disturbance(
        "late_events",
        "Events arrive for instances that were deleted meanwhile",
        lasts=(10.0, 30.0),
        repeats=(Repeated((Step("api.unknown_event"), Step("nova.event", 0.01, status=404)), (4.0, 9.0), users=True),),
    ),
)
