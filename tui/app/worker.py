"""The thread that runs reading, parsing and scoring, a few lines around a generator that knows no screen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Final

from textual.message import Message

from core.errors import TailsightError
from core.events import Update
from tui.app.messages import Scored, Stopped

Updates = Callable[[threading.Event], Iterator[Update]]
"""Makes a new stream, which ends soon after the event is set."""

BACKLOG_LIMIT: Final = 2
"""Messages the app may be behind before the worker waits, and with it the reader; a key waits behind them."""

_log = logging.getLogger(__name__)


class StreamThread:
    """Iterates a stream and posts one message an update, as fast as the app takes them.

    The thread is a daemon: importing torch cannot be interrupted, and leaving must not wait for it.
    """

    def __init__(self, updates: Updates, post: Callable[[Message], object], backlog: Callable[[], int]) -> None:
        self._updates = updates
        self._post = post
        self._backlog = backlog
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Ask the stream to end; returns at once."""
        self._stop.set()

    def join(self, timeout: float) -> bool:
        """Wait until it has ended, at most `timeout` seconds, and tell whether it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        reason = ""
        try:
            for update in self._updates(self._stop):
                while self._backlog() >= BACKLOG_LIMIT and not self._stop.wait(0.005):
                    pass
                if self._stop.is_set():
                    return
                self._post(Scored(update))
        except TailsightError as error:
            reason = str(error)
        except Exception as error:
            _log.exception("the stream failed")
            reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        if not self._stop.is_set():
            self._post(Stopped(reason))
