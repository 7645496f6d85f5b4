"""One source of the running stream, read in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from core.reading import ReadBatch, in_thread

_CLOSING_SECONDS: Final = 5.0
"""How long closing waits for the reader's thread, which notices it within a second and saves how far it has come."""


class LineSource(Protocol):
    """What is followed: `core.reading.Follower` is one.

    Iterated once, in a thread of its own, it gives lines in order, each once, and ends soon after its `stop` is set.
    """

    def __iter__(self) -> Iterator[ReadBatch]:
        """Give what is read."""
        ...

    def commit(self, batch: ReadBatch) -> None:
        """Take note that this batch and all before it have been dealt with: a resumed source begins after them."""
        ...

    def skip_to_end(self) -> None:
        """Leave out what has not been read yet and go on with what comes."""
        ...


OpenSource = Callable[[threading.Event, bool], LineSource]
"""Opens the source, which ends after the event is set. With True it gives each line after those that were committed
to the source opened before; with False it begins as the operator asked for.
"""


class ReaderThread:
    """Reads an open source; never further ahead than a few batches."""

    def __init__(self, source: LineSource) -> None:
        self.source: Final = source
        self._has_left = threading.Event()
        self._has_left.set()
        self._batches = in_thread(self._read())

    def next(self) -> ReadBatch | None:
        """Wait for the next batch; None at the end. Raises what ended the source."""
        return next(self._batches, None)

    def close(self) -> None:
        """Let the thread end, and wait until it has: what was committed is kept then."""
        self._batches.close()
        self._has_left.wait(_CLOSING_SECONDS)

    def _read(self) -> Iterator[ReadBatch]:
        self._has_left.clear()
        try:
            yield from self.source
        finally:
            self._has_left.set()
