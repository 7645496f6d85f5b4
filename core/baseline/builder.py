"""Healthy events in, the statistics of their deployment out."""

from __future__ import annotations

from collections import Counter
from math import log
from typing import Final

from core.baseline.chains import Chains
from core.baseline.stats import DeploymentStats, FollowStats, Moments
from core.baseline.tails import bin_of, log_seconds, stage_gap, stage_key
from core.events import LogEvent
from core.templates import MessageFacts

_RUN_SECONDS: Final = 900.0
"""A stretch of log that has no end of its own counts as one run every 15 minutes."""

MAX_TEMPLATES: Final = 100_000
"""Templates of all services that are learned; what else comes is noise that no later log will repeat."""

MAX_TRANSITIONS: Final = 1_000_000
"""Pairs of successive templates that are learned."""


class BaselineBuilder:
    """Counts the events of one healthy deployment.

    Give the events in the order of their time. `end_run` closes a stretch of log: rarity counts over runs, and chains
    do not reach from one into the next. What does not fit into `max_templates` or `max_transitions` is left out.
    """

    def __init__(
        self, name: str, *, max_templates: int = MAX_TEMPLATES, max_transitions: int = MAX_TRANSITIONS
    ) -> None:
        self.stats = DeploymentStats(name)
        self._templates_left = max_templates
        self._transitions_left = max_transitions
        self._run_started: float | None = None
        self._begin_run()

    def _begin_run(self) -> None:
        self._chains = Chains()
        self._seen: set[tuple[str, int]] = set()
        self._services: set[str] = set()
        self._minute: dict[tuple[str, int], tuple[int, int]] = {}
        self._clock = 0.0

    def learn(self, event: LogEvent, facts: MessageFacts) -> None:
        """Count one event."""
        stats = self.stats
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
            if not self._admit(service, template.id):
                return
            self._seen.add(key)
            stats.template_runs.setdefault(service, Counter())[template.id] += 1
            stats.prefixes.setdefault(service, set()).add(template.prefix_hash)
        self._services.add(service)
        stats.service_events[service] += 1
        stats.template_events.setdefault(service, Counter())[template.id] += 1
        stats.words.update(template.words)
        stats.messages += 1
        self._count_minute(key, int(at // 60))
        self._learn_chain(event, template.id, at)
        self._learn_quantities(facts)

    def end_run(self, *, chains: bool = True) -> None:
        """Close the stretch of log; with `chains` nothing that follows belongs to a request or instance in it."""
        if not self._services:
            return
        self.stats.runs += 1
        self.stats.service_runs.update(self._services)
        for (service, template), (_, peak) in self._minute.items():
            peaks = self.stats.peaks.setdefault(service, {})
            peaks[template] = max(peak, peaks.get(template, 0))
        kept = self._chains
        self._begin_run()
        self._run_started = None
        if not chains:
            self._chains = kept

    def _admit(self, service: str, template: int) -> bool:
        """Tell whether a template is known, or there is room for it."""
        known = self.stats.template_events.get(service)
        if known is not None and template in known:
            return True
        self._templates_left -= 1
        return self._templates_left >= 0

    def _count_minute(self, key: tuple[str, int], minute: int) -> None:
        # The count of the running minute and the peak are packed as (minute * 2**20 + count, peak).
        packed, peak = self._minute.get(key, (0, 0))
        packed = packed + 1 if packed >> 20 == minute else (minute << 20) + 1
        self._minute[key] = (packed, max(peak, packed & 0xFFFFF))

    def _learn_chain(self, event: LogEvent, template: int, at: float) -> None:
        stats = self.stats
        link = self._chains.link(event, at)
        self._chains.learn(event, template, at)
        if event.request_id:
            self._learn_follower(stats.followers["request"], template, link.before_request, link.request_gap)
        if event.instance_id:
            self._learn_follower(stats.followers["instance"], template, link.before_instance, link.instance_gap)
        if link.previous is not None and self._learn_transition(link.previous, template) and link.gap >= 0:  # not nan
            gaps = stats.stage.setdefault(link.previous, {})
            gaps.setdefault(template, Moments()).add(log(link.gap + 0.001))
            self._learn_tail(
                "stage", stage_key(link.previous, template), stage_gap(link, has_request=bool(event.request_id))
            )

    def _learn_transition(self, previous: int, template: int) -> bool:
        """Count a pair of templates; tell whether there was room for it."""
        if template not in self.stats.transitions.get(previous, ()):
            self._transitions_left -= 1
            if self._transitions_left < 0:
                return False
        self.stats.transitions.setdefault(previous, Counter())[template] += 1
        return True

    @staticmethod
    def _learn_follower(followers: dict[int, FollowStats], template: int, before: int | None, gap: float) -> None:
        followers.setdefault(template, FollowStats()).seen += 1
        if before is not None:
            follow = followers.setdefault(before, FollowStats())
            follow.followed += 1
            follow.longest_s = max(follow.longest_s, gap)

    def _learn_quantities(self, facts: MessageFacts) -> None:
        stats = self.stats
        if facts.status and facts.route:
            stats.statuses.setdefault(facts.route, Counter())[facts.status] += 1
        for moments, key, value in (
            (stats.latency, facts.route, facts.latency),
            (stats.size, facts.route ^ facts.status, facts.size),
            (stats.duration, facts.template.id, facts.duration),
        ):
            if value >= 0:  # nan is not
                moments.setdefault(key, Moments()).add(log(value + 0.001))
        if facts.route:
            self._learn_tail("latency", facts.route, facts.latency)
        self._learn_tail("duration", facts.template.id, facts.duration)

    def _learn_tail(self, kind: str, key: int, seconds: float) -> None:
        if seconds >= 0.0:  # nan is not
            self.stats.tails[kind].setdefault(key, Counter())[bin_of(log_seconds(seconds))] += 1
