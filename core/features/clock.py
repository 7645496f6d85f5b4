"""The time of a stream: when its events happened, and where its clock was set back."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from core.support.arrays import Float64

_BACK_SECONDS: Final = 60.0
"""A clock set back by more than this begins the windows again; less is disorder among writers."""


class Times(NamedTuple):
    """When N events happened."""

    at: Float64
    """[N] seconds; an event without a stamp happened with the one before it."""
    gaps: Float64
    """[N] seconds between an event and the one before it, whichever came first; 0 for the first one."""
    restarts: list[int]
    """Rows at which everything that depends on time begins again: the first event, and where the clock was set back."""


class StreamClock:
    """Follows the stamps of one stream."""

    __slots__ = ("_now",)

    def __init__(self) -> None:
        self._now: float | None = None

    def advance(self, stamps: Float64) -> Times:
        """Take the stamps [N] of the next events, nan where there is none; at least one."""
        known = ~np.isnan(stamps)
        restarts = []
        if self._now is None:
            self._now = float(stamps[0]) if known[0] else 0.0
            restarts = [0]
        filled = np.concatenate(([self._now], stamps))
        newest = np.maximum.accumulate(np.where(known, np.arange(1, len(filled)), 0))
        at = filled[newest]
        before = np.concatenate(([self._now], at[:-1]))
        self._now = float(at[-1])
        return Times(at, np.abs(at - before), restarts + np.flatnonzero(at < before - _BACK_SECONDS).tolist())
