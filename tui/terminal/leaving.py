"""Leaving when told to, by a signal or a terminal that has gone: the terminal is restored, the process ends in time.

An orderly exit may be held up: by a terminal that takes no output, or by a thread deep in the import of torch. So the
exit is asked for, and carried out by force when it has not come in time.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, Final

GRACE_SECONDS: Final = 0.5
"""An orderly exit takes half of it on an idle machine."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

_RESTORE: Final = b"\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?7h"
"""Mouse, focus and paste reports off, keyboard protocol popped, alternate screen left, cursor and wrapping on."""


class Departure:
    """Calls `leave` once on a signal or a hang-up, and sees to it that the process ends."""

    def __init__(self, leave: Callable[[int], None]) -> None:
        self._leave = leave
        self._left = threading.Event()
        self._terminal: int = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        self._attributes: list[Any] | None = None

    def watch(self) -> None:
        """Begin; must be called in the main thread."""
        with contextlib.suppress(termios.error):
            self._attributes = termios.tcgetattr(self._terminal)
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._await_hangup, name="hang-up", daemon=True).start()

    def force_after(self, code: int, seconds: float = GRACE_SECONDS) -> None:
        """End the process with this exit code unless it ends by itself in time."""
        timer = threading.Timer(seconds, self._force, [code])
        timer.daemon = True
        timer.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._go(number)

    def _await_hangup(self) -> None:
        hangup = select.poll()
        # With no event asked for, only hang-ups and errors are reported, so this sleeps until the terminal goes.
        hangup.register(self._terminal, 0)
        hangup.poll()
        self._go(signal.SIGHUP)

    def _go(self, number: int) -> None:
        if not self._left.is_set():
            self._left.set()
            self.force_after(128 + number)
            self._leave(number)

    def _force(self, code: int) -> None:
        with contextlib.suppress(OSError, termios.error):
            # What waits to be printed is dropped: nobody reads it any more, or too slowly.
            termios.tcflush(self._terminal, termios.TCOFLUSH)
            if self._attributes is not None:
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._attributes)
            os.set_blocking(self._terminal, False)
            os.write(self._terminal, _RESTORE)
            os.set_blocking(self._terminal, True)
        os._exit(code)
