"""Incidents that nothing logs: a service, a periodic task or a host that falls silent."""

from __future__ import annotations

from typing import Final

from core.simulate.disturbance import ALL_SERVICES, SILENCE, Action, Disturbance, Effect, Repeated
from core.simulate.records import Role
from core.simulate.script import Catalogue, Step

CATALOGUE: Catalogue = {}

_FOUNDATIONS: Final = frozenset({"linux"})
"""These kinds need no foundation; they are drawn only where foundations log too."""

SERVICES: Final = (
    *("keystone", "nova-api", "nova-conductor", "nova-scheduler", "nova-compute", "neutron-server"),
    *("neutron-openvswitch-agent", "neutron-dhcp-agent", "glance-api", "cinder-volume", "cinder-api"),
    *("rabbitmq", "mariadb", "haproxy", "libvirtd", "kernel", "systemd", "CRON"),
)
TIMERS: Final = ("resource_audit", "host_sync", "token_flush", "volume_stats", "dhcp_sync", "accounting", "cron_queues")

INCIDENTS: Final = (
    Disturbance(
        "service_stopped",
        "A service stops to log without a word and goes on later",
        SILENCE,
        (900.0, 2400.0),
        stops=SERVICES,
        needs=_FOUNDATIONS,
    ),
    Disturbance(
        "task_stopped",
        "One periodic task of a service is not run any more; the service itself goes on",
        SILENCE,
        (1200.0, 2400.0),
        stops=TIMERS,
        needs=_FOUNDATIONS,
    ),
    Disturbance(
        "all_stopped",
        "Nothing is logged any more, on any host, until it goes on",
        SILENCE,
        (900.0, 2400.0),
        stops=(ALL_SERVICES,),
        needs=_FOUNDATIONS,
    ),
    Disturbance(
        "host_silent",
        "A whole host falls silent; others miss its reports, and at last it is booted again",
        SILENCE,
        (600.0, 1500.0),
        repeats=(Repeated((Step("heartbeat.down"),), (40.0, 70.0), 75.0, role=Role.SYMPTOM),),
        effects=(Effect(("compute.*",), Action.LOSE, local=True),),
        silences=(ALL_SERVICES,),
        recovery_of_daemons=(Step("kernel.boot"), Step("kernel.boot_command", 0.001), Step("vswitch.starting", 9.0)),
        recovery=(Step("heartbeat.up", 12.0),),
        needs=_FOUNDATIONS,
    ),
)
