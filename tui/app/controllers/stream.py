"""The stream as the operator steers it: skip to now, start again after a failure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tui.app.view import View
from tui.app.worker import StreamThread
from tui.session.session import Session

JOIN_SECONDS: Final = 0.3
"""How long the exit waits for the worker, which may be saving its checkpoint."""


class StreamController:
    """Owns the worker thread; a failed one is replaced when the operator retries.

    `skip` lets the reader jump to now; `retry_now` makes a stream that recovers by itself retry at once.
    """

    def __init__(
        self,
        session: Session,
        view: View,
        make_thread: Callable[[], StreamThread],
        *,
        skip: Callable[[], None] | None = None,
        retry_now: Callable[[], None] | None = None,
    ) -> None:
        self._session, self._view, self._make_thread = session, view, make_thread
        self._skip, self._retry_now = skip, retry_now
        self._thread = make_thread()

    def start(self) -> None:
        """Start the worker."""
        self._thread.start()

    def stop(self) -> None:
        """Tell the worker to end; returns at once, and may be called in a signal handler."""
        self._thread.stop()

    def join(self) -> None:
        """Give the worker time to end; one that is importing torch is left behind."""
        self._thread.stop()
        self._thread.join(JOIN_SECONDS)

    def skip(self) -> None:
        """Skip the unread lines."""
        if self._skip is None:
            self._view.show_message("this input cannot be skipped", warning=True)
            return
        self._skip()
        self._view.show_message("skipping to now; a row will say how much was left out")

    def retry(self) -> None:
        """Start scoring again after a failure, at once."""
        if not self._session.failure:
            self._view.show_message("scoring has not stopped; there is nothing to retry")
        elif self._thread.join(0):
            self._session.failure = ""
            self._thread = self._make_thread()
            self._thread.start()
            self._view.draw()
        elif self._retry_now is not None:
            self._retry_now()
            self._view.show_message("trying again")
