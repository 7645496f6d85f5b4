"""Pauses after failures, which grow until something works again."""

from __future__ import annotations

import threading
import time
from typing import Final

PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before the first, second, ... attempt after a failure; the last one holds for all that follow."""

_POLL_SECONDS: Final = 0.1
"""How long the end of a pause may go unnoticed."""


class Backoff:
    """Counts failures in a row, and waits."""

    def __init__(self, pauses: tuple[float, ...] = PAUSES) -> None:
        self._pauses = pauses
        self.failures = 0
        """In a row."""
        self._retry = threading.Event()

    def failed(self) -> float:
        """Count one more failure; return the seconds to wait before the next attempt."""
        self.failures += 1
        self._retry.clear()
        return self._pauses[min(self.failures, len(self._pauses)) - 1]

    def succeeded(self) -> None:
        """Begin with the shortest pause again."""
        self.failures = 0

    def wait(self, seconds: float, stop: threading.Event) -> None:
        """Wait, until `stop` is set or `retry_now` is called at most."""
        deadline = time.monotonic() + seconds
        while not (stop.is_set() or self._retry.is_set()) and (left := deadline - time.monotonic()) > 0:
            stop.wait(min(left, _POLL_SECONDS))

    def retry_now(self) -> None:
        """End the pause. From any thread."""
        self._retry.set()
