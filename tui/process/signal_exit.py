"""Exit on a signal or a hang-up: the terminal is restored and the process ends within a second.

An orderly exit may block: on a terminal that takes no output, or on a thread that is importing torch. So an orderly
exit is requested first, and the process is ended by force when that takes too long.
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

from tui.process.exiting import exit_code_of

GRACE_SECONDS: Final = 0.5
"""Time for an orderly exit, which takes half of it on an idle machine."""

SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

_RESTORE: Final = b"\x1b[?1000l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l\x1b[<u\x1b[?1049l\x1b[?25h\x1b[?7h"
"""Mouse, focus and paste reports off, keyboard protocol popped, alternate screen left, cursor and wrapping on."""


class SignalExit:
    """Calls `request_exit` once with the signal's number, and ends the process if that is not enough.

    `request_exit` runs in a signal handler or in another thread, so it must do only what is safe there.
    """

    def __init__(self, request_exit: Callable[[int], None]) -> None:
        self._request_exit = request_exit
        self._requested = threading.Event()
        self._terminal: int = sys.__stdin__.fileno() if sys.__stdin__ is not None else -1
        self._attributes: list[Any] | None = None

    def install(self) -> None:
        """Install the signal handlers and watch for a hang-up; to be called in the main thread."""
        with contextlib.suppress(termios.error):
            self._attributes = termios.tcgetattr(self._terminal)
        for number in SIGNALS:
            signal.signal(number, self._on_signal)
        threading.Thread(target=self._await_hangup, name="hang-up", daemon=True).start()

    def force_after(self, code: int, seconds: float = GRACE_SECONDS) -> None:
        """End the process with this exit code unless it has ended by then."""
        timer = threading.Timer(seconds, self._force, [code])
        timer.daemon = True
        timer.start()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._exit(number)

    def _await_hangup(self) -> None:
        hangup = select.poll()
        # No event is asked for, so only a hang-up or an error is reported.
        hangup.register(self._terminal, 0)
        hangup.poll()
        self._exit(signal.SIGHUP)

    def _exit(self, number: int) -> None:
        if not self._requested.is_set():
            self._requested.set()
            self.force_after(exit_code_of(number))
            self._request_exit(number)

    def _force(self, code: int) -> None:
        with contextlib.suppress(OSError, termios.error):
            # Pending output is dropped: the terminal is gone or too slow to take it.
            termios.tcflush(self._terminal, termios.TCOFLUSH)
            if self._attributes is not None:
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._attributes)
            os.set_blocking(self._terminal, False)
            os.write(self._terminal, _RESTORE)
            os.set_blocking(self._terminal, True)
        os._exit(code)
