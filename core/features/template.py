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
    judged: bool
    """Whether there is something to compare it with: False while the stream warms up."""


class HabituationRule(NamedTuple):
    """What a new template must have shown before it is usual: events in so many blocks of so many seconds."""

    blocks: int
    seconds: float


BENIGN: Final = HabituationRule(1, 120.0)
"""Without a failure keyword: it came first two minutes ago."""
SUSPECT: Final = HabituationRule(3, 120.0)
"""A warning with a failure keyword: it comes again and again."""
SEVERE: Final = HabituationRule(12, 600.0)
"""An ERROR or CRITICAL: it has come for hours. A chronic error is usual, an outage is not."""


class TemplateState:
    """The counts of one template in one service."""

    __slots__ = ("_blocks", "_last_block", "count", "first", "id", "is_usual", "known", "minutes", "words")

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
        self._blocks = 0
        self._last_block = -1

    def learn(self, at: float, reference: Reference, rule: HabituationRule) -> None:
        """Count an event at second `at`, and decide whether the template is usual by now."""
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
