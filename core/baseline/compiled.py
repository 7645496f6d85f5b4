"""A baseline compiled into the lookups that the features need, at one dictionary access each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log, log1p
from typing import Final, NamedTuple

from core import schema
from core.baseline.stats import Baseline, DeploymentStats, FollowStats, Moments, MomentsOf
from core.baseline.tails import fitted
from core.events import Expected

SURPRISAL_CAP: Final = schema.feature("template_surprisal").high
"""Nats that no surprisal exceeds."""
_BACKOFF: Final = 5.0
"""Weight, in events, of the template's own frequency where few transitions have been seen."""
_FAMILIARITY: Final = {name: index for index, name in enumerate(schema.CATEGORICAL["familiarity"])}


class TemplateStats(NamedTuple):
    """What the baseline has of one template in one service."""

    surprisal: float
    """-log p(template | service), nats."""
    rarity: float
    """Share of the runs with this service that do not have the template, 0 to 1."""
    familiarity: int
    """Index into `schema.CATEGORICAL["familiarity"]`."""
    log_peak: float
    """log1p of the most events of it within one minute."""


class LogNormal(NamedTuple):
    """Distribution of a quantity: mean and standard deviation of its logarithm."""

    mean: float
    deviation: float


class CompiledBaseline:
    """Read-only lookups over all deployments of a baseline; where they differ, the most familiar one counts."""

    __slots__ = (
        "_expected",
        "_unexpected",
        "duration",
        "instance_timeouts",
        "latency",
        "prefixes",
        "request_timeouts",
        "size",
        "stage",
        "status",
        "tails",
        "templates",
        "transitions",
        "unseen_chance",
        "unseen_successor",
        "unseen_word",
        "words",
    )

    def __init__(self, baseline: Baseline) -> None:
        deployments = [stats for stats in baseline.deployments if stats.messages]
        self.templates: dict[tuple[str, int], TemplateStats] = {}
        self.prefixes = frozenset(
            (service, prefix) for s in deployments for service, prefixes in s.prefixes.items() for prefix in prefixes
        )
        self.unseen_chance: dict[str, float] = {}
        """Service -> probability that its next event has a template that was never seen (Good-Turing)."""
        self.transitions: dict[tuple[int, int], float] = {}
        """(previous template, template) -> surprisal in nats."""
        self.unseen_successor: dict[int, float] = {}
        """Previous template -> surprisal of a successor that was never seen after it."""
        self.words: dict[int, float] = {}
        self.unseen_word: float = 0.0
        self.status: dict[int, dict[int, float]] = {}
        """Route -> status -> surprisal; status 0 stands for one that was never seen."""
        for stats in deployments:
            self._add_templates(stats)
            self._add_transitions(stats)
            self._add_words(stats)
            self._add_statuses(stats)
        self._compile_expected(deployments)
        self.latency = _distributions((s.latency for s in deployments), floor=0.35)
        """Route -> seconds of its replies."""
        self.size = _distributions((s.size for s in deployments), floor=0.25)
        """Route ^ status -> bytes of its replies."""
        self.duration = _distributions((s.duration for s in deployments), floor=0.25)
        """Template -> seconds that it tells."""
        self.stage = _stages(deployments)
        """(previous template, template) -> seconds between the two."""
        self.tails = fitted(s.tails for s in deployments)
        """Kind -> key -> how far out its seconds are."""
        self.request_timeouts = _timeouts(deployments, "request")
        """Template -> seconds within which an event follows it in its request, where one always does."""
        self.instance_timeouts = _timeouts(deployments, "instance")

    def _add_templates(self, stats: DeploymentStats) -> None:
        for service, counts in stats.template_events.items():
            events = stats.service_events[service]
            runs = max(stats.service_runs[service], 1)
            seen_in = stats.template_runs.get(service, Counter())
            peaks = stats.peaks.get(service, {})
            singles = sum(1 for count in counts.values() if count == 1)
            chance = (singles + 0.5) / (events + 1)
            self.unseen_chance[service] = min(chance, self.unseen_chance.get(service, 1.0))
            for template, count in counts.items():
                share = min(seen_in.get(template, 0) / runs, 1.0)
                new = TemplateStats(
                    min(-log(count / events), SURPRISAL_CAP),
                    1.0 - share,
                    _familiarity(share),
                    log1p(peaks.get(template, 1)),
                )
                old = self.templates.get((service, template))
                if old is not None:
                    new = TemplateStats(
                        min(new.surprisal, old.surprisal),
                        min(new.rarity, old.rarity),
                        max(new.familiarity, old.familiarity),
                        max(new.log_peak, old.log_peak),
                    )
                self.templates[service, template] = new

    def _add_transitions(self, stats: DeploymentStats) -> None:
        totals: dict[int, int] = {}
        for counts in stats.template_events.values():
            for template, count in counts.items():
                totals[template] = totals.get(template, 0) + count
        for previous, counts in stats.transitions.items():
            seen = sum(counts.values())
            for template, count in counts.items():
                frequency = totals.get(template, 0) / stats.messages
                chance = (count + _BACKOFF * frequency) / (seen + _BACKOFF)
                pair = (previous, template)
                self.transitions[pair] = min(-log(chance), self.transitions.get(pair, SURPRISAL_CAP))
            unseen = min(log((seen + _BACKOFF) / 0.05), SURPRISAL_CAP)
            self.unseen_successor[previous] = max(unseen, self.unseen_successor.get(previous, 0.0))

    def _compile_expected(self, deployments: Iterable[DeploymentStats]) -> None:
        # Made once, so that events share the values. Counts of all deployments together: their shares add up to 1.
        followers: dict[int, Counter[int]] = {}
        for stats in deployments:
            for previous, counts in stats.transitions.items():
                followers.setdefault(previous, Counter()).update(counts)
        self._expected: dict[tuple[int | None, int], Expected] = {}
        self._unexpected: dict[int | None, Expected] = {}
        for previous, counts in followers.items():
            total = counts.total()
            usual = tuple((template, count / total) for template, count in counts.most_common(_EXPECTED))
            self._unexpected[previous] = Expected(previous, usual, 0.0)
            for template, count in counts.items():
                self._expected[previous, template] = Expected(previous, usual, count / total)

    def expected(self, previous: int | None, template: int) -> Expected | None:
        """Return what usually follows a template, and how likely this one was; None where that is not known."""
        return self._expected.get((previous, template)) or self._unexpected.get(previous)

    def _add_words(self, stats: DeploymentStats) -> None:
        self.unseen_word = max(self.unseen_word, min(log((stats.messages + 1) / 0.5), SURPRISAL_CAP))
        for word, count in stats.words.items():
            surprisal = min(log((stats.messages + 1) / (count + 0.5)), SURPRISAL_CAP)
            self.words[word] = min(max(surprisal, 0.0), self.words.get(word, SURPRISAL_CAP))

    def _add_statuses(self, stats: DeploymentStats) -> None:
        for route, counts in stats.statuses.items():
            seen = sum(counts.values())
            known = self.status.setdefault(route, {})
            for status, count in counts.items():
                surprisal = min(log((seen + 1) / (count + 0.5)), SURPRISAL_CAP)
                known[status] = min(max(surprisal, 0.0), known.get(status, SURPRISAL_CAP))
            known[0] = max(min(log((seen + 1) / 0.5), SURPRISAL_CAP), known.get(0, 0.0))


_EXPECTED: Final = 3
"""Successors of a template that are named."""
_MIN_VALUES: Final = 5
"""Values that a quantity needs before it is judged."""
_MIN_TIMEOUT_S: Final = 30.0
"""Seconds that anything may take, however quick it has been so far."""
_MAX_WAIT_S: Final = 240.0
"""A wait this long is not timed."""
_ALWAYS_FOLLOWED: Final = 0.997
"""Share of a template's occurrences that an event followed, from which its absence counts."""
_ALWAYS_FOLLOWED_EVENTS: Final = 30
"""Occurrences that this share needs."""


def _familiarity(share: float) -> int:
    for name, least in (("always", 0.9), ("common", 0.2), ("occasional", 0.02)):
        if share >= least:
            return _FAMILIARITY[name]
    return _FAMILIARITY["rare"]


def _log_normal(moments: Moments, floor: float) -> LogNormal:
    return LogNormal(moments.mean, moments.deviation(floor) * (1.0 + 1.0 / moments.count) ** 0.5)


def _distributions(moments_of: Iterable[MomentsOf], *, floor: float) -> Mapping[int, LogNormal]:
    total: MomentsOf = {}
    for moments in moments_of:
        for key, value in moments.items():
            total.setdefault(key, Moments()).merge(value)
    return {key: _log_normal(moments, floor) for key, moments in total.items() if moments.count >= _MIN_VALUES}


def _stages(deployments: Iterable[DeploymentStats]) -> dict[tuple[int, int], LogNormal]:
    pairs: dict[tuple[int, int], Moments] = {}
    for stats in deployments:
        for previous, moments_of in stats.stage.items():
            for template, moments in moments_of.items():
                pairs.setdefault((previous, template), Moments()).merge(moments)
    return {pair: _log_normal(moments, 0.5) for pair, moments in pairs.items() if moments.count >= _MIN_VALUES}


def _timeouts(deployments: Iterable[DeploymentStats], chain: str) -> dict[int, float]:
    followers: dict[int, FollowStats] = {}
    for stats in deployments:
        for template, follow in stats.followers[chain].items():
            followers.setdefault(template, FollowStats()).merge(follow)
    return {
        template: max(_MIN_TIMEOUT_S, 2.0 + 1.5 * follow.longest_s)
        for template, follow in followers.items()
        if follow.seen >= _ALWAYS_FOLLOWED_EVENTS
        and follow.followed >= _ALWAYS_FOLLOWED * follow.seen
        and follow.longest_s < _MAX_WAIT_S
    }
