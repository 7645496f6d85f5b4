"""Reading in a thread of its own, never further ahead of its consumer than a few batches."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator

from core.reading.batch import ReadBatch


class _Channel:
    """A bounded queue that both ends can close; nobody waits for somebody who has left."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._batches: deque[ReadBatch] = deque()
        self._changed = threading.Condition()
        self._reader_left = False
        self._consumer_left = False
        self._error: BaseException | None = None

    def put(self, batch: ReadBatch) -> bool:
        """Hand over a batch, waiting for room; False when nobody wants it any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._consumer_left or len(self._batches) < self._depth)
            self._batches.append(batch)
            self._changed.notify_all()
            return not self._consumer_left

    def get(self) -> ReadBatch | None:
        """Wait for a batch; None at the end. Raises what ended the reader."""
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._reader_left)
            if self._batches:
                self._changed.notify_all()
                return self._batches.popleft()
            if self._error is not None:
                raise self._error
            return None

    def leave_as_reader(self, error: BaseException | None) -> None:
        with self._changed:
            self._error, self._reader_left = error, True
            self._changed.notify_all()

    def leave_as_consumer(self) -> None:
        with self._changed:
            self._consumer_left = True
            self._changed.notify_all()


def in_thread(batches: Iterable[ReadBatch], *, depth: int = 4) -> Iterator[ReadBatch]:
    """Iterate `batches` in a thread that is at most `depth` batches ahead; its errors are raised here.

    Closing the iterator ends the thread at its next batch.
    """
    channel = _Channel(depth)
    thread = threading.Thread(target=_read, args=(batches, channel), name="reading", daemon=True)
    thread.start()
    try:
        while (batch := channel.get()) is not None:
            yield batch
    finally:
        channel.leave_as_consumer()


def _read(batches: Iterable[ReadBatch], channel: _Channel) -> None:
    error: BaseException | None = None
    iterator = iter(batches)
    try:
        while (batch := next(iterator, None)) is not None and channel.put(batch):
            pass
        if isinstance(iterator, Generator):
            iterator.close()
    except BaseException as caught:
        error = caught
    channel.leave_as_reader(error)
