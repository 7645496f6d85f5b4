"""Everything that crosses from the worker thread to the app."""

from __future__ import annotations

from textual.message import Message

from core.events import Update


class Scored(Message):
    """One batch of the stream; never a single event."""

    def __init__(self, update: Update) -> None:
        self.update = update
        super().__init__()


class Stopped(Message):
    """The worker has come to its end: of the input when `reason` is empty, otherwise by a failure."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__()
