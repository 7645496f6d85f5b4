"""What the trailing five minutes of the stream hold, in columns: each event is part of its own window."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.features.wording import ReasonText, three_digits
from core.schema import WINDOW_SECONDS
from core.support.arrays import Float64, Int64, Mask

_Value = TypeVar("_Value", np.float64, np.int64)

MAX_EVENTS: Final = 100_000
"""Events that a window holds: where more come within five minutes, it is shorter."""

_ONE: Final = float(1 << 40)
"""Unit of the fixed point that sums are kept in: they are exact then, however the stream is split."""
_NEVER: Final = np.iinfo(np.int64).max
_LATENCY: Final = schema.feature("latency_z")


class WindowInputs(NamedTuple):
    """What the window counts of N events, [N] each."""

    at: Float64
    """Seconds."""
    templates: list[int]
    surprisal: Float64
    latency_z: Float64
    warning: Mask
    error: Mask
    new_template: Mask
    reply: Mask
    failed_reply: Mask
    """Replies of status 5xx."""

    def part(self, rows: slice) -> WindowInputs:
        """Return the same of some rows."""
        at, templates, surprisal, latency_z, *flags = self
        return WindowInputs(
            at[rows], templates[rows], surprisal[rows], latency_z[rows], *(each[rows] for each in flags)
        )


class Aggregates(NamedTuple):
    """The aggregates of an event that come from the window and the rate, in the units of the schema."""

    rate_ratio: float
    warning_share: float
    error_share: float
    server_error_share: float
    new_template_share: float
    distinct_templates: float
    mean_surprisal: float
    mean_latency_z: float


class Held(NamedTuple):
    """What the windows of N events hold."""

    events: Float64
    """[N] events of five minutes: of a full window as many as its rate makes in that time."""
    aggregates: Float64
    """[N, 7] `Aggregates` but the rate, in their order."""


class Window:
    """The trailing five minutes of one stream.

    Events are numbered from 0. Totals are kept from the first event on, so that a sum over a window is the difference
    of two of them; of events that left the window only the newest totals are kept.
    """

    def __init__(self) -> None:
        self._events = 0
        self._start = 0
        """Number of the oldest event in the window."""
        self._base = 0
        """Number of the event in row 0 of the arrays."""
        self._newest_at = np.empty(0, np.float64)
        """[capacity] second of the event, or of an earlier one that is later."""
        self._totals = np.zeros((1, len(_SUMMED)), np.int64)
        """[capacity + 1, sums] totals before each event, and after the last one."""
        self._next = np.empty(0, np.int64)
        """[capacity] number of the next event with the same template."""
        self._newest: dict[int, int] = {}
        """Template -> number of its newest event."""
        self._templates = 0
        """Different ones in the window."""

    def learn(self, inputs: WindowInputs) -> Held:
        """Take in N events, at least one; return what the window holds at each."""
        first, end = self._events, self._events + len(inputs.at)
        numbers = np.arange(first, end)
        self._make_room(len(numbers))
        at = self._append(inputs)
        starts = self._newest_at[: end - self._base].searchsorted(at - WINDOW_SECONDS) + self._base
        events = held = (numbers + 1 - starts).astype(np.float64)
        if end - self._start > MAX_EVENTS:
            starts = np.maximum(starts, numbers + 1 - MAX_EVENTS)
            events = (numbers + 1 - starts).astype(np.float64)
            dropped_at = self._newest_at[np.maximum(starts - 1 - self._base, 0)]
            seconds = np.minimum(np.maximum(at - dropped_at, 1.0), WINDOW_SECONDS)
            held = np.where(events < held, events * (WINDOW_SECONDS / seconds), held)
        templates = self._count_templates(inputs.templates, numbers, starts)
        row = first - self._base
        sums = self._totals[row + 1 : row + 1 + len(numbers)] - self._totals[starts - self._base]
        self._events, self._start = end, int(starts[-1])
        return Held(held, _aggregates(events, templates, sums))

    def _make_room(self, count: int) -> None:
        """Make room for so many events more; what has left the window makes way."""
        if self._events + count - self._base <= len(self._next):
            return
        # The event before the oldest one stays: a full window began when it was dropped.
        old = slice(max(self._start - 1 - self._base, 0), self._events - self._base)
        capacity = 2 * (old.stop - old.start + count)
        self._newest_at = _moved(self._newest_at, old, capacity)
        self._next = _moved(self._next, old, capacity)
        self._totals = _moved(self._totals, slice(old.start, old.stop + 1), capacity + 1)
        self._base += old.start
        self._newest = {template: n for template, n in self._newest.items() if n >= self._start}

    def _append(self, inputs: WindowInputs) -> Float64:
        """Write events behind the last one; return their seconds, none before that of an earlier event."""
        row, end = self._events - self._base, self._events - self._base + len(inputs.at)
        latest = self._newest_at[row - 1] if row else -np.inf
        at = self._newest_at[row:end] = np.maximum(np.maximum.accumulate(inputs.at), latest)
        self._next[row:end] = _NEVER
        summed = np.empty((end - row, len(_SUMMED)), np.int64)
        summed[:, 0] = inputs.surprisal * _ONE
        summed[:, 1] = np.minimum(np.maximum(inputs.latency_z, _LATENCY.low), _LATENCY.high) * _ONE
        for place, flags in enumerate(inputs[4:], 2):
            summed[:, place] = flags
        summed[0] += self._totals[row]
        summed.cumsum(axis=0, out=self._totals[row + 1 : end + 1])
        return at

    def _count_templates(self, templates: list[int], numbers: Int64, starts: Int64) -> Int64:
        """Return how many different templates the windows hold, [N]."""
        newest, previous = self._newest, []
        for event, template in enumerate(templates, int(numbers[0])):
            previous.append(newest.get(template, -1))
            newest[template] = event
        before = np.array(previous)
        repeated = before >= self._base
        self._next[before[repeated] - self._base] = numbers[repeated]
        # A template enters with an event when the one before is not in the window, and leaves with its last event.
        change = (before < starts).astype(np.int64)
        if starts[-1] > self._start:
            left = np.arange(self._start, starts[-1])
            by = starts.searchsorted(left, side="right")
            is_last = self._next[left - self._base] >= numbers[by]
            change -= np.bincount(by[is_last], minlength=len(change))
        counts = self._templates + change.cumsum()
        self._templates = int(counts[-1])
        return counts


_SUMMED: Final = WindowInputs._fields[2:]
"""Columns that are summed."""


def _aggregates(events: Float64, templates: Int64, sums: Int64) -> Float64:
    surprisal, latency_z, warnings, errors, new_templates, replies, failed_replies = sums.T
    replies = np.maximum(replies, 1)
    values = np.empty((len(events), len(Aggregates._fields) - 1))
    values[:, 0] = warnings / events
    values[:, 1] = errors / events
    values[:, 2] = failed_replies / replies
    values[:, 3] = new_templates / events
    values[:, 4] = np.log1p(templates) / 5.0
    values[:, 5] = surprisal / (5.0 * _ONE * events)
    values[:, 6] = latency_z / (2.0 * _ONE * replies)
    return values


def _moved(values: NDArray[_Value], kept: slice, capacity: int) -> NDArray[_Value]:
    """Return an array of `capacity` rows that begins with the kept rows of another one."""
    moved = np.empty((capacity, *values.shape[1:]), values.dtype)
    moved[: kept.stop - kept.start] = values[kept]
    return moved


_SHARES: Final = (
    ("server_error_share", 0.001, "5xx {} % of replies, usually {} (5 min)"),
    ("error_share", 0.001, "errors {} % of events, usually {} (5 min)"),
    ("new_template_share", 0.001, "unseen templates {} % of events, usually {} (5 min)"),
    ("warning_share", 0.05, "warnings {} % of events, usually {} (5 min)"),
)
"""Share, what is usual of it, and its wording."""
_TIMES_USUAL: Final = 4.0
"""Times that a share has to be above its usual to be worded."""
_RATE_STANDS_OUT: Final = 0.7
"""Log ratio of the rate, up or down, from which it is worded."""
_LATENCY_STANDS_OUT: Final = 0.5


def window_reason(values: Aggregates) -> ReasonText | None:
    """Word the first of the aggregates that stands out."""
    for name, usual, text in _SHARES:
        share: float = getattr(values, name)
        if share > _TIMES_USUAL * usual:
            return ReasonText(text.format(three_digits(share * 100), three_digits(usual * 100)), share, usual)
    if abs(values.rate_ratio) > _RATE_STANDS_OUT:
        ratio = float(np.exp(values.rate_ratio))
        return ReasonText(f"{three_digits(ratio)} times the usual rate of events (5 min)", ratio, 1.0)
    if values.mean_latency_z > _LATENCY_STANDS_OUT:
        return ReasonText("replies slower than usual (5 min)", values.mean_latency_z, 0.0)
    return None
