"""A baseline compiled into the look-ups that the features need, at one dictionary access each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import nlargest
from math import exp, log, log1p
from operator import itemgetter
from typing import Final, NamedTuple

from core.baseline.profile import Baseline, Moments, MomentsOf, Profile, Wait
from core.events import Expected
from core.schema import CATEGORICAL

SURPRISAL_CAP: Final = 16.0
_BACKOFF: Final = 5.0
"""Weight, in events, of the template's own frequency where few transitions have been seen."""
_FAMILIARITY: Final = {name: index for index, name in enumerate(CATEGORICAL["familiarity"])}


class UsualTemplate(NamedTuple):
    """What is usual of one template in one service."""

    surprisal: float
    """-log p(template | service), nats."""
    rarity: float
    """Share of the runs with this service that do not have the template, 0 to 1."""
    familiarity: int
    """Index into `CATEGORICAL["familiarity"]`."""
    peak: float
    """log1p of the most events of it within one minute."""


class Spread(NamedTuple):
    """Mean and standard deviation of the logarithm of a quantity."""

    mean: float
    deviation: float


class Usual:
    """Read-only look-ups over all profiles of a baseline; where profiles differ, the most familiar one counts."""

    __slots__ = (
        "_expected",
        "_unexpected",
        "duration",
        "instance_patience",
        "latency",
        "novelty",
        "predecessors",
        "request_patience",
        "size",
        "stage",
        "status",
        "stems",
        "templates",
        "transitions",
        "unseen_word",
        "words",
    )

    def __init__(self, baseline: Baseline) -> None:
        profiles = [profile for profile in baseline.profiles if profile.messages]
        self.templates: dict[tuple[str, int], UsualTemplate] = {}
        self.stems = frozenset(
            (service, stem) for p in profiles for service, stems in p.stems.items() for stem in stems
        )
        self.novelty: dict[str, float] = {}
        """Service -> chance that its next event has a template that was never seen (Good-Turing)."""
        self.transitions: dict[tuple[int, int], float] = {}
        """(previous template, template) -> surprisal in nats."""
        self.predecessors: dict[int, float] = {}
        """Previous template -> surprisal of a successor that was never seen after it."""
        self.words: dict[int, float] = {}
        self.unseen_word: float = 0.0
        self.status: dict[int, dict[int, float]] = {}
        """Route -> status -> surprisal; status 0 stands for one that was never seen."""
        for profile in profiles:
            self._add_templates(profile)
            self._add_transitions(profile)
            self._add_words(profile)
            self._add_statuses(profile)
        self._expect()
        self.latency = _spreads(((p.latency for p in profiles)), floor=0.35)
        self.size = _spreads((p.size for p in profiles), floor=0.25)
        self.duration = _spreads((p.duration for p in profiles), floor=0.25)
        self.stage = self._stages(profiles)
        self.request_patience = self._patience(profiles, "request")
        """Template -> seconds within which something follows it in its request, where something always does."""
        self.instance_patience = self._patience(profiles, "instance")

    def _add_templates(self, profile: Profile) -> None:
        for service, counts in profile.template_events.items():
            events = profile.service_events[service]
            runs = max(profile.service_runs[service], 1)
            seen_in = profile.template_runs.get(service, Counter())
            peaks = profile.peaks.get(service, {})
            singles = sum(1 for count in counts.values() if count == 1)
            chance = (singles + 0.5) / (events + 1)
            self.novelty[service] = min(chance, self.novelty.get(service, 1.0))
            for template, count in counts.items():
                share = min(seen_in.get(template, 0) / runs, 1.0)
                new = UsualTemplate(
                    min(-log(count / events), SURPRISAL_CAP),
                    1.0 - share,
                    _familiarity(share),
                    log1p(peaks.get(template, 1)),
                )
                old = self.templates.get((service, template))
                if old is not None:
                    new = UsualTemplate(
                        min(new.surprisal, old.surprisal),
                        min(new.rarity, old.rarity),
                        max(new.familiarity, old.familiarity),
                        max(new.peak, old.peak),
                    )
                self.templates[service, template] = new

    def _add_transitions(self, profile: Profile) -> None:
        totals: dict[int, int] = {}
        for counts in profile.template_events.values():
            for template, count in counts.items():
                totals[template] = totals.get(template, 0) + count
        for previous, counts in profile.transitions.items():
            seen = sum(counts.values())
            for template, count in counts.items():
                frequency = totals.get(template, 0) / profile.messages
                chance = (count + _BACKOFF * frequency) / (seen + _BACKOFF)
                pair = (previous, template)
                self.transitions[pair] = min(-log(chance), self.transitions.get(pair, SURPRISAL_CAP))
            unseen = min(log((seen + _BACKOFF) / 0.05), SURPRISAL_CAP)
            self.predecessors[previous] = max(unseen, self.predecessors.get(previous, 0.0))

    def _expect(self) -> None:
        # All there is to say is made at once, so that events share it.
        followers: dict[int, dict[int, float]] = {}
        for (previous, template), surprisal in self.transitions.items():
            followers.setdefault(previous, {})[template] = exp(-surprisal)
        self._expected: dict[tuple[int | None, int], Expected] = {}
        self._unexpected: dict[int | None, Expected] = {}
        for previous, chances in followers.items():
            usual = tuple(nlargest(_EXPECTED, chances.items(), itemgetter(1)))
            self._unexpected[previous] = Expected(previous, usual, 0.0)
            for template, chance in chances.items():
                self._expected[previous, template] = Expected(previous, usual, chance)

    def expected(self, previous: int | None, template: int) -> Expected | None:
        """Say what usually follows a template, and how likely this one was; None where that is not known."""
        return self._expected.get((previous, template)) or self._unexpected.get(previous)

    def _add_words(self, profile: Profile) -> None:
        self.unseen_word = max(self.unseen_word, min(log((profile.messages + 1) / 0.5), SURPRISAL_CAP))
        for word, count in profile.words.items():
            surprisal = min(log((profile.messages + 1) / (count + 0.5)), SURPRISAL_CAP)
            self.words[word] = min(max(surprisal, 0.0), self.words.get(word, SURPRISAL_CAP))

    def _add_statuses(self, profile: Profile) -> None:
        for route, counts in profile.statuses.items():
            seen = sum(counts.values())
            known = self.status.setdefault(route, {})
            for status, count in counts.items():
                surprisal = min(log((seen + 1) / (count + 0.5)), SURPRISAL_CAP)
                known[status] = min(max(surprisal, 0.0), known.get(status, SURPRISAL_CAP))
            known[0] = max(min(log((seen + 1) / 0.5), SURPRISAL_CAP), known.get(0, 0.0))

    @staticmethod
    def _stages(profiles: Iterable[Profile]) -> dict[tuple[int, int], Spread]:
        pairs: dict[tuple[int, int], Moments] = {}
        for profile in profiles:
            for previous, moments_of in profile.stage.items():
                for template, moments in moments_of.items():
                    pairs.setdefault((previous, template), Moments()).merge(moments)
        return {pair: _spread(moments, 0.5) for pair, moments in pairs.items() if moments.count >= _ENOUGH}

    @staticmethod
    def _patience(profiles: Iterable[Profile], chain: str) -> dict[int, float]:
        waits: dict[int, Wait] = {}
        for profile in profiles:
            for template, wait in profile.waits[chain].items():
                waits.setdefault(template, Wait()).merge(wait)
        return {
            template: max(_LEAST_PATIENCE, 2.0 + 1.5 * wait.longest)
            for template, wait in waits.items()
            if wait.seen >= _MUST_FOLLOW_EVENTS
            and wait.followed >= _MUST_FOLLOW * wait.seen
            and wait.longest < _LONGEST_WAIT
        }


_EXPECTED: Final = 3
"""Successors of a template that are named."""
_ENOUGH: Final = 5
"""Values that must have been seen before a quantity is judged."""
_MUST_FOLLOW_EVENTS: Final = 30
_LEAST_PATIENCE: Final = 30.0
"""Seconds that anything may take, however quick it has been so far."""
_MUST_FOLLOW: Final = 0.997
"""Share of a template's occurrences that something followed, from which its absence is worth a word."""
_LONGEST_WAIT: Final = 240.0


def _familiarity(share: float) -> int:
    for name, least in (("always", 0.9), ("common", 0.2), ("occasional", 0.02)):
        if share >= least:
            return _FAMILIARITY[name]
    return _FAMILIARITY["rare"]


def _spread(moments: Moments, floor: float) -> Spread:
    return Spread(moments.mean, moments.deviation(floor) * (1.0 + 1.0 / moments.count) ** 0.5)


def _spreads(moments_of: Iterable[MomentsOf], *, floor: float) -> Mapping[int, Spread]:
    total: MomentsOf = {}
    for moments in moments_of:
        for key, value in moments.items():
            total.setdefault(key, Moments()).merge(value)
    return {key: _spread(moments, floor) for key, moments in total.items() if moments.count >= _ENOUGH}
