"""Episodes: flagged events of the stream less than 120 s apart."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from core.events import ScoredEvent

GAP_SECONDS: Final = 120.0
"""Flagged events at least this far apart belong to two episodes."""
LONG_SECONDS: Final = 600.0
"""Where rates are counted, an episode counts once more each time that it has gone on for so long: what never ends is
not rare."""

PAUSE_SECONDS: Final = 300.0
"""A pause of a log counts for so long at most where its hours are counted: it may be a gap."""

_Floats = npt.NDArray[np.float64]


def episode_starts(timestamps: _Floats) -> npt.NDArray[np.bool_]:
    """Return which of these flagged events, in stream order, start an episode.

    An event without a timestamp (nan) belongs to the episode of the previous one. A clock that steps back by two
    minutes or more starts a new one too.
    """
    if not len(timestamps):
        return np.zeros(0, np.bool_)
    filled = _fill_forward(timestamps)
    begin = np.empty(len(filled), np.bool_)
    begin[0] = True
    # nan compares as False: an event before any timestamp stays with the previous one.
    np.greater_equal(np.abs(np.diff(filled)), GAP_SECONDS, out=begin[1:])
    return begin


def episode_count(timestamps: _Floats) -> int:
    """Count the episodes of flagged events with these stamps [N], in stream order."""
    return int(np.count_nonzero(episode_starts(timestamps)))


def log_seconds_seen(timestamps: _Floats) -> float:
    """Return the seconds of log that these stamps [N] stand for, in whatever order; long pauses count in part."""
    return float(np.clip(np.diff(np.sort(timestamps)), 0.0, PAUSE_SECONDS).sum())


def first_cause(events: list[ScoredEvent]) -> str:
    """Return the strongest reason of the first of these flagged events that has one, else the first template."""
    for event in events:
        if event.reasons:
            return event.reasons[0].text
    return events[0].template if events else ""


def _fill_forward(timestamps: _Floats) -> _Floats:
    known = ~np.isnan(timestamps)
    if known.all():
        return timestamps
    newest = np.maximum.accumulate(np.where(known, np.arange(len(timestamps)), -1))
    return np.where(newest < 0, np.nan, timestamps[newest])
