"""When the garbage collector walks over all objects: at moments when nobody waits for the app."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final

INTERVAL_SECONDS: Final = 30.0
"""Between two full collections while the operator pauses."""

LATEST_SECONDS: Final = 300.0
"""A full collection runs after so long even if keys never stop."""

INPUT_PAUSE_SECONDS: Final = 2.0
"""Without a key or a mouse event for so long, the operator pauses."""

_NEVER: Final = 1 << 30


class GcScheduler:
    """Runs the full collections in place of the interpreter.

    A full collection walks over every event of the history: 0.2 s with 100,000 events, every few seconds while a log
    flows. Keys would wait for it. Young objects are still collected by the interpreter, in less than a millisecond.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, collect: Callable[[], object] = gc.collect) -> None:
        self._clock, self._collect = clock, collect
        self._last_input = self._last_collection = clock()
        self._started = False

    def start(self) -> None:
        """Keep the interpreter from full collections; without this call `run_if_due` does nothing."""
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _NEVER)
        self._started = True

    def note_input(self) -> None:
        """Note that the operator is at work."""
        self._last_input = self._clock()

    def run_if_due(self) -> None:
        """Run a full collection if it is time and the operator pauses."""
        now = self._clock()
        elapsed = now - self._last_collection
        pauses = now - self._last_input >= INPUT_PAUSE_SECONDS
        if self._started and elapsed >= INTERVAL_SECONDS and (pauses or elapsed >= LATEST_SECONDS):
            self._collect()
            self._last_collection = self._clock()
