"""A simulated cloud: its hosts and services, its load and the format of its log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final, NamedTuple

from core.errors import UsageError
from core.simulate.chance import Chance
from core.simulate.dialects import RELEASES, Dialect
from core.simulate.foreign import foreign_dialect
from core.simulate.foundations.daemons import DAEMONS, FOUNDATIONS


class LogFormat(StrEnum):
    """Text format of a record."""

    OSLO = "oslo"
    """`2018-06-26 03:24:03.900 2586 INFO logger [context] message`."""
    ISO = "iso"
    """The same with `2018-06-26T03:24:03.900+00:00`."""
    SYSLOG = "syslog"
    """oslo's line behind `Jun 26 03:24:03 host service[pid]:`."""
    JSON = "json"
    """oslo's JSON formatter, one object a record."""


class LogLayout(StrEnum):
    """Files of the log."""

    MERGED = "merged"
    """One file, each line begins with the name of its service's file."""
    PER_SERVICE = "per_service"
    """A folder with one file per service."""
    HOST = "host"
    """A folder like /var/log of the host; one such folder a host where there are several."""


class Tenant(NamedTuple):
    """A user in a project."""

    user: str
    project: str
    domain: str


DAILY_RATES: Final[Mapping[str, float]] = {
    "server": 40.0,
    "browse": 150.0,
    "network": 3.0,
    "volume": 6.0,
    "token": 240.0,
    "lookup": 16.0,
    "image": 2.0,
    "stack": 1.5,
    "security_group": 4.0,
}
"""State machines (see `machines`) that start in an average hour."""


ALL_PROJECTS: Final = frozenset({"nova", "neutron", "cinder", "glance", "keystone", "heat", "placement"})
BEFORE_PLACEMENT: Final = frozenset({"juno", "kilo"})
"""Releases without claims by the scheduler."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """Everything that is constant during a scenario."""

    name: str
    dialect: Dialect
    controller: str
    computes: tuple[str, ...]
    tenants: tuple[Tenant, ...]
    services: frozenset[str] = ALL_PROJECTS
    """Projects and foundations that run; state machines and tasks of the others are left out."""
    rates: Mapping[str, float] = field(default_factory=lambda: DAILY_RATES)
    """State machines that start in an average hour, by name."""
    load: float = 1.0
    """Factor on all rates."""
    latency: float = 1.0
    """Factor on all waits and latencies."""
    peak_hour: float = 14.0
    """Hour of the day with most load."""
    log_format: LogFormat = LogFormat.OSLO
    layout: LogLayout = LogLayout.MERGED
    file_suffix: str = ".log"
    """What follows the service in the prefix of a merged line; `.log.1.2017-05-16_13:53:08` for a rotated file."""
    debug: bool = False
    extra_tasks: tuple[str, ...] = ()
    """Further periodic tasks, such as those of a custom service."""

    @classmethod
    def typical(cls, release: str = "pike", seed: int = 0) -> Deployment:
        """Return a small cloud of three compute hosts that logs to one merged file; UsageError for an unknown one."""
        if release not in RELEASES:
            raise UsageError(f"unknown release {release!r} ({', '.join(RELEASES)})")
        chance = Chance("typical", seed)
        return cls(
            name=f"typical-{release}",
            dialect=RELEASES[release],
            controller="ctl01",
            computes=("cmp01", "cmp02", "cmp03"),
            tenants=_tenants(chance, 5),
            services=_services(release),
        )

    @classmethod
    def varied(cls, seed: int) -> Deployment:
        """Return a cloud of a known release whose size, load, speed and verbosity depend on the seed."""
        chance = Chance("varied", seed)
        release = chance.pick(tuple(RELEASES))
        return cls(
            name=f"varied-{seed}",
            dialect=RELEASES[release],
            controller=chance.pick(("ctl01", "controller", "os-ctl-1.example.net", "node-1.lab")),
            computes=tuple(f"{chance.pick(('cmp', 'compute', 'hv-'))}{n:02}" for n in range(chance.whole(1, 6))),
            tenants=_tenants(chance, chance.whole(2, 9)),
            services=_services(release),
            rates=_vary(chance, DAILY_RATES),
            load=chance.lognormal(1.0, 0.4),
            latency=chance.lognormal(1.0, 0.4),
            peak_hour=chance.uniform(8, 20),
            layout=chance.weighted((LogLayout.MERGED, LogLayout.PER_SERVICE), (3, 1)),
            debug=chance.happens(0.12),
        )

    @classmethod
    def foreign(cls, seed: int) -> Deployment:
        """Return a cloud of other wording, services, formats and levels."""
        chance = Chance("foreign", seed)
        optional = ("heat", "cinder", "placement")
        return cls(
            name=f"foreign-{seed}",
            dialect=foreign_dialect(seed),
            controller=f"{chance.pick(('infra', 'mgmt', 'api'))}{chance.whole(1, 9)}.{chance.hexadecimal(4)}.local",
            computes=tuple(f"kvm-{chance.hexadecimal(4)}" for _ in range(chance.whole(1, 5))),
            tenants=_tenants(chance, chance.whole(2, 9)),
            services=frozenset({"nova", "neutron", "glance", "keystone"})
            | {service for service in optional if chance.happens(0.6)},
            rates=_vary(chance, DAILY_RATES),
            load=chance.lognormal(1.0, 0.5),
            latency=chance.lognormal(1.0, 0.6),
            peak_hour=chance.uniform(0, 24),
            log_format=chance.weighted(tuple(LogFormat), (5, 2, 2, 1)),
            file_suffix=chance.weighted((".log", ".log.1.2017-05-16_13:53:08"), (4, 1)),
            debug=chance.happens(0.25),
            extra_tasks=tuple(chance.sample(("octavia", "ceilometer", "magnum", "designate", "ironic", "manila"), 2)),
        )

    @property
    def hosts(self) -> tuple[str, ...]:
        """All hosts: the controller, and the compute hosts that are not the controller."""
        return (self.controller, *(host for host in self.computes if host != self.controller))

    def with_foundations(self) -> Deployment:
        """Return this cloud with what it stands on; a foreign one may lack what not every cloud has."""
        chance = Chance("foundations", self.name)
        foreign = self.name.startswith("foreign")
        absent = {name for name in _NOT_EVERYWHERE if foreign and chance.happens(0.35)}
        return replace(self, services=self.services | (FOUNDATIONS - absent))

    def on_one_host(self) -> Deployment:
        """Return this cloud on one host, controller and compute host in one, that logs as /var/log does."""
        return replace(self.with_foundations(), computes=(self.controller,), layout=LogLayout.HOST)


_NOT_EVERYWHERE: Final = ("apache", "haproxy", "keepalived", "memcached")

_PROJECTS: Final[Mapping[str, str]] = {
    "nova-placement-api": "placement",
    "cinder": "cinder",
    "heat": "heat",
    "neutron": "neutron",
}


def project_of(service: str) -> str:
    """Return the project or foundation that a service is part of, or nothing for one that every deployment has."""
    if service in DAEMONS:
        return DAEMONS[service].group
    return next((project for prefix, project in _PROJECTS.items() if service.startswith(prefix)), "")


def _tenants(chance: Chance, count: int) -> tuple[Tenant, ...]:
    return tuple(
        Tenant(
            chance.hexadecimal(32), chance.hexadecimal(32), chance.weighted(("default", chance.hexadecimal(32)), (3, 1))
        )
        for _ in range(count)
    )


def _services(release: str) -> frozenset[str]:
    return ALL_PROJECTS - {"placement"} if release in BEFORE_PLACEMENT else ALL_PROJECTS


def _vary(chance: Chance, rates: Mapping[str, float]) -> Mapping[str, float]:
    return {name: rate * chance.lognormal(1.0, 0.4) for name, rate in rates.items()}
