"""The active disturbances of a cloud, and the steps that they affect."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from core.simulate.chance import Chance
from core.simulate.disturbance import ALL_SERVICES, Action, Effect
from core.simulate.records import NORMAL, Label, Role
from core.simulate.scenario import Planned
from core.simulate.subject import Subject


@dataclass(slots=True)
class ActiveEffect:
    """An effect while its disturbance lasts."""

    running: RunningDisturbance
    effect: Effect
    number: int
    victims: int = 0

    def label(self) -> Label:
        """Return the label of a record that it causes."""
        return self.running.label(self.effect.role)


@dataclass(slots=True)
class RunningDisturbance:
    """An active disturbance."""

    planned: Planned
    effects: list[ActiveEffect] = field(default_factory=list)

    def label(self, role: Role) -> Label:
        """Return the label of a record that it causes, in this role."""
        planned = self.planned
        if planned.is_incident:
            return Label(planned.id, planned.kind, None, role)
        return Label(None, None, planned.kind, Role.NONE)


class ActiveDisturbances:
    """All active disturbances."""

    def __init__(self, keys: Iterable[str], chance: Chance) -> None:
        self._keys = sorted(keys)
        self._chance = chance
        self._running: dict[tuple[str, str], RunningDisturbance] = {}
        self._by_key: dict[str, list[ActiveEffect]] = {}
        self._silent: list[Planned] = []
        self._number = 0
        self.load = 1.0
        """Factor on the rate at which state machines start."""
        self.debug: Label | None = None
        """The label of DEBUG records that are written only because of a disturbance."""
        self.clock = 0.0
        """Error of the clocks of all hosts, in seconds."""
        self.stepped = NORMAL
        """The label of the first record after the clock was changed."""

    def begin(self, planned: Planned) -> RunningDisturbance:
        """Start a disturbance."""
        running = RunningDisturbance(planned)
        for effect in planned.disturbance.effects:
            self._number += 1
            active = ActiveEffect(running, effect, self._number)
            running.effects.append(active)
            for key in self._keys:
                if any(fnmatchcase(key, pattern) for pattern in effect.on):
                    self._by_key.setdefault(key, []).append(active)
        self._running[planned.id, planned.kind] = running
        self._add_up()
        return running

    def end(self, running: RunningDisturbance) -> None:
        """End a disturbance."""
        del self._running[running.planned.id, running.planned.kind]
        for key in list(self._by_key):
            left = [active for active in self._by_key[key] if active.running is not running]
            if left:
                self._by_key[key] = left
            else:
                del self._by_key[key]
        self._add_up()

    def is_active(self, running: RunningDisturbance) -> bool:
        """Return whether it is still active."""
        return (running.planned.id, running.planned.kind) in self._running

    def on(self, key: str, subject: Subject, now: float = math.inf) -> ActiveEffect | None:
        """Return the effect on this step, if any; whether an effect hits a subject is decided once.

        `now` is in seconds from the start of the scenario.
        """
        for active in self._by_key.get(key, ()):
            if now < active.running.planned.at + active.effect.first:
                continue
            hit = subject.caught.get(active.number)
            if hit is None:
                hit = subject.caught[active.number] = self._catches(active, subject)
            if hit:
                return active
        return None

    def silent(self, service: str, host: str, *, everywhere: bool = False) -> bool:
        """Return whether a service or task logs nothing on this host, or wherever it runs."""
        for planned in self._silent:
            if planned.stopped in {service, ALL_SERVICES}:
                return True
            silences = planned.disturbance.silences
            if service in silences and (everywhere or host == planned.host):
                return True
            if ALL_SERVICES in silences and host == planned.host:
                return True
        return False

    def _catches(self, active: ActiveEffect, subject: Subject) -> bool:
        effect = active.effect
        if effect.action is Action.MARK:
            return any(subject.caught.get(other.number) for other in active.running.effects if other is not active)
        if effect.local and subject.host != active.running.planned.host:
            return False
        if active.victims >= effect.victims or not self._chance.happens(effect.share):
            return False
        active.victims += 1
        return True

    def _add_up(self) -> None:
        self.load, self.debug, self.clock = 1.0, None, 0.0
        active = (running.planned for running in self._running.values())
        self._silent = [planned for planned in active if planned.silences]
        for running in self._running.values():
            disturbance = running.planned.disturbance
            self.load *= disturbance.load
            self.clock += disturbance.clock
            if disturbance.clock:
                self.stepped = running.label(Role.CAUSE)
            if disturbance.debug:
                self.debug = running.label(Role.NONE)
