"""What was read and is not committed yet: what a source that is opened again gives once more."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from core.events import Continuation, LogEvent, LogLine, Notice
from core.live.reader import LineSource
from core.reading import ReadBatch

Items = tuple[LogLine | Notice, ...]


class Uncommitted:
    """Keeps the batches until the events that their lines are in have been taken, and knows lines that come again."""

    def __init__(self) -> None:
        self._batches: deque[ReadBatch] = deque()
        self._read_back: set[LogLine] = set()
        self._repeated: set[LogLine] = set()

    def add(self, batch: ReadBatch, *, is_live: bool) -> Items:
        """Take a batch; return its items without the lines that were taken before the source was opened again.

        A source that is opened again before it is live starts from its beginning, whatever was committed to it.
        """
        items = batch.items
        if self._repeated:
            items = tuple(item for item in items if not self._is_repeated(item))
        if is_live:
            self._read_back.clear()
        else:
            self._read_back.update(_lines(items))
        self._batches.append(batch)
        return items

    def commit(self, source: LineSource, waiting: Iterable[LogEvent | Continuation]) -> None:
        """Commit to the source the batches before the oldest line of what waits to be complete and taken.

        A waiting line that is in no batch is one that the source, opened again, has not come to yet.
        """
        places = {_first_line(item) for item in waiting}
        kept = 0
        for count, batch in enumerate(reversed(self._batches), 1):
            if not places:
                break
            for line in reversed(batch.items):
                if isinstance(line, LogLine) and line[:3] in places:
                    places.remove(line[:3])
                    kept = count
                    if not places:
                        break
        while len(self._batches) > kept:
            source.commit(self._batches[0])
            self._batches.popleft()

    def source_closed(self) -> None:
        """Take note that the next batches come from a source that is opened again.

        What is here is never committed then: where the old source had come to means nothing to the new one, which gives
        the same lines in batches of its own.
        """
        self._repeated |= self._read_back
        for batch in self._batches:
            self._repeated.update(_lines(batch.items))
        self._batches.clear()

    def _is_repeated(self, item: LogLine | Notice) -> bool:
        if isinstance(item, LogLine) and item in self._repeated:
            self._repeated.remove(item)
            return True
        return False


def _lines(items: Items) -> Iterable[LogLine]:
    return (item for item in items if isinstance(item, LogLine))


def _first_line(item: LogEvent | Continuation) -> tuple[str, int, int]:
    """Tell a line from every other: by source, number and offset."""
    return item[:3] if isinstance(item, LogEvent) else item.line[:3]
