"""Lines per second over the last two seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

RATE_SECONDS: Final = 2.0


class LineRate:
    """The growth per second of a counter over the last two seconds."""

    def __init__(self) -> None:
        self._points: deque[tuple[float, int]] = deque()

    def add(self, moment: float, total: int) -> None:
        """Add the value of the counter at this moment (seconds of a monotonic clock)."""
        self._points.append((moment, total))
        while len(self._points) > 2 and self._points[1][0] <= moment - RATE_SECONDS:
            self._points.popleft()

    def per_second(self) -> float:
        """Return the growth per second between the first and the last point of the window."""
        if len(self._points) < 2:
            return 0.0
        (start, first), (end, last) = self._points[0], self._points[-1]
        return max(last - first, 0) / max(end - start, 0.05)
