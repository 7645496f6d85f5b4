"""Episodes: flagged events of the stream that follow each other in less than 60 s."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from core.events import ScoredEvent

GAP_SECONDS: Final = 60.0
"""Flagged events at least this far apart belong to two episodes."""

Floats = npt.NDArray[np.float64]


def starts(timestamps: Floats) -> npt.NDArray[np.bool_]:
    """Tell which of these flagged events, in stream order, begin an episode.

    An event without a stamp (nan) belongs to the episode of the one before it. A clock that steps back by a minute
    or more begins a new one too.
    """
    if not len(timestamps):
        return np.zeros(0, np.bool_)
    filled = _fill_forward(timestamps)
    begin = np.empty(len(filled), np.bool_)
    begin[0] = True
    # Not `>= GAP`: what has no stamp yet compares as False and so stays with what is before it.
    np.greater_equal(np.abs(np.diff(filled)), GAP_SECONDS, out=begin[1:])
    return begin


def episode_count(timestamps: Floats) -> int:
    """Count the episodes of flagged events with these stamps [N], in stream order."""
    return int(np.count_nonzero(starts(timestamps)))


def first_cause(events: list[ScoredEvent]) -> str:
    """Name what these flagged events began with, in a few words."""
    for event in events:
        if event.reasons:
            return event.reasons[0].text
    return events[0].template if events else ""


def _fill_forward(timestamps: Floats) -> Floats:
    known = ~np.isnan(timestamps)
    if known.all():
        return timestamps
    newest = np.maximum.accumulate(np.where(known, np.arange(len(timestamps)), -1))
    return np.where(newest < 0, np.nan, timestamps[newest])
