"""How this process ends: its exit codes, signals outside of the app, and a pipe whose reader has gone."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from enum import IntEnum
from typing import Final, NoReturn

from core.errors import OutputError

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


def exit_code_of(number: int) -> int:
    """Return the exit code of a process that a signal ended, as shells report it."""
    return 128 + number


class Exit(IntEnum):
    """Exit codes."""

    NOTHING_FLAGGED = 0
    FLAGGED = 1
    """Of `score` and `watch --headless` alone."""
    ERROR = 2
    INTERRUPTED = exit_code_of(signal.SIGINT)
    BROKEN_PIPE = exit_code_of(signal.SIGPIPE)


def exit_on_signals() -> None:
    """End on SIGTERM and SIGHUP by an exception, with the signal's exit code: half-written files are removed."""
    for number in _SIGNALS:
        signal.signal(number, _exit)


def leave(code: int) -> NoReturn:
    """Exit; at once where PyTorch was loaded, which takes up to half a second to take itself apart."""
    for stream in (sys.stdout, sys.stderr):
        # The interpreter's own flush would say that it failed, and exit with 120.
        with suppress(OSError, OutputError):
            stream.flush()
    if "torch" in sys.modules:
        os._exit(code)
    sys.exit(code)


def discard_output() -> None:
    """Let the interpreter's last flush go nowhere: the reader of standard output has gone."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)


def _exit(number: int, _frame: object) -> None:
    sys.exit(exit_code_of(number))
