"""How rare the words of a message are."""

from __future__ import annotations

from math import log
from typing import Final, NamedTuple

from core.baseline import CompiledBaseline
from core.baseline.compiled import SURPRISAL_CAP
from core.features.reference import BASELINE, STREAM, Reference
from core.support.bounded import BoundedDefaults
from core.templates import Template

_RAREST: Final = 2
"""Words of a message that count: its rarest."""


class Words(NamedTuple):
    """The words of one template."""

    known: tuple[float, ...]
    """Surprisals of the rarest that the baseline has."""
    unknown: tuple[int, ...]
    """Those that it does not have."""


class WordRarity:
    """The words of one stream that the baseline does not have, and how often they came."""

    __slots__ = ("_counts", "_known", "_unseen", "events")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._known = baseline.words
        self._unseen = baseline.unseen_word
        self._counts = BoundedDefaults[int, int](_never)
        self.events = 0
        """Events of the stream so far."""

    def words(self, template: Template) -> Words:
        """Return the words of a template."""
        known = [self._known[word] for word in template.words if word in self._known]
        return Words(_rarest(known), tuple(word for word in template.words if word not in self._known))

    def score(self, words: Words, reference: Reference) -> float:
        """Return the mean surprisal in nats of the two rarest words; without a reference unseen words have none."""
        surprisals = words.known
        if words.unknown:
            surprisals = _rarest([*surprisals, *[self._surprisal(word, reference) for word in words.unknown]])
        return min(sum(surprisals) / len(surprisals), SURPRISAL_CAP) if surprisals else 0.0

    def learn(self, unknown: tuple[int, ...]) -> None:
        """Count words that the baseline does not have."""
        counts = self._counts
        for word in unknown:
            counts[word] += 1

    def _surprisal(self, word: int, reference: Reference) -> float:
        events, count = self.events + 1, self._counts[word]
        if count:
            return log((events + 1) / (count + 0.5))
        if reference is BASELINE:
            return self._unseen
        return log(2.0 * (events + 1)) if reference is STREAM else 0.0


def _never(_word: int) -> int:
    return 0


def _rarest(surprisals: list[float]) -> tuple[float, ...]:
    return tuple(sorted(surprisals)[-_RAREST:])
