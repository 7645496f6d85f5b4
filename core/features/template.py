"""What a stream keeps of one template in one service."""

from __future__ import annotations

from math import nan
from typing import Final, NamedTuple

from core.features.burst import MinuteCounter
from core.features.reference import NONE, Reference
from core.features.words import Words


class Novelty(NamedTuple):
    """What the stream so far says of an event's template."""

    template_surprisal: float
    word_surprisal: float
    rarity: float
    new_template: bool
    familiarity: int
    novelty_age_s: float
    """Seconds since the first event of a template that is new and came before; nan for all others."""
    novel_variant: bool
    """Whether it is new in its details alone: a template with the same prefix is usual in the service."""
    known: bool
    """Whether the baseline has it."""
    chronic: bool
    """Whether it reports a failure that has become usual in this stream: see `FailureRecord`."""
    judged: bool
    """Whether there is something to compare it with: False while the stream warms up."""


class HabituationRule(NamedTuple):
    """What a new template must have shown before it is usual: events in so many blocks of so many seconds."""

    blocks: int
    seconds: float


BENIGN: Final = HabituationRule(1, 120.0)
"""Without a failure keyword: it came first two minutes ago."""
SUSPECT: Final = HabituationRule(3, 120.0)
"""A failure keyword in a warning, or in a record without a level: it comes again and again."""
SEVERE: Final = HabituationRule(0, 0.0)
"""A failure: `FailureRecord` tells when it is usual."""

_DAY_HOURS: Final = 24
CHRONIC_HOURS: Final = 12
"""Hours of the last 24 in which a failure has to have come to be usual."""
_APART_SECONDS: Final = 3_600.0
"""Two failures at least this far apart, with normal service between them, belong to two runs."""


class FailureRecord:
    """When a template that reports a failure came.

    It is chronic once it is a day old and came in at least 12 of the last 24 hours of the log, or in two runs that
    normal service separates. An outage of hours is younger than that.
    """

    __slots__ = ("_first", "_hour", "_hours", "_last", "_runs", "_served")

    def __init__(self) -> None:
        self._first = nan
        self._last = nan
        self._hour = 0
        """Hour of the last event, counted from 1970."""
        self._hours = 0
        """A bit for each of the 24 hours up to that one, the latest lowest: whether it came then."""
        self._runs = 0
        self._served = 0
        """Normal events of the service up to the last one."""

    def is_chronic(self, at: float) -> bool:
        """Tell whether the failure is chronic when it comes at second `at`."""
        if not at - self._first >= _DAY_HOURS * 3_600.0:  # nan: it never came
            return False
        return (
            self._runs > 1
            or (self._hours << max(int(at // 3_600.0) - self._hour, 0) & _DAY).bit_count() >= CHRONIC_HOURS
        )

    def learn(self, at: float, served: int) -> None:
        """Take in an event at second `at`; `served` counts the normal events of the service so far."""
        hour = int(at // 3_600.0)
        if not self._runs:
            self._first = at
            self._runs = 1
        elif at - self._last >= _APART_SECONDS and served > self._served:
            self._runs += 1
        self._hours = (self._hours << min(max(hour - self._hour, 0), _DAY_HOURS) & _DAY) | 1
        self._hour = max(hour, self._hour)
        self._last = at
        self._served = served


_DAY: Final = (1 << _DAY_HOURS) - 1


class TemplateState:
    """The counts of one template in one service."""

    __slots__ = ("_blocks", "_last_block", "count", "failures", "first", "id", "is_usual", "known", "minutes", "words")

    def __init__(self, template: int, words: Words, known: Novelty | None = None, log_peak: float = 0.0) -> None:
        """Begin without an event; `log_peak` is log1p of the baseline's busiest minute, 0 for none."""
        self.id = template
        self.known = known
        """What is said of every event where the baseline has the template, and so all its words; else None."""
        self.words = words
        self.minutes = MinuteCounter(log_peak)
        self.count = 0
        """Its events so far; where the baseline has it, 1 from the first one on."""
        self.first = nan
        """Second of its first event."""
        self.is_usual = False
        """Whether it came for so long that it is usual here, although the baseline does not have it."""
        self.failures: FailureRecord | None = None
        """Where it reports a failure."""
        self._blocks = 0
        self._last_block = -1

    def learn(self, at: float, reference: Reference, rule: HabituationRule) -> None:
        """Count an event at second `at`, and decide whether the template is usual by now."""
        if rule is SEVERE:
            if not self.count:
                self.first = at
            self.count += 1
            return
        if not self.count:
            self.first = at
        self.count += 1
        block = int(at // rule.seconds)
        if block != self._last_block:
            self._last_block = block
            self._blocks += 1
        if not self.is_usual:
            if rule is BENIGN:
                self.is_usual = reference is NONE or at - self.first >= rule.seconds
            else:
                self.is_usual = self._blocks >= rule.blocks
