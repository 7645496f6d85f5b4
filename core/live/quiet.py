"""The time that has gone by since the last line, as far as it tells that none was written."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

_STEP_SECONDS: Final = 2.0
"""A reader gives a sign each second. What is longer between two signs, it or the whole host stood still."""


class QuietClock:
    """Counts monotonic seconds since the last line arrived, while nothing is behind.

    It counts nothing before a line has come to a log that had been read to its end: a file that nobody writes to any
    more is not silent.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last = clock()
        self._quiet_s = 0.0
        self._has_caught_up = self._is_written = False

    def sign(self, *, lines: int, behind: int) -> float | None:
        """Take note of a batch that was read; return the seconds since the last line, None where they tell nothing."""
        now = self._clock()
        step, self._last = min(now - self._last, _STEP_SECONDS), now
        if lines:
            self._is_written |= self._has_caught_up
            self._quiet_s = 0.0
        elif not behind:
            self._has_caught_up = True
            self._quiet_s += step
            return self._quiet_s if self._is_written else None
        return None
