"""What the trailing five minutes of the stream hold, kept up event by event."""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.schema import WINDOW_SECONDS

Floats = NDArray[np.float64]


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
