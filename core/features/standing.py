"""Where a template stands in a service, and a service in its stream."""

from __future__ import annotations

from enum import IntEnum
from math import inf, log1p, nan
from typing import Final, NamedTuple

from core.baseline import Usual
from core.baseline.usual import SURPRISAL_CAP
from core.features.batch import service_code
from core.features.quantity import Quantity
from core.support.bounded import Memory
from core.templates import Template


class Ground(IntEnum):
    """On what ground an unseen template can be called unusual."""

    COLD = 0
    """Neither the baseline nor this log's own past knows the service: an unseen template means nothing yet."""
    SITE = 1
    """This log's own past: the service has gone on for a while with next to nothing new."""
    HOME = 2
    """The baseline: nearly all that the service writes is known to it."""


COLD, SITE, HOME = Ground


class Proof(NamedTuple):
    """What a new template must have shown before it is usual here: sights in so many blocks of so many seconds."""

    blocks: int
    seconds: float


BENIGN: Final = Proof(1, 120.0)
"""It speaks of no failure: it has been around for two minutes."""
WARNS: Final = Proof(3, 120.0)
"""A warning of a failure: it comes again and again."""
SEVERE: Final = Proof(12, 600.0)
"""An ERROR or CRITICAL: it has been seen for hours. A chronic error is usual, an outage is not."""


class Step(NamedTuple):
    """What the baseline says of a template after a certain other one."""

    surprisal: float
    new: bool
    """Whether it was never seen there, although what is seen there is known."""
    gap: Quantity | None
    """Seconds between the two; None where the baseline does not know them."""


class Standing:
    """Where one template stands in one service: what the baseline says of it, and what this log has shown."""

    __slots__ = (
        "_blocks",
        "_busiest",
        "_last_block",
        "_minute",
        "_most",
        "_peak",
        "count",
        "familiarity",
        "first",
        "in_minute",
        "is_usual",
        "judged",
        "known",
        "new",
        "rarity",
        "steps",
        "surprisal",
        "template",
        "variant",
        "words",
    )

    def __init__(self, service: str, template: Template, usual: Usual) -> None:
        found = usual.templates.get((service, template.id))
        self.template = template
        self.known = found is not None
        """Whether the baseline has it."""
        self.surprisal, self.rarity, self.familiarity, self._peak = found or (0.0, 0.0, 0, 0.0)
        """As the features of those names: fixed where it is known, else those of its last event."""
        self.new = False
        """Whether its last event was news."""
        self.variant = False
        """Whether it is new in its details alone: a template with its stem is usual in the service."""
        self.judged = True
        """False while there is no ground to call it usual or unusual."""
        words = [usual.words.get(word) for word in template.words]
        self.words = None if None in words else rarest([word for word in words if word is not None])
        """Surprisal of its words where the baseline has them all."""
        self.steps: Memory[int, Step] = Memory()
        """By the template before it."""
        self.count = 0
        """Its events so far; where the baseline knows it, whether there was one."""
        self.first = nan
        """Second of its first event."""
        self.is_usual = False
        """Whether it has been around for so long that it is usual here."""
        self._blocks = 0
        self._last_block = -1
        self.in_minute = 0
        """Events of it in the minute of the last one."""
        self._minute = nan
        self._busiest = 0
        self._most = max(log1p(5), self._peak)

    def age(self, at: float, ground: Ground, proof: Proof) -> None:
        """Count an event of a template that the baseline does not know, and decide whether it is usual by now."""
        if not self.count:
            self.first = at
        self.count += 1
        block = int(at // proof.seconds)
        if block != self._last_block:
            self._last_block = block
            self._blocks += 1
        if not self.is_usual:
            if proof is BENIGN:
                self.is_usual = ground is COLD or at - self.first >= proof.seconds
            else:
                self.is_usual = self._blocks >= proof.blocks

    def burst(self, at: float) -> float:
        """Count an event; log1p of its minute's count over that of the busiest minute before, not under 0."""
        minute = at // 60.0
        if minute != self._minute:
            # A busy minute raises what is usual by half at most, so that a storm does not vouch for itself.
            self._busiest = max(self._busiest, min(self.in_minute, self._busiest + self._busiest // 2 + 5))
            self._most = max(log1p(self._busiest) if self._busiest else log1p(5), self._peak)
            self._minute = minute
            self.in_minute = 1
            return 0.0
        self.in_minute += 1
        if self.in_minute < 3:
            return 0.0
        burst = log1p(self.in_minute) - self._most
        return min(burst, 6.0) if burst > 0.0 else 0.0


class Service:
    """How well one service is known."""

    __slots__ = (
        "as_of",
        "code",
        "events",
        "home",
        "known",
        "last",
        "last_news",
        "name",
        "news",
        "novel",
        "observed",
        "standings",
        "stems",
        "strangers",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.code = service_code(name)
        self.standings: dict[int, Standing] = {}
        self.strangers: Memory[int, None] = Memory()
        """Those of its templates that the baseline does not know."""
        self.stems: set[int] = set()
        """Of templates that have become usual here."""
        self.last = -inf
        """Second of its last event."""
        self.events = 0
        self.known = 0
        """Its templates that the baseline knows."""
        self.news = 0
        """Pieces of news: templates that the baseline does not know, those of one burst together."""
        self.last_news = -inf
        self.novel = 0.0
        self.observed = 0.0
        self.home = False
        self.as_of = -1
        """`Site._changes` when `home` was decided."""


def rarest(surprisals: list[float]) -> float:
    """Mean of the two highest; 0 without any."""
    if len(surprisals) < 2:
        return min(max(surprisals, default=0.0), SURPRISAL_CAP)
    second, rarest = sorted(surprisals)[-2:]
    return min(0.5 * (rarest + second), SURPRISAL_CAP)
