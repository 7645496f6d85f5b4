"""Incidents of service processes and of their clocks: hangs, crashes, lost calls, floods of one message."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import (
    BURST,
    CLOCK,
    ERRORS,
    SILENCE,
    STAGE,
    Action,
    Disturbance,
    Effect,
    Repeated,
)
from core.simulate.records import Role
from core.simulate.script import Catalogue, Context, Message, Step, Traceback

CATALOGUE: Catalogue = {
    "process.killed": Message(
        "*", "oslo_service.service", "INFO", "Child {number} was killed by signal 9", Context.NONE
    ),
    "process.respawn": Message(
        "*",
        "oslo_service.service",
        "WARNING",
        "Forking too fast, sleeping before child {number} is started",
        Context.NONE,
    ),
    "process.crash": Message(
        "*",
        "oslo_service.service",
        "CRITICAL",
        "Unhandled error: MemoryError",
        Context.NONE,
        Traceback(
            (
                "oslo_service/service.py run_service: service.start()",
                "nova/service.py start: self.manager.init_host()",
                "nova/objects/base.py _from_db_object: values = [None] * count",
            ),
            "MemoryError",
        ),
    ),
    "clock.outlasted": Message(
        "*",
        "oslo.service.loopingcall",
        "WARNING",
        "Function 'report_state' ran past its interval by {number}.31 sec",
        Context.TASK,
    ),
    "clock.token": Message(
        "keystone",
        "keystone.common.wsgi",
        "WARNING",
        "Authorization failed. This token is not valid yet, issued in the future. from {client}",
    ),
    "burst.line": Message(
        "neutron-openvswitch-agent",
        "neutron.agent.linux.async_process",
        "WARNING",
        "Received a bad row from ovsdb monitor: unexpected column ofport for interface tap{port}",
        Context.TASK,
    ),
    "heartbeat.down": Message(
        "nova-scheduler",
        "nova.scheduler.filters.compute_filter",
        "WARNING",
        "({host}, {host}) has not been heard from for {number} seconds",
        Context.TASK,
    ),
    "heartbeat.up": Message(
        "nova-compute",
        "nova.servicegroup.drivers.db",
        "WARNING",
        "Recovered: the state of this service can be reported again.",
        Context.TASK,
    ),
}

INCIDENTS: Final = (
    Disturbance(
        "lost_heartbeat",
        "A compute service hangs: it logs nothing, and after a while the others call it down",
        SILENCE,
        (240.0, 480.0),
        repeats=(Repeated((Step("heartbeat.down"),), (40.0, 70.0), 75.0, role=Role.SYMPTOM),),
        effects=(Effect(("compute.*",), Action.LOSE, local=True),),
        provokes=(("server", 1),),
        silences=("nova-compute",),
        recovery=(Step("heartbeat.up"),),
    ),
    Disturbance(
        "message_loss",
        "Casts to one host vanish: builds stop midway and no service logs an error",
        STAGE,
        (200.0, 400.0),
        effects=(
            Effect(("compute.claim",), Action.LOSE, share=0.4, local=True),
            Effect(("compute.creating",), Action.LOSE, share=0.6, local=True),
            Effect(("compute.paused", "compute.terminating", "cinder.attached"), Action.LOSE, local=True),
        ),
        provokes=(("server", 2),),
    ),
    Disturbance(
        "service_crash",
        "A service's workers are killed and started again, over and over",
        ERRORS,
        (60.0, 150.0),
        repeats=(
            Repeated(
                (Step("process.crash"), Step("process.killed", 0.2), Step("process.respawn", 1.0)),
                (10.0, 20.0),
                services=("nova-conductor",),
            ),
        ),
    ),
    Disturbance(
        "time_jump",
        "The time server is wrong: all stamps jump ahead, heartbeats are late, and later they jump back",
        CLOCK,
        (60.0, 150.0),
        repeats=(
            Repeated((Step("clock.outlasted"),), (15.0, 25.0), 1.0, services=("nova-scheduler", "nova-conductor")),
            Repeated((Step("clock.token"),), (8.0, 20.0), 4.0, role=Role.SYMPTOM),
        ),
        clock=420.0,
    ),
    Disturbance(
        "log_burst",
        "One message repeats hundreds of times within seconds",
        BURST,
        (8.0, 20.0),
        repeats=(Repeated((Step("burst.line", 0.001),), (0.01, 0.06)),),
    ),
)
