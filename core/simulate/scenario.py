"""A scenario: the deployment, the duration and the disturbances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from core.errors import UsageError
from core.simulate.chance import Chance
from core.simulate.deployment import Deployment, project_of
from core.simulate.disturbance import Disturbance
from core.simulate.foundations.daemons import FOUNDATIONS
from core.simulate.incidents import INCIDENTS
from core.simulate.normals import HARD_NORMALS
from core.simulate.periodic import TASKS

HELD_OUT_KINDS: Final = frozenset(
    {"certificate_expired", "dhcp_off", "slow_api", "log_burst", "libvirt_lost", "broker_memory", "link_flap"}
)
"""Incident kinds that no training scenario holds: errors between services, a silence, latency, a burst, a dead
dependency of one host, and two that begin below OpenStack. They measure a detector on unknown kinds of incidents."""

TRAINING_KINDS: Final = tuple(kind for kind in INCIDENTS if kind not in HELD_OUT_KINDS)

At = tuple[str, float]
"""A kind and its onset in seconds from the start; `service_stopped:keystone` says what stops."""

EARLIEST_SHARE: Final = 0.1
"""Share of the scenario before the first random incident, for ordinary operation first."""


class Planned(NamedTuple):
    """A disturbance with its time."""

    id: str
    kind: str
    at: float
    """Seconds from the start."""
    lasts: float
    host: str
    """Where a local disturbance happens; empty for one of all hosts."""
    is_incident: bool
    stopped: str = ""
    """The service or task that stops on all hosts, for a kind of `stops`."""

    @property
    def disturbance(self) -> Disturbance:
        """The disturbance."""
        return INCIDENTS[self.kind] if self.is_incident else HARD_NORMALS[self.kind]

    @property
    def silences(self) -> tuple[str, ...]:
        """The services and tasks that log nothing while it lasts."""
        return (*self.disturbance.silences, self.stopped) if self.stopped else self.disturbance.silences


@dataclass(frozen=True, slots=True)
class Scenario:
    """A period of operation of one cloud. Equal scenarios give equal logs, byte for byte."""

    seed: int = 0
    duration_s: float = 3600.0
    start: datetime = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
    deployment: Deployment = field(default_factory=Deployment.typical)
    incidents: Sequence[At] | str = ()
    """Kinds and onsets, or `random` for `incidents_per_hour` of `kinds`."""
    hard_normals: Sequence[At] | str = ()
    incidents_per_hour: float = 1.0
    hard_normals_per_hour: float = 2.0
    kinds: tuple[str, ...] = tuple(INCIDENTS)
    """The kinds of random incidents."""

    def plan(self) -> tuple[Planned, ...]:
        """Return the disturbances in order of onset; raises UsageError for one that is unknown or impossible here."""
        planned = [*self._plan("incident"), *self._plan("hard_normal")]
        return tuple(sorted(planned, key=lambda each: (each.at, each.id)))

    def _plan(self, sort: str) -> Iterator[Planned]:
        is_incident = sort == "incident"
        known = INCIDENTS if is_incident else HARD_NORMALS
        chance = Chance("plan", sort, self.seed)
        given = self.incidents if is_incident else self.hard_normals
        if isinstance(given, str):
            if given != "random":
                raise UsageError(f"{sort}s are a list of (kind, seconds) or 'random', not {given!r}")
            rate = self.incidents_per_hour if is_incident else self.hard_normals_per_hour
            given = self._draw(
                chance, self.kinds if is_incident else tuple(HARD_NORMALS), rate, known, apart=is_incident
            )
        for number, (named, at) in enumerate(given, 1):
            kind, _, stopped = named.partition(":")
            if kind not in known:
                raise UsageError(f"unknown {sort.replace('_', ' ')} {kind!r} ({', '.join(known)})")
            self._check(kind, known[kind], stopped)
            if not 0 <= at < self.duration_s:
                raise UsageError(f"{kind} at {at:g} s is outside the {self.duration_s:g} s of the scenario")
            host = chance.pick(self.deployment.computes)
            lasts = chance.uniform(*known[kind].lasts)
            if known[kind].on_controller:
                host = self.deployment.controller
            if known[kind].stops and not stopped:
                stopped = chance.branch("stopped", number).pick(self._stoppable(known[kind]))
            if stopped:
                host = ""
            yield Planned(f"{'i' if is_incident else 'n'}{number}", kind, at, lasts, host, is_incident, stopped)

    def _check(self, kind: str, disturbance: Disturbance, stopped: str) -> None:
        """Raise UsageError for a kind that cannot happen in this cloud."""
        missing = disturbance.needs & FOUNDATIONS - self.deployment.services
        if missing:
            raise UsageError(
                f"{kind} needs {', '.join(sorted(missing))}, which this cloud does not log: add the foundations"
            )
        if stopped and stopped not in self._stoppable(disturbance):
            raise UsageError(f"{kind} cannot stop {stopped!r} ({', '.join(self._stoppable(disturbance)) or 'nothing'})")

    def _stoppable(self, disturbance: Disturbance) -> tuple[str, ...]:
        """Return what of `stops` runs in this cloud."""
        running = {*self.deployment.services, ""}
        return tuple(
            name
            for name in disturbance.stops
            if {project_of(name), TASKS[name].project if name in TASKS else ""} <= running
        )

    def _draw(
        self, chance: Chance, kinds: Sequence[str], rate: float, known: Mapping[str, Disturbance], *, apart: bool
    ) -> list[At]:
        """Draw kinds and onsets; with `apart` the next comes only after the longest the one before may last."""
        possible = [kind for kind in kinds if known[kind].needs <= self.deployment.services]
        drawn: list[At] = []
        at = self.duration_s * EARLIEST_SHARE
        while possible and rate > 0:
            at += chance.exponential(3600.0 / rate)
            if at > self.duration_s * (1 - EARLIEST_SHARE):
                break
            kind = chance.pick(possible)
            drawn.append((kind, round(at, 3)))
            if apart:
                at += known[kind].lasts[1]
        return drawn


def training_scenarios(
    seed: int, count: int, *, duration_s: float = 3600.0, foundations: float = 0.0
) -> Iterator[Scenario]:
    """Yield varied scenarios for training: known and foreign deployments, healthy ones among them.

    No scenario holds a kind of `HELD_OUT_KINDS`. A fifth of them is healthy but for hard normals. In a share
    `foundations` of them, what OpenStack stands on logs too, and every third of those is one host that runs everything.
    """
    for number in range(count):
        chance = Chance("training", seed, number)
        own = chance.whole(0, 2**31)
        foreign = chance.happens(0.3)
        deployment = Deployment.foreign(own) if foreign else Deployment.varied(own)
        below = chance.branch("foundations")
        if below.happens(foundations):
            deployment = deployment.on_one_host() if below.happens(1 / 3) else deployment.with_foundations()
        yield Scenario(
            seed=own,
            duration_s=duration_s,
            start=datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.whole(0, 700 * 24 * 60)),
            deployment=deployment,
            incidents="random",
            hard_normals="random",
            incidents_per_hour=0.0 if chance.happens(0.2) else chance.uniform(1.0, 4.0),
            hard_normals_per_hour=chance.uniform(1.0, 6.0),
            kinds=TRAINING_KINDS,
        )
