"""Parts of the running stream: what is scored and delivered together, and taken apart where scoring it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.events import Item, LogEvent, Phase, ScoredEvent, State
from core.parsing import Parsed

ATTEMPTS: Final = 3
"""Failures with the same events after which they, and not the moment, are taken to be the cause."""


@dataclass(slots=True)
class Part:
    """What parsing gave for one batch, or a piece of that."""

    items: Sequence[Parsed]
    phase: Phase
    lines: int = 0
    """Lines read with it."""
    behind: int = 0
    """Bytes that are in the files and in no part up to this one."""
    quiet_s: float | None = None
    """Seconds since the last line, where they tell that none was written."""
    is_given_up: bool = False
    """Whether it is delivered unscored."""
    _failures: int = 0
    _other_half: Part | None = None

    @property
    def has_nothing_to_score(self) -> bool:
        """Whether it is delivered as it is."""
        return not self.items and self.quiet_s is None

    def scored(
        self, score: Callable[[Sequence[Parsed]], list[Item]], tick: Callable[[float], list[Item]]
    ) -> list[Item]:
        """Score its items, and then what the time since the last line tells."""
        items = score(self.items) if self.items else []
        return items if self.quiet_s is None else [*items, *tick(self.quiet_s)]

    def fail(self) -> bool:
        """Count a failure; tell whether these events are to blame for it."""
        self._failures += 1
        return self._failures >= ATTEMPTS

    def succeed(self) -> None:
        """Take note that it could be scored; if it is a half, what made the two fail together is in the other one."""
        if self._other_half is not None:
            self._other_half._failures = ATTEMPTS - 1

    def halves(self) -> tuple[Part, Part]:
        """Take it apart. The first half is to blame at its next failure, the second one as soon as the first works."""
        middle = len(self.items) // 2
        # No update follows one of phase `ended`.
        phase = Phase.LIVE if self.phase is Phase.ENDED else self.phase
        second = Part(self.items[middle:], self.phase, self.lines, self.behind, self.quiet_s)
        behind = self.behind + sum(item.length for item in second.items if isinstance(item, LogEvent))
        first = Part(self.items[:middle], phase, 0, behind, _failures=ATTEMPTS - 1, _other_half=second)
        return first, second

    def unscored(self, after: int) -> Iterator[Item]:
        """Give the items unscored, the events numbered from `after` + 1."""
        seq = after
        for item in self.items:
            if isinstance(item, LogEvent):
                seq += 1
                yield ScoredEvent(seq, item, None, State.FAILED if item.known_format else State.UNKNOWN_FORMAT, "")
            else:
                yield item
