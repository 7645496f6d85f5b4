"""Requests and instances after which nothing came, where something always does."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

from core.schema import WINDOW_SECONDS
from core.support.bounded import Memory

_FOLLOWED: Final = 3
"""Times that something must have followed a template in this log before its absence is news."""
_SELDOM: Final = 0.05
"""Share of a template's occurrences that may end in silence before one more is no news."""


class Silence(NamedTuple):
    """A request or instance after which nothing came, where something always does."""

    since: float
    """Second of its last event."""
    news: bool
    """Whether that is unusual in this log, too."""


class Overdue:
    """Requests and instances that wait for their next event."""

    __slots__ = ("_due", "_habits", "_last")

    def __init__(self) -> None:
        self._due: list[tuple[float, int, str, float, int]] = []
        self._last: Memory[str, int] = Memory()
        self._habits: dict[int, _Habit] = {}

    def expect(self, chain: str, template: int, at: float, within: float | None, seq: int) -> None:
        """An event of `chain` came; something must follow it within that many seconds, or need not (None)."""
        self._last.pop(chain, None)
        self._last.keep(chain, seq)
        if within is not None:
            heappush(self._due, (at + within, seq, chain, at, template))

    def silent(self, at: float) -> Sequence[Silence]:
        """Chains whose time has run out since the last call, the first due first."""
        due = self._due
        if not due or due[0][0] >= at:
            return ()
        found = []
        while due and due[0][0] < at:
            _, seq, chain, since, template = heappop(due)
            habit = self._habits.get(template)
            if habit is None:
                habit = self._habits[template] = _Habit()
            if self._last.get(chain) == seq:
                found.append(Silence(since, habit.silence(at)))
            else:
                habit.followed += 1
        return found


class _Habit:
    """How often a template was followed by something in this log, and how often by silence."""

    __slots__ = ("_recent", "_silent", "followed")

    def __init__(self) -> None:
        self.followed = 0
        self._silent = 0
        self._recent: deque[float] = deque()

    def silence(self, at: float) -> bool:
        """Take in one more silence; say whether it is news: followed before, and seldom silent.

        The silences of the last five minutes do not count: an incident must not vouch for itself.
        """
        recent = self._recent
        while recent and recent[0] < at - WINDOW_SECONDS:
            recent.popleft()
            self._silent += 1
        recent.append(at)
        return self.followed >= _FOLLOWED and self._silent <= _SELDOM * (self.followed + self._silent)


class Recurrence:
    """How often things have happened lately."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: dict[tuple[str, int], deque[float]] = {}

    def count(self, what: str, which: int, at: float, within: float) -> int:
        """Note that it happened once more; how often it has within so many seconds."""
        times = self._times.setdefault((what, which), deque())
        times.append(at)
        while times[0] < at - within:
            times.popleft()
        return len(times)
