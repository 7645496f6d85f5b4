"""Incidents that begin in the message broker: a partition of its cluster, an alarm that blocks publishers."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ERRORS, UNSEEN, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Message, Step, Traceback

REPORTING: Final = ("neutron-openvswitch-agent", "neutron-dhcp-agent", "neutron-l3-agent")

CATALOGUE: Catalogue = {
    "rpc.timeout_volume": Message(
        "cinder-volume",
        "oslo.service.loopingcall",
        "ERROR",
        "Periodic publication of capabilities failed: Timed out waiting for a reply to message ID {object}",
        Context.TASK,
        Traceback(
            (
                "oslo_service/loopingcall.py _run_loop: result = func(*self.args, **self.kw)",
                "cinder/manager.py _publish_service_capabilities: self.scheduler_rpcapi.update(context, self.host)",
            ),
            "oslo_messaging.exceptions.MessagingTimeout: Timed out waiting for a reply to message ID {object}",
        ),
    ),
    "rpc.missed": Message(
        "*",
        "oslo.messaging._drivers.impl_rabbit",
        "ERROR",
        "[{object}] AMQP server {amqp}:5672 closed the connection. Check login credentials: Socket closed",
        Context.TASK,
    ),
}

_CLIENTS: Final = ("nova-compute", "nova-conductor", "neutron-server", "neutron-openvswitch-agent", "cinder-volume")
_TIMEOUTS: Final = (
    Repeated((Step("rpc.timeout_agent"),), (28.0, 45.0), 62.0, services=REPORTING, role=Role.SYMPTOM),
    Repeated((Step("rpc.timeout_compute"),), (55.0, 65.0), 66.0, role=Role.SYMPTOM),
    Repeated((Step("rpc.timeout_volume"),), (55.0, 65.0), 70.0, role=Role.SYMPTOM),
)
"""Replies are awaited for a minute: nothing shows in OpenStack before."""
_NO_REPLY: Final = (
    Effect(("scheduler.request", "placement.candidates"), Action.FAIL, (Step("rpc.timeout", 60.0, 0.02),)),
)

INCIDENTS: Final = (
    Disturbance(
        "broker_partition",
        "The message broker's cluster falls apart: mirrors die, clients are dropped, and calls get no reply",
        ERRORS,
        (240.0, 480.0),
        repeats=(
            Repeated(
                (
                    Step("rabbitmq.node_down"),
                    Step("rabbitmq.tick", 0.01),
                    Step("rabbitmq.mirror_down", 0.05, repeat=(4, 12)),
                    Step("rabbitmq.partial", 2.0, chance=0.4),
                    Step("rabbitmq.partition", 4.0),
                    Step("rabbitmq.minority", 0.5, chance=0.5),
                ),
                times=1,
            ),
            Repeated((Step("rabbitmq.partition"),), (55.0, 90.0), 50.0),
            Repeated((Step("rabbitmq.missed"),), (4.0, 20.0), 30.0),
            Repeated((Step("rpc.missed"),), (30.0, 60.0), 32.0, services=_CLIENTS, role=Role.SYMPTOM),
            *_TIMEOUTS,
        ),
        effects=_NO_REPLY,
        provokes=(("server", 2),),
        on_controller=True,
        recovery_of_daemons=(
            Step("rabbitmq.node_up", 0.5),
            Step("rabbitmq.rabbit_up", 2.0),
            Step("rabbitmq.synced", 0.3, repeat=(3, 8)),
        ),
        recovery=(Step("amqp.back", 0.5),),
        recovery_services=_CLIENTS,
        needs=frozenset({"rabbitmq"}),
    ),
    Disturbance(
        "broker_memory",
        "The message broker is out of memory and blocks all who publish: calls and reports time out",
        UNSEEN,
        (240.0, 480.0),
        repeats=(
            Repeated((Step("rabbitmq.memory_set"), Step("rabbitmq.memory_alarm", 0.002)), times=1),
            Repeated((Step("rabbitmq.memory_set"),), (30.0, 90.0), 40.0),
            *_TIMEOUTS,
        ),
        effects=_NO_REPLY,
        provokes=(("server", 2),),
        on_controller=True,
        recovery_of_daemons=(Step("rabbitmq.memory_clear", 0.2), Step("rabbitmq.memory_cleared", 0.002)),
        needs=frozenset({"rabbitmq"}),
    ),
)
