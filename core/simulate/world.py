"""The clockwork: lives, periodic tasks and disturbances take turns on one clock, and what they say comes out in order.

Every activity is a generator that yields how many seconds it wants to sleep; only those that are under way are held,
so memory does not grow with the length of a scenario.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from heapq import heappop, heappush
from typing import Final, TypeAlias

from core.simulate.catalogue import CATALOGUE
from core.simulate.chance import Chance
from core.simulate.deployment import project_of
from core.simulate.disturbance import Action, Chorus
from core.simulate.influence import Influence, Running
from core.simulate.lifecycles.compute import GIVE_UP
from core.simulate.lives import LIFECYCLES, LIVES, Life, Turn
from core.simulate.periodic import TASKS, Place, Task
from core.simulate.records import NORMAL, Label, Role, SimulatedRecord
from core.simulate.render import Renderer, common_time
from core.simulate.scenario import Planned, Scenario
from core.simulate.script import SAME, Step
from core.simulate.subject import Subject
from core.simulate.voice import Voice

PATIENCE: Final = 240.0
"""Seconds after which a client gives up on a server that does not come."""
LONGEST_STRETCH: Final = 15.0
"""Factor at which a growing back-off stays."""
DAILY_SWING: Final = 0.45
"""How far the load of the peak hour is above the day's mean."""

Process: TypeAlias = Generator[float, None, None]
"""An activity; it yields the seconds it wants to sleep."""
Playing: TypeAlias = Generator[float, None, Action | None]
"""A script being played; it returns what ended it early (FAIL or LOSE), or None."""


class World:
    """One cloud while a scenario lasts."""

    def __init__(self, scenario: Scenario, plan: tuple[Planned, ...]) -> None:
        self._scenario = scenario
        self._deployment = scenario.deployment
        self._chance = Chance("world", scenario.seed)
        renderer = Renderer(scenario.deployment)
        self._statements, self._calls = renderer.compile(CATALOGUE)
        self._absent = self._deployment.dialect.unsaid | {
            key for key, entry in CATALOGUE.items() if project_of(entry.service) not in {*self._deployment.services, ""}
        }
        self._influence = Influence(CATALOGUE, self._chance.branch("influence"))
        self._voice = Voice(scenario, renderer, self._influence)
        self._epoch = scenario.start.timestamp()
        self._start_hour = scenario.start.hour + scenario.start.minute / 60.0
        self._now = 0.0
        self._turn = 0
        self._queue: list[tuple[float, int, Process]] = []
        for planned in plan:
            self._start(self._disturb(planned), planned.at)
        self._start_normal_life()

    def run(self) -> Iterator[SimulatedRecord]:
        """Yield all records, each at least a millisecond after the one before it."""
        said = self._voice.said
        while self._queue and self._queue[0][0] < self._scenario.duration_s:
            self._now, _, process = heappop(self._queue)
            sleep = next(process, None)
            if sleep is not None:
                self._start(process, sleep)
            if said:
                yield from said
                said.clear()

    def _start(self, process: Process, delay: float = 0.0) -> None:
        self._turn += 1
        heappush(self._queue, (self._now + delay, self._turn, process))

    def _start_normal_life(self) -> None:
        deployment = self._deployment
        for name, rate in deployment.rates.items():
            life = LIVES[name]
            if life.project in deployment.services:
                self._start(self._arrivals(life, rate))
                self._settle(life, rate * deployment.load)
        for name, task in TASKS.items():
            if task.project in deployment.services and (not task.extra or name in deployment.extra_tasks):
                for host in deployment.computes if task.place is Place.COMPUTE else (deployment.controller,):
                    for service in task.services:
                        self._start(self._repeat(task, host, service), self._chance.uniform(0.0, task.every))

    def _settle(self, life: Life, rate: float) -> None:
        """Begin with about as many things of a kind as the cloud holds at any moment."""
        if life.dwell:
            state = max(life.dwell, key=life.dwell.__getitem__)
            for _ in range(round(rate * life.dwell[state] / 3600.0)):
                process = self._live(life, self._voice.subject(), state)
                self._start(process, self._chance.uniform(0.0, 1.5 * life.dwell[state]))

    def _arrivals(self, life: Life, rate: float) -> Process:
        while True:
            hour = self._start_hour + self._now / 3600.0
            swing = 1.0 + DAILY_SWING * math.cos((hour - self._deployment.peak_hour) * math.pi / 12.0)
            yield self._chance.exponential(3600.0 / (rate * self._deployment.load * self._influence.load * swing))
            self._start(self._live(life, self._voice.subject()))

    def _repeat(self, task: Task, host: str, service: str) -> Process:
        while True:
            yield from self._play(task.script, self._voice.process(host, service))
            yield task.every * (1.0 + task.jitter * self._chance.uniform(-1.0, 1.0))

    def _live(self, life: Life, subject: Subject, state: str = "new") -> Process:
        while True:
            turns = life.turns[state]
            turn = self._chance.weighted(turns, [turn.weight for turn in turns])
            boots = turn.lifecycle == "boot"
            subject.request = self._voice.request()
            subject.building = boots
            ended = yield from self._play(LIFECYCLES[turn.lifecycle], subject)
            state = _state_after(turn, ended, created="created" in subject.marks)
            if state == "given_up" and subject.lost:
                yield PATIENCE
                yield from self._play(GIVE_UP, subject, subject.lost)
            subject.building = False
            if state == "gone":
                return
            yield self._chance.lognormal(life.dwell.get(state, 1.0), 0.6)

    def _once(self, lifecycle: str, subject: Subject) -> Process:
        yield from self._play(LIFECYCLES[lifecycle], subject)

    def _poll(self, subject: Subject) -> Process:
        while subject.building:
            yield from self._call(Step("nova.show"), subject, subject.label)
            yield self._chance.lognormal(4.0, 0.3)

    def _disturb(self, planned: Planned) -> Process:
        disturbance = planned.disturbance
        running = self._influence.begin(planned)
        self._voice.renew(disturbance.restarts)
        for chorus in disturbance.chorus:
            for service in chorus.services:
                self._start(self._sing(chorus, service, running), chorus.first + self._chance.uniform(0.0, 0.3))
        label = NORMAL if planned.is_incident else running.label(Role.NONE)
        for name, count in disturbance.provokes:
            for _ in range(count):
                subject = self._voice.subject(planned.host, label)
                process = self._live(LIVES[name], subject) if name in LIVES else self._once(name, subject)
                self._start(process, self._chance.uniform(0.5, max(1.0, min(40.0, planned.lasts / 3.0))))
        yield planned.lasts
        self._influence.end(running)
        for service in disturbance.recovery_services:
            subject = self._voice.process(planned.host, service=service)
            yield from self._play(disturbance.recovery, subject, running.label(Role.RECOVERY))

    def _sing(self, chorus: Chorus, service: str, running: Running) -> Process:
        label = running.label(chorus.role)
        stretch = 1.0
        for _ in range(chorus.times):
            if not self._influence.lasts(running):
                return
            host = running.planned.host
            subject = self._voice.subject(host) if chorus.users else self._voice.process(host)
            interval = self._chance.uniform(*chorus.every) * stretch
            subject.fields.update(service=service, interval=math.ceil(interval))
            yield from self._play(chorus.script, subject, label)
            yield interval
            stretch = min(stretch * chorus.growth, LONGEST_STRETCH)

    def _play(self, script: Sequence[Step], subject: Subject, label: Label | None = None) -> Playing:
        """Play a script; one that is played under a label of its own is beyond the reach of effects."""
        for step in script:
            if step.key in self._absent or not self._chance.happens(step.chance):
                continue
            for _ in range(self._chance.whole(*step.repeat)):
                ended = yield from self._step(step, subject, label)
                if ended is not None:
                    return ended
        return None

    def _step(self, step: Step, subject: Subject, label: Label | None) -> Playing:
        wait = self._chance.lognormal(step.after, step.spread) * self._deployment.latency
        slowness = 1.0
        active = self._influence.on(step.key, subject) if label is None else None
        if active is not None:
            effect = active.effect
            if effect.action is Action.LOSE:
                subject.lost = active.label()
                return Action.LOSE
            if effect.action in {Action.FAIL, Action.ADD}:
                yield wait
                yield from self._play([_in_place_of(step, other) for other in effect.script], subject, active.label())
                if effect.action is Action.FAIL:
                    return Action.FAIL
            else:
                label = active.label()
                slowness = self._chance.uniform(*effect.factor)
        yield wait * slowness
        yield from self._do(step, subject, label or subject.label, slowness)
        return None

    def _do(self, step: Step, subject: Subject, label: Label, slowness: float) -> Process:
        if step.mark:
            subject.marks[step.mark] = self._now
        if step.since:
            subject.fields["took"] = self._now - subject.marks.get(step.since, self._now)
        if step.key.startswith("fork "):
            name = step.key.removeprefix("fork ")
            self._start(self._poll(subject) if name == "poll" else self._live(LIVES[name], self._voice.subject()))
        elif step.key in self._calls:
            yield from self._call(step, subject, label, slowness)
        else:
            self._voice.say(self._statements[step.key], subject, self._now, label)

    def _call(self, step: Step, subject: Subject, label: Label, slowness: float = 1.0) -> Process:
        call = self._calls[step.key]
        route = call.route
        request = subject.request if step.own else self._voice.request()
        tenant = self._voice.caller(route.service) if route.internal else subject.tenant
        for statement in call.received:
            self._voice.say(statement, subject, self._now, label, request=request, tenant=tenant)
        latency = self._chance.lognormal(route.latency, route.spread) * self._deployment.latency * slowness
        yield latency
        status = step.status or route.status
        usual = status == route.status
        subject.fields.update(
            status=status,
            length=round(self._chance.lognormal(route.size, 0.08)) if usual else 120 + len(route.path),
            latency=latency,
            common_time=common_time(self._epoch + self._now),
        )
        for statement in call.replied:
            self._voice.say(statement, subject, self._now, label, request=request, tenant=tenant)


def _state_after(turn: Turn, ended: Action | None, *, created: bool) -> str:
    if turn.lifecycle != "boot" or ended is None:
        return turn.state
    if ended is Action.LOSE:
        return "given_up"
    return "error" if created else "gone"


def _in_place_of(step: Step, other: Step) -> Step:
    return other._replace(key=step.key, own=step.own) if other.key == SAME else other
