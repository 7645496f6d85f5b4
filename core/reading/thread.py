"""Reading in its own thread, at most a few batches ahead of the consumer."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable

from core.reading.batch import ReadBatch


class _BoundedQueue:
    """A bounded queue that both ends can close; neither waits for an end that is closed."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._batches: deque[ReadBatch] = deque()
        self._changed = threading.Condition()
        self._reader_closed = False
        self._consumer_closed = False
        self._error: BaseException | None = None

    def put(self, batch: ReadBatch) -> bool:
        """Add a batch, waiting for room; False when the consumer has closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._consumer_closed or len(self._batches) < self._depth)
            self._batches.append(batch)
            self._changed.notify_all()
            return not self._consumer_closed

    def get(self) -> ReadBatch | None:
        """Wait for a batch; None at the end. Raises the error that ended the reader."""
        with self._changed:
            self._changed.wait_for(lambda: self._batches or self._reader_closed)
            if self._batches:
                self._changed.notify_all()
                return self._batches.popleft()
            if self._error is not None:
                raise self._error
            return None

    def close_reader(self, error: BaseException | None) -> None:
        with self._changed:
            self._error, self._reader_closed = error, True
            self._changed.notify_all()

    def close_consumer(self) -> None:
        with self._changed:
            self._consumer_closed = True
            self._changed.notify_all()


def in_thread(batches: Iterable[ReadBatch], *, depth: int = 4) -> Generator[ReadBatch, None, None]:
    """Iterate `batches` in a thread that is at most `depth` batches ahead; its errors are raised here.

    Closing the iterator ends the thread at its next batch.
    """
    queue = _BoundedQueue(depth)
    thread = threading.Thread(target=_read, args=(batches, queue), name="reading", daemon=True)
    thread.start()
    try:
        while (batch := queue.get()) is not None:
            yield batch
    finally:
        queue.close_consumer()


def _read(batches: Iterable[ReadBatch], queue: _BoundedQueue) -> None:
    error: BaseException | None = None
    iterator = iter(batches)
    try:
        while (batch := next(iterator, None)) is not None and queue.put(batch):
            pass
        if isinstance(iterator, Generator):
            iterator.close()
    except BaseException as caught:
        error = caught
    queue.close_reader(error)
