"""What foundations log in normal life besides what OpenStack makes them log: by the clock, and now and then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from core.simulate.script import Script, Step, Task, TaskHost

TASKS: Final[Mapping[str, Task]] = {
    "accounting": Task(
        (Step("systemd.accounting"), Step("systemd.accounting_ended", 0.05), Step("systemd.accounted", 0.002)),
        600.0,
        place=TaskHost.EVERY,
        project="linux",
        at=0.2,
    ),
    "cron_accounting": Task((Step("cron.accounting"),), 600.0, place=TaskHost.EVERY, project="linux", at=301.0),
    "cron_hourly": Task((Step("cron.hourly"),), 3600.0, place=TaskHost.EVERY, project="linux", at=1021.0),
    "cron_queues": Task((Step("cron.queues"),), 300.0, project="linux", at=1.0),
    "news": Task(
        (Step("systemd.messages"), Step("systemd.messages_ended", 0.3)),
        43_200.0,
        place=TaskHost.EVERY,
        project="linux",
        at=9_000.0,
    ),
    "upgrade_check": Task(
        (Step("systemd.apt"), Step("systemd.apt_ended", 14.0)),
        86_400.0,
        place=TaskHost.EVERY,
        project="linux",
        at=22_000.0,
    ),
    "rotation": Task(
        (Step("systemd.rotate"), Step("rsyslogd.rotated", 0.4), Step("systemd.rotated", 0.2)),
        86_400.0,
        place=TaskHost.EVERY,
        project="linux",
        at=0.5,
    ),
    "denied": Task((Step("kernel.denied"),), 300.0, 0.2, TaskHost.EVERY, "linux"),
    "switch_memory": Task((Step("vswitch.memory"),), 600.0, 0.02, TaskHost.EVERY, "openvswitch"),
    "database_probe": Task((Step("mariadb.probe"),), 120.0, 0.02, project="mariadb"),
}
"""By the name of the task."""


class Arrival(NamedTuple):
    """Something that comes now and then, more of it by day."""

    script: str
    """Name of the lifecycle."""
    project: str
    per_hour: float
    per_compute: float = 0.0
    """What each compute host adds to `per_hour`."""
    ends: tuple[tuple[str, float], ...] = ()
    """Lifecycles of which one ends it, with their weights."""
    lasts: float = 0.0
    """Median seconds until then."""
    everywhere: bool = False
    """On any host, and not on the controller alone."""


LIFECYCLES: Final[Mapping[str, Script]] = {
    "page_cleaner": (Step("mariadb.page_cleaner"),),
    "switch_wakeup": (Step("vswitch.wakeup", repeat=(1, 3)),),
}

ARRIVALS: Final = (
    Arrival("amqp_connect", "rabbitmq", 8.0, 4.0, (("amqp_close", 6.0), ("amqp_drop", 1.0)), 1500.0),
    Arrival("database_drop", "mariadb", 2.0, 0.5),
    Arrival("database_idle", "mariadb", 0.6),
    Arrival("page_cleaner", "mariadb", 0.3),
    Arrival("login", "linux", 1.0, 0.5, (("logout", 1.0),), 240.0, everywhere=True),
    Arrival("switch_wakeup", "openvswitch", 0.2, 0.4, everywhere=True),
    Arrival("cache_drop", "memcached", 0.3),
)
