"""What the trailing five minutes of the stream hold, kept up event by event."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from heapq import heappop, heappush
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.memory import Memory
from core.schema import WINDOW_SECONDS

Floats = NDArray[np.float64]

_LONG_SECONDS: Final = 3600.0
"""Time over which the usual rate of the stream is averaged."""
_SETTLED_SECONDS: Final = 600.0
"""Age of the stream from which its rate can be compared with the usual one."""
_FOLLOWED: Final = 3
"""Times that something must have followed a template in this log before its absence is news."""
_SELDOM: Final = 0.05
"""Share of a template's occurrences that may end in silence before one more is no news."""


class Window:
    """Sums over the trailing five minutes."""

    __slots__ = (
        "_errors",
        "_events",
        "_failed",
        "_first",
        "_latency",
        "_new",
        "_newest",
        "_overdue",
        "_replies",
        "_surprisal",
        "_warnings",
    )

    def __init__(self) -> None:
        self._events: deque[tuple[float, int, float, float, Marks]] = deque()
        self._first = 0
        """Number of the oldest event in the window."""
        self._newest: dict[int, int] = {}
        """Template -> number of its newest event in the window."""
        self._overdue: deque[float] = deque()
        self._warnings = self._errors = self._replies = self._failed = self._new = 0
        self._latency = self._surprisal = 0.0

    def add(self, at: float, template: int, surprisal: float, latency: float, marks: Marks, overdue: int) -> Sums:
        """Take in one event.

        `overdue` counts requests and instances that were found silent for too long since the event before.
        """
        events, newest, silent = self._events, self._newest, self._overdue
        oldest = at - WINDOW_SECONDS
        while events and events[0][0] < oldest:
            _, gone, old_surprisal, old_latency, old_marks = events.popleft()
            self._surprisal -= old_surprisal
            self._latency -= old_latency
            if old_marks != _UNMARKED:
                self._count(old_marks, -1)
            if newest[gone] == self._first:
                del newest[gone]
            self._first += 1
        newest[template] = self._first + len(events)
        if marks != _UNMARKED:
            self._count(marks, 1)
        events.append((at, template, surprisal, latency, marks))
        self._surprisal += surprisal
        self._latency += latency
        while silent and silent[0] < oldest:
            silent.popleft()
        if overdue:
            silent.extend([at] * overdue)
        return (
            len(events), self._warnings, self._errors, self._replies, self._failed, self._new,
            len(newest), self._surprisal, self._latency, len(silent),
        )  # fmt: skip

    def _count(self, marks: Marks, times: int) -> None:
        warning, error, reply, failed, new = marks
        self._warnings += times * warning
        self._errors += times * error
        self._replies += times * reply
        self._failed += times * failed
        self._new += times * new


Marks = tuple[bool, bool, bool, bool, bool]
"""Whether an event is a warning, an error, a reply, a reply of status 5xx, and of a new template."""

_UNMARKED: Final = (False,) * 5

Sums = tuple[int, int, int, int, int, int, int, float, float, int]
"""Events, how many of them have each mark, their templates, sums of surprisal and latency z, silent chains."""


SUMS: Final = 10
"""Numbers in `Sums`."""


def aggregates(sums: Floats, rates: Floats) -> Floats:
    """Return the aggregates [N, 9] of `core.schema` for `Sums` [N, 10] and the log ratios of the rate [N]."""
    events, warnings, errors, replies, failed, new, templates, surprisal, latency, silent = sums.T
    replies = np.maximum(replies, 1.0)
    return np.stack(
        (
            rates,
            warnings / events,
            errors / events,
            failed / replies,
            new / events,
            np.log1p(templates) / 5.0,
            surprisal / events / 5.0,
            np.clip(latency / replies / 2.0, -3.0, 3.0),
            np.log1p(silent) / 3.0,
        ),
        axis=1,
    )


class Rate:
    """Events per second of the trailing five minutes against those of the last hour."""

    __slots__ = ("_began", "_last", "_long")

    def __init__(self) -> None:
        self._began: float | None = None
        self._last = 0.0
        self._long = 0.0

    def ratios(self, at: Floats, in_window: Floats) -> Floats:
        """Take in the next events: log ratios, clipped to 5; 0 while the stream is younger than ten minutes."""
        if self._began is None:
            self._began = self._last = float(at[0])
        gaps = np.diff(at, prepend=self._last)
        long, averages = self._long, []
        for decay in np.exp(np.minimum(-gaps, 0.0) / _LONG_SECONDS).tolist():
            long = long * decay + 1.0
            averages.append(long)
        self._long, self._last = long, float(at[-1])
        age = np.maximum(at - self._began, _SETTLED_SECONDS)
        usual = np.array(averages) / (_LONG_SECONDS * (1.0 - np.exp(-age / _LONG_SECONDS)))
        ratios = np.clip(np.log((in_window + 1.0) / (usual * WINDOW_SECONDS + 1.0)), -5.0, 5.0)
        return np.where(at - self._began < _SETTLED_SECONDS, 0.0, ratios)


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
