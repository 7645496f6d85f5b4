"""How the cost of some work grows, in processor time: a busy machine makes both sides of the ratio slower."""

from __future__ import annotations

import time
from collections.abc import Callable

TENFOLD = 40.0
"""More than ten times as much work costs where it grows in proportion, less than where it grows with the square."""


def growth(work: Callable[[int], object], size: int) -> float:
    """How many times as long the work takes when its size is ten times as large."""
    return _seconds(work, 10 * size) / _seconds(work, size)


def _seconds(work: Callable[[int], object], size: int) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        work(size)
        taken.append(time.process_time() - began)
    return min(taken)
