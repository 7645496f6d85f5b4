"""Full garbage collections, which walk over every event that is held, at moments when nobody waits for the app."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Final

EVERY_SECONDS: Final = 30.0
LATEST_SECONDS: Final = 300.0
"""Somebody who never stops pressing keys waits once after so long."""

UNTOUCHED_SECONDS: Final = 2.0
_NEVER: Final = 1 << 30


class Tidying:
    """Takes the full collections over from the interpreter, which would hold up keys for 0.2 s every few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, collect: Callable[[], object] = gc.collect) -> None:
        self._clock, self._collect = clock, collect
        self._touched = self._tidied = clock()
        self._begun = False

    def begin(self) -> None:
        """Have the interpreter collect young garbage only."""
        youngest, younger, _ = gc.get_threshold()
        gc.set_threshold(youngest, younger, _NEVER)
        self._begun = True

    def touch(self) -> None:
        """Note that the operator is at work."""
        self._touched = self._clock()

    def tidy(self) -> None:
        """Collect in full, if it is time and the operator has paused."""
        now = self._clock()
        since = now - self._tidied
        pauses = now - self._touched >= UNTOUCHED_SECONDS
        if self._begun and since >= EVERY_SECONDS and (pauses or since >= LATEST_SECONDS):
            self._collect()
            self._tidied = self._clock()
