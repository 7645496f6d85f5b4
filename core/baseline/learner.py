"""Healthy events in, a profile out."""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Final

from core.baseline.chains import Chains
from core.baseline.profile import Moments, Profile, Wait
from core.events import LogEvent
from core.templates import MessageFacts

_RUN_SECONDS: Final = 900.0
"""A stretch of log that has no end of its own counts as one run every 15 minutes."""


class Learner:
    """Learns one profile from a stream of events of a healthy deployment.

    Feed the events in the order of their time. `end_run` closes a stretch of log: rarity counts over runs, and chains
    do not reach from one into the next.
    """

    def __init__(self, name: str) -> None:
        self.profile = Profile(name)
        self._run_started: float | None = None
        self._begin_run()

    def _begin_run(self) -> None:
        self._chains = Chains()
        self._seen: set[tuple[str, int]] = set()
        self._services: set[str] = set()
        self._minute: dict[tuple[str, int], tuple[int, int]] = {}
        self._clock = 0.0

    def learn(self, event: LogEvent, facts: MessageFacts) -> None:
        """Take in one event."""
        profile = self.profile
        at = event.timestamp if event.timestamp is not None else self._clock
        if self._run_started is None:
            self._run_started = at
        elif at - self._run_started > _RUN_SECONDS:
            self.end_run(chains=False)
            self._run_started = at
        self._clock = max(self._clock, at)
        service, template = event.service, facts.template
        key = (service, template.id)
        if key not in self._seen:
            self._seen.add(key)
            profile.template_runs.setdefault(service, Counter())[template.id] += 1
            profile.stems.setdefault(service, set()).add(template.prefix_hash)
        self._services.add(service)
        profile.service_events[service] += 1
        profile.template_events.setdefault(service, Counter())[template.id] += 1
        profile.words.update(template.words)
        profile.messages += 1
        self._count_minute(key, int(at // 60))
        self._learn_chain(event, template.id, at)
        self._learn_quantities(facts)

    def end_run(self, *, chains: bool = True) -> None:
        """Close the stretch of log; with `chains` nothing that follows belongs to a request or instance in it."""
        if not self._services:
            return
        self.profile.runs += 1
        self.profile.service_runs.update(self._services)
        for (service, template), (_, peak) in self._minute.items():
            peaks = self.profile.peaks.setdefault(service, {})
            peaks[template] = max(peak, peaks.get(template, 0))
        kept = self._chains
        self._begin_run()
        self._run_started = None
        if not chains:
            self._chains = kept

    def _count_minute(self, key: tuple[str, int], minute: int) -> None:
        # The count of the running minute and the peak are packed as (minute * 2**20 + count, peak).
        packed, peak = self._minute.get(key, (0, 0))
        packed = packed + 1 if packed >> 20 == minute else (minute << 20) + 1
        self._minute[key] = (packed, max(peak, packed & 0xFFFFF))

    def _learn_chain(self, event: LogEvent, template: int, at: float) -> None:
        profile = self.profile
        link = self._chains.link(event, template, at)
        if event.request_id:
            self._learn_wait(profile.waits["request"], template, link.before_request, link.request_gap)
        if event.instance_id:
            self._learn_wait(profile.waits["instance"], template, link.before_instance, link.instance_gap)
        if link.previous is not None:
            profile.transitions.setdefault(link.previous, Counter())[template] += 1
            if link.gap >= 0:  # nan is not
                gaps = profile.stage.setdefault(link.previous, {})
                gaps.setdefault(template, Moments()).add(log(link.gap + 0.001))

    @staticmethod
    def _learn_wait(waits: dict[int, Wait], template: int, before: int | None, gap: float) -> None:
        waits.setdefault(template, Wait()).seen += 1
        if before is not None:
            wait = waits.setdefault(before, Wait())
            wait.followed += 1
            wait.longest = max(wait.longest, gap)

    def _learn_quantities(self, facts: MessageFacts) -> None:
        profile = self.profile
        if facts.status and facts.route:
            profile.statuses.setdefault(facts.route, Counter())[facts.status] += 1
        for moments, key, value in (
            (profile.latency, facts.route, facts.latency),
            (profile.size, facts.route ^ facts.status, facts.size),
            (profile.duration, facts.template.id, facts.duration),
        ):
            if value >= 0:  # nan is not
                moments.setdefault(key, Moments()).add(log(value + 0.001))
