"""What the trailing five minutes of the stream hold, kept up event by event."""

from __future__ import annotations

from collections import deque
from heapq import heappop, heappush
from math import exp, log, log1p
from typing import Final, NamedTuple

from core.schema import WINDOW_SECONDS

_LONG_SECONDS: Final = 3600.0
"""Time over which the usual rate of the stream is averaged."""
_SETTLED_SECONDS: Final = 600.0
"""Age of the stream from which its rate can be compared with the usual one."""
_KEPT: Final = 20_000
"""Open requests and instances that are waited for."""


class Window:
    """Sums over the trailing five minutes."""

    __slots__ = ("_events", "_latency", "_overdue", "_sums", "_templates", "_total")

    def __init__(self) -> None:
        self._events: deque[tuple[float, int, int, int, int, int, int, float, float]] = deque()
        self._templates: dict[int, int] = {}
        self._overdue: deque[float] = deque()
        self._sums = [0, 0, 0, 0, 0]
        """warnings, errors, replies, 5xx, new templates"""
        self._latency = 0.0
        self._total = 0.0

    def add(
        self,
        at: float,
        template: int,
        warning: int,
        error: int,
        reply: int,
        failed: int,
        new: int,
        surprisal: float,
        latency: float,
        overdue: int,
    ) -> tuple[float, ...]:
        """Take in one event; the aggregates of `core.schema`, all but the rate.

        `overdue` counts requests and instances that were found silent for too long since the event before.
        """
        events, sums, templates = self._events, self._sums, self._templates
        oldest = at - WINDOW_SECONDS
        while events and events[0][0] < oldest:
            _, gone, *flags, old_surprisal, old_latency = events.popleft()
            for index, flag in enumerate(flags):
                sums[index] -= flag
            self._total -= old_surprisal
            self._latency -= old_latency
            left = templates[gone] - 1
            if left:
                templates[gone] = left
            else:
                del templates[gone]
        events.append((at, template, warning, error, reply, failed, new, surprisal, latency))
        sums[0] += warning
        sums[1] += error
        sums[2] += reply
        sums[3] += failed
        sums[4] += new
        self._total += surprisal
        self._latency += latency
        templates[template] = templates.get(template, 0) + 1
        silent = self._overdue
        while silent and silent[0] < oldest:
            silent.popleft()
        silent.extend([at] * overdue)
        count = len(events)
        replies = sums[2] or 1
        return (
            sums[0] / count,
            sums[1] / count,
            sums[3] / replies,
            sums[4] / count,
            log1p(len(templates)) / 5.0,
            self._total / count / 5.0,
            min(max(self._latency / replies / 2.0, -3.0), 3.0),
            log1p(len(silent)) / 3.0,
        )

    def __len__(self) -> int:
        return len(self._events)


class Rate:
    """Events per second of the trailing five minutes against those of the last hour."""

    __slots__ = ("_began", "_last", "_long")

    def __init__(self) -> None:
        self._began: float | None = None
        self._last = 0.0
        self._long = 0.0

    def ratio(self, at: float, in_window: int) -> float:
        """Log ratio, clipped to 5; 0 while the stream is younger than ten minutes."""
        if self._began is None:
            self._began = self._last = at
        self._long = self._long * exp(-max(at - self._last, 0.0) / _LONG_SECONDS) + 1.0
        self._last = at
        age = at - self._began
        if age < _SETTLED_SECONDS:
            return 0.0
        usual = self._long / (_LONG_SECONDS * (1.0 - exp(-age / _LONG_SECONDS)))
        return min(max(log((in_window + 1.0) / (usual * WINDOW_SECONDS + 1.0)), -5.0), 5.0)


class Silence(NamedTuple):
    """A request or instance after which nothing came, where something always does."""

    chain: str
    template: int
    since: float
    """Second of its last event."""


class Overdue:
    """Requests and instances that wait for their next event."""

    __slots__ = ("_due", "_last")

    def __init__(self) -> None:
        self._due: list[tuple[float, int, str, int, float]] = []
        self._last: dict[str, int] = {}

    def expect(self, chain: str, template: int, at: float, within: float | None, seq: int) -> None:
        """An event of `chain` came; something must follow it within that many seconds, or need not (None)."""
        self._last.pop(chain, None)
        self._last[chain] = seq
        if within is not None:
            heappush(self._due, (at + within, seq, chain, template, at))
        if len(self._last) > _KEPT:
            del self._last[next(iter(self._last))]

    def silent(self, at: float) -> list[Silence]:
        """Chains whose time has run out since the last call."""
        found = []
        due = self._due
        while due and due[0][0] < at:
            _, seq, chain, template, since = heappop(due)
            if self._last.get(chain) == seq:
                found.append(Silence(chain, template, since))
        return found


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
