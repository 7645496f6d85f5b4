"""Several sources into one stream, ordered by their own stamps."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from typing import Final

from core.events import Continuation, LogEvent, Notice

HOLD_SECONDS: Final = 0.25

Merged = LogEvent | Continuation | Notice


class Merger:
    """Holds items of several sources until none older is to be expected, at most `hold` seconds of log time.

    The hold is measured on the stamps, not on a clock, so that the order depends on the items alone. When the log
    is quiet nothing moves its time on: call `flush` then. Items of one source never overtake each other, and equal
    stamps are ordered by source. What comes later than the hold allows follows at once.
    """

    def __init__(self, hold: float = HOLD_SECONDS) -> None:
        if not 0 <= hold <= HOLD_SECONDS:
            raise ValueError(f"hold must be from 0 to {HOLD_SECONDS} s, not {hold}")
        self._hold = hold
        self._waiting: list[tuple[float, str, int, Merged]] = []
        self._latest: dict[str, float] = {}
        self._newest = float("-inf")
        self._arrived = 0

    def push(self, items: Iterable[Merged]) -> list[Merged]:
        """Take items in order of arrival; give those that no other source can come before any more."""
        out: list[Merged] = []
        for item in items:
            self._add(item)
            while self._waiting and (len(self._latest) == 1 or self._waiting[0][0] <= self._newest - self._hold):
                out.append(heapq.heappop(self._waiting)[3])
        return out

    def flush(self) -> list[Merged]:
        """Give everything that is held: the log has been quiet for the hold, or has ended."""
        return [heapq.heappop(self._waiting)[3] for _ in range(len(self._waiting))]

    def _add(self, item: Merged) -> None:
        source = item.source
        stamp = item.timestamp if isinstance(item, LogEvent) else None
        moment = self._latest.get(source, self._newest if stamp is None else stamp)
        if stamp is not None:
            moment = max(moment, stamp)
        self._latest[source] = moment
        self._newest = max(self._newest, moment)
        self._arrived += 1
        heapq.heappush(self._waiting, (moment, source, self._arrived, item))
