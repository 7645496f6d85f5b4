"""The event loop: state machines, periodic tasks and disturbances on one clock, their records in order.

Every activity is a generator that yields how many seconds it wants to sleep; only those that are under way are held,
so memory does not grow with the length of a scenario.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence
from heapq import heappop, heappush
from typing import Final, TypeAlias

from core.simulate.active import ActiveDisturbances, RunningDisturbance
from core.simulate.catalogue import CATALOGUE
from core.simulate.chance import Chance
from core.simulate.deployment import project_of
from core.simulate.disturbance import Action, Repeated
from core.simulate.emitter import Emitter
from core.simulate.foundations import ECHOES, balancer
from core.simulate.foundations.daemons import DAEMONS, FOUNDATIONS
from core.simulate.foundations.timers import ARRIVALS, Arrival
from core.simulate.lifecycles.compute import GIVE_UP
from core.simulate.machines import LIFECYCLES, STATE_MACHINES, StateMachine, Transition
from core.simulate.periodic import TASKS
from core.simulate.records import NORMAL, Label, Role, SimulatedRecord
from core.simulate.render import Renderer, common_time
from core.simulate.scenario import Planned, Scenario
from core.simulate.script import SAME, Route, Script, Step, Task, TaskHost
from core.simulate.subject import Fields, Subject, SubjectFactory

PATIENCE: Final = 240.0
"""Seconds after which a client stops waiting for a server."""
LONGEST_STRETCH: Final = 15.0
"""Largest factor of a growing back-off."""
DAILY_SWING: Final = 0.45
"""How far the load of the peak hour is above the day's mean."""

Process: TypeAlias = Generator[float, None, None]
"""An activity; it yields the seconds it wants to sleep."""
Playing: TypeAlias = Generator[float, None, Action | None]
"""A script being played; it returns what ended it early (FAIL or LOSE), or None."""


class Engine:
    """One cloud during a scenario."""

    def __init__(self, scenario: Scenario, plan: tuple[Planned, ...]) -> None:
        self._scenario = scenario
        self._deployment = scenario.deployment
        self._chance = Chance("engine", scenario.seed)
        self._daemons = self._chance.branch("daemons")
        renderer = Renderer(scenario.deployment)
        self._statements, self._calls = renderer.compile(CATALOGUE)
        self._absent = self._deployment.dialect.unlogged | {
            key for key, entry in CATALOGUE.items() if project_of(entry.service) not in {*self._deployment.services, ""}
        }
        self._active = ActiveDisturbances(CATALOGUE, self._chance.branch("active"))
        self._subjects = SubjectFactory(scenario, self._chance, self._daemons)
        self._emitter = Emitter(scenario, renderer, self._active)
        self._echoes = not FOUNDATIONS.isdisjoint(self._deployment.services)
        self._epoch = scenario.start.timestamp()
        self._start_hour = scenario.start.hour + scenario.start.minute / 60.0
        self._now = 0.0
        self._started = 0
        self._queue: list[tuple[float, int, Process]] = []
        for planned in plan:
            self._start(self._disturb(planned), planned.at)
        self._start_normal_life()

    def run(self) -> Iterator[SimulatedRecord]:
        """Yield all records, each at least a millisecond after the one before it."""
        records = self._emitter.records
        while self._queue and self._queue[0][0] < self._scenario.duration_s:
            self._now, _, process = heappop(self._queue)
            sleep = next(process, None)
            if sleep is not None:
                self._start(process, sleep)
            if records:
                yield from records
                records.clear()

    def _start(self, process: Process, delay: float = 0.0) -> None:
        self._started += 1
        heappush(self._queue, (self._now + delay, self._started, process))

    def _start_normal_life(self) -> None:
        deployment = self._deployment
        for name, rate in deployment.rates.items():
            machine = STATE_MACHINES[name]
            if machine.project in deployment.services:
                self._start(self._arrivals(machine, rate))
                self._settle(machine, rate * deployment.load)
        for name, task in TASKS.items():
            if task.project in deployment.services and (not task.extra or name in deployment.extra_tasks):
                for host in self._hosts_of(task):
                    for service in task.services:
                        chance = self._daemons if task.project in FOUNDATIONS else self._chance
                        first = self._until(task.at, task.every, chance) or chance.uniform(0.0, task.every)
                        self._start(self._repeat_task(name, task, host, service, chance), first)
        for arrival in ARRIVALS:
            if arrival.project in deployment.services:
                self._start(self._arrive(arrival))

    def _settle(self, machine: StateMachine, rate: float) -> None:
        """Start with about as many subjects of a kind as the cloud has on average."""
        if machine.dwell:
            state = max(machine.dwell, key=machine.dwell.__getitem__)
            for _ in range(round(rate * machine.dwell[state] / 3600.0)):
                process = self._run_machine(machine, self._subjects.user_subject(), state)
                self._start(process, self._chance.uniform(0.0, 1.5 * machine.dwell[state]))

    def _arrivals(self, machine: StateMachine, rate: float) -> Process:
        while True:
            yield self._chance.exponential(3600.0 / self._at_this_hour(rate))
            self._start(self._run_machine(machine, self._subjects.user_subject()))

    def _arrive(self, arrival: Arrival) -> Process:
        """Start the lifecycles of a daemon that come now and then."""
        deployment, chance = self._deployment, self._daemons
        rate = arrival.per_hour + arrival.per_compute * len(deployment.computes)
        while True:
            yield chance.exponential(3600.0 / self._at_this_hour(rate))
            host = chance.pick(deployment.hosts) if arrival.everywhere else deployment.controller
            self._start(self._live(arrival, self._subjects.daemon_subject(host)))

    def _live(self, arrival: Arrival, subject: Subject) -> Process:
        yield from self._play(LIFECYCLES[arrival.script], subject)
        if arrival.ends:
            yield subject.chance.lognormal(arrival.lasts, 0.8)
            names, weights = zip(*arrival.ends, strict=True)
            yield from self._play(LIFECYCLES[subject.chance.weighted(names, weights)], subject)

    def _at_this_hour(self, rate: float) -> float:
        """Return what a mean rate is now: the load changes with the hour and with disturbances."""
        hour = self._start_hour + self._now / 3600.0
        swing = 1.0 + DAILY_SWING * math.cos((hour - self._deployment.peak_hour) * math.pi / 12.0)
        return rate * self._deployment.load * self._active.load * swing

    def _hosts_of(self, task: Task) -> tuple[str, ...]:
        deployment = self._deployment
        places = {TaskHost.COMPUTE: deployment.computes, TaskHost.EVERY: deployment.hosts}
        return places.get(task.place, (deployment.controller,))

    def _repeat_task(self, name: str, task: Task, host: str, service: str, chance: Chance) -> Process:
        while True:
            subject = self._process(host, service, daemon=chance is self._daemons)
            if not self._active.silent(name, host, everywhere=task.place is TaskHost.CONTROLLER):
                yield from self._play(task.script, subject)
            pause = self._until(task.at, task.every, chance)
            yield pause or task.every * (1.0 + task.jitter * chance.uniform(-1.0, 1.0))

    def _until(self, at: float | None, every: float, chance: Chance) -> float:
        """Return the seconds until the clock is a little past `at`, 0 where a task does not run by the clock."""
        return 0.0 if at is None else (at - self._epoch - self._now) % every + chance.uniform(0.0, 0.8)

    def _process(self, host: str, service: str = "", *, daemon: bool) -> Subject:
        make = self._subjects.daemon_subject if daemon else self._subjects.process_subject
        return make(host, service)

    def _run_machine(self, machine: StateMachine, subject: Subject, state: str = "new") -> Process:
        while True:
            transitions = machine.transitions[state]
            chosen = self._chance.weighted(transitions, [transition.weight for transition in transitions])
            subject.request = self._subjects.request()
            subject.building = chosen.lifecycle == "boot"
            ended = yield from self._play(LIFECYCLES[chosen.lifecycle], subject)
            state = _next_state(chosen, ended, created="created" in subject.marks)
            if state == "given_up" and subject.lost:
                yield PATIENCE
                yield from self._play(GIVE_UP, subject, subject.lost)
            subject.building = False
            if state == "gone":
                return
            yield self._chance.lognormal(machine.dwell.get(state, 1.0), 0.6)

    def _run_script(self, script: Script, subject: Subject) -> Process:
        yield from self._play(script, subject)

    def _poll(self, subject: Subject) -> Process:
        while subject.building:
            yield from self._call(Step("nova.show"), subject, subject.label)
            yield self._chance.lognormal(4.0, 0.3)

    def _disturb(self, planned: Planned) -> Process:
        disturbance = planned.disturbance
        running = self._active.begin(planned)
        self._emitter.renew(disturbance.restarts)
        for repeated in disturbance.repeats:
            chance = self._daemons if _of_daemons(repeated.script) else self._chance
            for service in repeated.services:
                delay = repeated.first + chance.uniform(0.0, 0.3)
                self._start(self._repeat_script(repeated, service, running, chance), delay)
        label = NORMAL if planned.is_incident else running.label(Role.NONE)
        for name, count in disturbance.provokes:
            for _ in range(count):
                subject = self._subjects.user_subject("" if disturbance.on_controller else planned.host, label)
                machine = STATE_MACHINES.get(name)
                process = (
                    self._run_machine(machine, subject) if machine else self._run_script(LIFECYCLES[name], subject)
                )
                self._start(process, self._chance.uniform(0.5, max(1.0, min(40.0, planned.lasts / 3.0))))
        yield planned.lasts
        self._active.end(running)
        for script, services in disturbance.recoveries:
            for service in services:
                host = planned.host or self._deployment.controller
                subject = self._process(host, service, daemon=_of_daemons(script))
                yield from self._play(script, subject, running.label(Role.RECOVERY))

    def _repeat_script(self, repeated: Repeated, service: str, running: RunningDisturbance, chance: Chance) -> Process:
        host, label, stretch = running.planned.host, running.label(repeated.role), 1.0
        for _ in range(repeated.times):
            if not self._active.is_active(running):
                return
            if repeated.users:
                subject = self._subjects.user_subject(host)
                subject.fields["service"] = service
            else:
                subject = self._process(host, service, daemon=chance is self._daemons)
            interval = chance.uniform(*repeated.every) * stretch
            subject.fields.update(interval=math.ceil(interval))
            yield from self._play(repeated.script, subject, label)
            yield interval
            stretch = min(stretch * repeated.growth, LONGEST_STRETCH)

    def _play(self, script: Sequence[Step], subject: Subject, label: Label | None = None) -> Playing:
        """Run a script; effects do not apply to one with its own label."""
        for step in script:
            if step.key in self._absent or not subject.chance.happens(step.chance):
                continue
            for number in range(subject.chance.whole(*step.repeat)):
                if number and subject.chance is self._daemons and isinstance(subject.fields, Fields):
                    subject.fields.renew()
                ended = yield from self._step(step, subject, label)
                if ended is not None:
                    return ended
        return None

    def _step(self, step: Step, subject: Subject, label: Label | None) -> Playing:
        wait = subject.chance.lognormal(step.after, step.spread) * self._deployment.latency
        slowness = 1.0
        active = self._active.on(step.key, subject, self._now) if label is None else None
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
                slowness = subject.chance.uniform(*effect.factor)
        yield wait * slowness
        yield from self._do(step, subject, label or subject.label, slowness)
        return None

    def _do(self, step: Step, subject: Subject, label: Label, slowness: float) -> Process:
        if step.mark:
            subject.marks[step.mark] = self._now
        if step.since:
            subject.fields["took"] = self._now - subject.marks.get(step.since, self._now)
        if step.key.startswith("fork "):
            machine = STATE_MACHINES.get(step.key.removeprefix("fork "))
            self._start(self._run_machine(machine, self._subjects.user_subject()) if machine else self._poll(subject))
        elif step.key in self._calls:
            yield from self._call(step, subject, label, slowness)
        else:
            self._emitter.emit(self._statements[step.key], subject, self._now, label)
        if self._echoes and step.key in ECHOES:
            self._start(self._run_script(ECHOES[step.key], self._subjects.echo_subject(subject)))

    def _call(self, step: Step, subject: Subject, label: Label, slowness: float = 1.0) -> Process:
        call = self._calls[step.key]
        route = call.route
        request = subject.request if step.own else self._subjects.request()
        tenant = self._subjects.caller(route.service) if route.internal else subject.tenant
        for statement in call.received:
            self._emitter.emit(statement, subject, self._now, label, request=request, tenant=tenant)
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
            self._emitter.emit(statement, subject, self._now, label, request=request, tenant=tenant)
        if self._echoes:
            self._echo_call(route, subject, label)

    def _echo_call(self, route: Route, subject: Subject, label: Label) -> None:
        """Write what the load balancer and the web server before a service log of a call that was answered."""
        echo, fields = self._subjects.echo_subject(subject), subject.fields
        queued = 0.0
        balanced = label
        active = self._active.on(balancer.REQUEST, echo, self._now)
        if active is not None:
            balanced = active.label()
            queued = self._daemons.uniform(*active.effect.factor)
        status = int(fields["status"])
        echo.fields.update(
            balancer.request_fields(
                self._daemons,
                route.service,
                str(fields["server"]),
                replied=self._epoch + self._now,
                latency=float(fields["latency"]),
                queued=queued,
                status=status,
            ),
            method=route.method,
            called=route.path.format_map(echo.fields),
        )
        if balancer.ACCESS not in self._absent and route.service == "keystone" and status != 503:
            self._emitter.emit(self._statements[balancer.ACCESS], echo, self._now, label)
        if balancer.REQUEST not in self._absent:
            self._emitter.emit(self._statements[balancer.REQUEST], echo, self._now, balanced)


def _of_daemons(script: Script) -> bool:
    """Return whether a script is one of daemons; none mixes them with OpenStack's services."""
    return any(CATALOGUE[step.key].service in DAEMONS for step in script if step.key in CATALOGUE)


def _next_state(chosen: Transition, ended: Action | None, *, created: bool) -> str:
    if chosen.lifecycle != "boot" or ended is None:
        return chosen.state
    if ended is Action.LOSE:
        return "given_up"
    return "error" if created else "gone"


def _in_place_of(step: Step, other: Step) -> Step:
    return other._replace(key=step.key, own=step.own, since=step.since) if other.key == SAME else other
