"""Incidents in front of the APIs: a backend without servers, a queue before it, a unit that does not start."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, LATENCY, STATUS, Action, Disturbance, Effect, Repeated
from core.simulate.foundations.balancer import REQUEST
from core.simulate.records import Role
from core.simulate.script import SAME, Catalogue, Context, Message, Step, Traceback

_UNAVAILABLE: Final = "No server is available to handle this request. (HTTP 503)"

CATALOGUE: Catalogue = {
    "neutron.notify_failed": Message(
        "neutron-server",
        "neutron.notifiers.nova",
        "ERROR",
        "Failed to notify nova on events: 503 Service Unavailable from http://{vip}:8774",
        Context.NONE,
    ),
    "image.unavailable": Message(
        "nova-compute",
        "nova.compute.manager",
        "ERROR",
        "[instance: {instance}] Instance failed to spawn: image {image} could not be read: HTTP 503",
        traceback=Traceback(
            (
                "nova/image/glance.py show: image = self._client.call(context, 2, 'get', args=(image_id,))",
                "glanceclient/common/http.py _handle_response: raise exc.from_response(response, content)",
            ),
            "glanceclient.exc.HTTPServiceUnavailable: " + _UNAVAILABLE,
        ),
    ),
}

_NO_SERVER: Final = (Step(SAME, 0.01, status=503),)
_NOVA: Final = (
    *("nova.list*", "nova.show", "nova.create", "nova.action", "nova.delete", "nova.flavors", "nova.limits"),
    *("nova.keypairs", "nova.attach", "nova.detach", "nova.event"),
)

INCIDENTS: Final = (
    Disturbance(
        "backend_down",
        "Nova's API stops to answer health checks: its backend is empty and clients get 503 from the load balancer",
        STATUS,
        (120.0, 300.0),
        repeats=(
            Repeated((Step("haproxy.down"), Step("haproxy.none", 0.001)), times=1, services=("nova_api",)),
            Repeated((Step("keepalived.script"),), times=1, first=4.0),
            Repeated((Step("neutron.notify_failed"),), (15.0, 40.0), 8.0, role=Role.SYMPTOM),
        ),
        effects=(Effect(_NOVA, Action.FAIL, _NO_SERVER),),
        silences=("nova-api",),
        provokes=(("browse", 3), ("server", 1)),
        on_controller=True,
        recovery_of_daemons=(Step("haproxy.up", 2.0),),
        recovery_daemons=("nova_api",),
        needs=frozenset({"haproxy"}),
    ),
    Disturbance(
        "balancer_queue",
        "The load balancer is at its limit: requests wait in its queue, while services answer as fast as ever",
        LATENCY,
        (180.0, 400.0),
        effects=(Effect((REQUEST,), Action.SLOW, factor=(1.5, 9.0), share=0.9, role=Role.CAUSE),),
        provokes=(("browse", 4),),
        on_controller=True,
        needs=frozenset({"haproxy"}),
    ),
    Disturbance(
        "unit_failed",
        "glance's unit does not start after its restart, until systemd gives up: its API is silent",
        ERRORS,
        (120.0, 300.0),
        repeats=(
            Repeated(
                (
                    Step("systemd.stopping"),
                    Step("systemd.stopped", 1.0),
                    Step("systemd.started", 0.2),
                    Step("systemd.exited", 1.5),
                    Step("systemd.failed", 0.01),
                    Step("systemd.scheduled", 0.1),
                    Step("systemd.started", 0.02),
                    Step("systemd.exited", 1.5),
                    Step("systemd.failed", 0.01),
                    Step("systemd.scheduled", 0.1),
                    Step("systemd.limit", 0.01),
                    Step("systemd.failed", 0.001),
                    Step("systemd.not_started", 0.001),
                ),
                times=1,
                services=("glance-api",),
            ),
            Repeated((Step("haproxy.down"), Step("haproxy.none", 0.001)), times=1, first=3.0, services=("glance_api",)),
        ),
        effects=(
            Effect(("glance.show",), Action.FAIL, (Step(SAME, 0.01, status=503), Step("image.unavailable", 0.3))),
            Effect(("glance.*",), Action.FAIL, _NO_SERVER),
        ),
        silences=("glance-api",),
        provokes=(("server", 2), ("image", 1)),
        on_controller=True,
        recovery_of_daemons=(Step("systemd.starting", 0.5), Step("systemd.started", 2.0)),
        recovery_daemons=("glance-api",),
        needs=frozenset({"linux"}),
    ),
)
