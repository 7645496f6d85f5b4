"""Disturbances of a cloud, as data: incidents, and unusual events that are not anomalous."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.simulate.records import Role
from core.simulate.script import Catalogue, Entry, Script

ERRORS: Final = ("severe", "new_template", "failure_words", "error_share")
UNSEEN: Final = ("new_template", "failure_words", "warning", "template_surprisal", "new_transition")
STATUS: Final = ("status_surprisal", "new_template", "server_error_share", "severe", "warning")
BURST: Final = ("burst", "rate_ratio", "new_template")
LATENCY: Final = ("latency_z", "mean_latency_z", "stage_z")
DURATION: Final = ("duration_z", "stage_z", "instance_gap")
STAGE: Final = ("stage_z", "instance_gap", "request_gap", "new_transition", "overdue_requests", "new_template")
SILENCE: Final = ("silence", "service_gap", "new_template", "warning")
CLOCK: Final = ("stream_gap", "clock", "service_gap", "new_template", "warning")
"""Features and rules that name a cause of a certain nature, the best one first."""


ALL_SERVICES: Final = "*"
"""In `silences`: every service of the host."""


class Action(StrEnum):
    """The change that an effect makes to a step."""

    SLOW = "slow"
    """The wait before it and its latency grow."""
    FAIL = "fail"
    """The effect's script replaces it and the lifecycle fails."""
    LOSE = "lose"
    """The lifecycle ends there without a log line."""
    MARK = "mark"
    """It is logged as usual, but belongs to the incident for a subject that was hit before."""
    ADD = "add"
    """The effect's script runs first, then the step."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What happens to certain steps while a disturbance lasts."""

    on: tuple[str, ...]
    """Shell patterns over step keys."""
    action: Action
    script: Script = ()
    factor: tuple[float, float] = (1.0, 1.0)
    """Bounds of the factor of SLOW."""
    share: float = 1.0
    """Share of the subjects that are hit."""
    victims: int = 1_000_000
    """Largest number of subjects that are hit."""
    local: bool = False
    """Only steps on the compute host of the disturbance."""
    first: float = 0.0
    """Seconds from onset to its beginning."""
    role: Role = Role.SYMPTOM


@dataclass(frozen=True, slots=True)
class Repeated:
    """A script that repeats while a disturbance lasts."""

    script: Script
    every: tuple[float, float] = (10.0, 10.0)
    """Bounds of the seconds between two repetitions."""
    first: float = 0.0
    """Seconds from onset to the first one."""
    growth: float = 1.0
    """Factor on the wait after each repetition (a retry's back-off); `{interval}` is the wait in seconds."""
    times: int = 1_000_000
    services: tuple[str, ...] = ("",)
    """Each of these logs it on its own; for messages whose service is `*`."""
    role: Role = Role.CAUSE
    users: bool = False
    """Each repetition is the request of a user, and not a process's own work."""


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One kind of disturbance."""

    name: str
    summary: str
    channels: tuple[str, ...] = ()
    """Features or rules that name the cause (see `core.schema`), the best one first; empty for a hard normal."""
    lasts: tuple[float, float] = (120.0, 300.0)
    """Bounds of its length in seconds."""
    repeats: tuple[Repeated, ...] = ()
    effects: tuple[Effect, ...] = ()
    provokes: tuple[tuple[str, int], ...] = ()
    """State machines and lifecycles that start while it lasts, and how many, so that it shows in the log."""
    silences: tuple[str, ...] = ()
    """Services that log nothing (on its host, where they run on several); `ALL_SERVICES` is all of the host."""
    stops: tuple[str, ...] = ()
    """Services or periodic tasks of which one stops on all hosts; `KIND:NAME` names it, else it is drawn."""
    on_controller: bool = False
    """It happens on the controller and not on a compute host."""
    restarts: tuple[str, ...] = ()
    """Services that get new process ids."""
    recovery: Script = ()
    recovery_services: tuple[str, ...] = ("",)
    recovery_of_daemons: Script = ()
    """The same of what OpenStack stands on, before `recovery`."""
    recovery_daemons: tuple[str, ...] = ("",)
    clock: float = 0.0
    """Seconds by which all hosts' clocks are wrong while it lasts."""
    load: float = 1.0
    """Factor on the load while it lasts."""
    debug: bool = False
    """DEBUG records are written while it lasts."""
    needs: frozenset[str] = frozenset()
    """Projects and foundations without which it cannot happen."""

    @property
    def recoveries(self) -> tuple[tuple[Script, tuple[str, ...]], ...]:
        """What is logged at its end: scripts, and the services that play each."""
        own = (self.recovery, self.recovery_services)
        return ((self.recovery_of_daemons, self.recovery_daemons), own) if self.recovery_of_daemons else (own,)


def registry(groups: Iterable[Iterable[Disturbance]]) -> dict[str, Disturbance]:
    """Return the disturbances by name; raises ValueError for a name used twice."""
    found: dict[str, Disturbance] = {}
    for disturbance in (disturbance for group in groups for disturbance in group):
        if disturbance.name in found:
            raise ValueError(f"disturbance name used twice: {disturbance.name}")
        found[disturbance.name] = disturbance
    return found


def merge(catalogues: Iterable[Catalogue]) -> Catalogue:
    """Return one catalogue of all; raises ValueError for a key used twice."""
    merged: dict[str, Entry] = {}
    for catalogue in catalogues:
        twice = merged.keys() & catalogue.keys()
        if twice:
            raise ValueError(f"catalogue keys used twice: {sorted(twice)}")
        merged.update(catalogue)
    return merged
