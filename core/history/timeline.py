"""The history over time: its span, the row nearest to a time, and counts per interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.events import LEVELS
from core.history.history import History


class Bins(NamedTuple):
    """Events per interval of time."""

    edges: npt.NDArray[np.float64]
    """Bounds of the intervals, seconds since 1970 [n + 1]."""
    levels: npt.NDArray[np.int64]
    """Events by interval and level rank [n, len(LEVELS)]."""
    flagged: npt.NDArray[np.int64]
    """Flagged events by interval [n]."""


def span(history: History) -> tuple[float, float] | None:
    """Return the earliest and the latest stamp, seconds since 1970; None without any."""
    stamps = history.timestamps()
    stamps = stamps[~np.isnan(stamps)]
    return (float(stamps.min()), float(stamps.max())) if len(stamps) else None


def nearest(history: History, timestamp: float) -> int | None:
    """Return the row with the timestamp nearest to this one, the first of several; None without any timestamp."""
    distance = np.abs(history.timestamps() - timestamp)
    if np.isnan(distance).all():
        return None
    return int(np.nanargmin(distance))


def count_in_bins(history: History, start: float, end: float, n: int, threshold: float) -> Bins:
    """Count the events of `n` equal intervals of `start <= stamp < end`, by level, and the flagged ones."""
    if not (end > start and n > 0):
        raise ValueError("the interval is empty")
    stamps = history.timestamps()
    inside = (stamps >= start) & (stamps < end)
    position = ((stamps[inside] - start) * (n / (end - start))).astype(np.intp).clip(max=n - 1)
    levels = np.bincount(position * len(LEVELS) + history.levels()[inside], minlength=n * len(LEVELS))
    flagged = np.bincount(position[history.alerting(threshold)[inside]], minlength=n)
    return Bins(np.linspace(start, end, n + 1), levels.reshape(n, len(LEVELS)), flagged)
