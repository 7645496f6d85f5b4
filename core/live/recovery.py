"""Going on after a failure: the app's stream is made again where it broke, after a pause that grows."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, Protocol

from core.events import Update
from core.support.printable import duration

PAUSES: Final = (1.0, 2.0, 5.0, 15.0, 60.0)
"""Seconds before the first, second, ... attempt; the last one holds for all that follow."""

ATTEMPTS: Final = 3
"""Failures at one place after which its lines are shown without a score: they, and not the moment, are to blame."""

_GLANCE_SECONDS: Final = 0.1
"""How long the end of a pause may go unnoticed."""


class Restartable(Protocol):
    """A stream that can be made again."""

    def __call__(self, stop: threading.Event) -> Iterator[Update]:
        """Make it; from the second time on it goes on where the one before broke."""
        ...

    def give_up(self) -> None:
        """Let the lines that came last pass without a score from now on."""
        ...


class Recovery:
    """Makes one stream of those that a restartable one gives; a failure is an update of phase `failed`."""

    def __init__(self, stream: Restartable, *, pauses: tuple[float, ...] = PAUSES) -> None:
        self._stream = stream
        self._pauses = pauses
        self._hurried = threading.Event()

    def hurry(self) -> None:
        """End the pause. From any thread."""
        self._hurried.set()

    def __call__(self, stop: threading.Event) -> Iterator[Update]:
        """Iterate it; ends with the input, or soon after `stop` is set."""
        last = Update((), "loading", 0, 0, 0, None)
        failures = 0
        while not stop.is_set():
            before = last
            try:
                for update in self._stream(stop):
                    if update.items:
                        failures = 0
                    last = replace(update, lines=before.lines + update.lines, scored=before.scored + update.scored)
                    yield last
            except Exception as error:
                failures += 1
                if failures == ATTEMPTS:
                    self._stream.give_up()
                pause = self._pauses[min(failures, len(self._pauses)) - 1]
                reason = str(error).partition("\n")[0] or type(error).__name__
                last = replace(last, items=(), phase="failed", detail=f"{reason}; next try in {duration(pause)}")
                self._hurried.clear()
                yield last
                self._wait(stop, pause)
            else:
                return

    def _wait(self, stop: threading.Event, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not (stop.is_set() or self._hurried.is_set()) and (left := deadline - time.monotonic()) > 0:
            stop.wait(min(left, _GLANCE_SECONDS))
