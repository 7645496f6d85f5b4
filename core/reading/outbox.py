"""The queue of what was read and is in no batch yet."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from core.events import Notice
from core.reading.batch import BATCH_LINES, ReadBatch, ReadItem
from core.reading.identity import Position
from core.reading.tail import Chunk, FileTail


class Outbox:
    """Queues chunks and notices in the order in which they were read, and makes batches of them."""

    def __init__(self) -> None:
        self._entries: deque[Chunk | Notice] = deque()
        self.lines = 0
        """Lines that are queued."""

    def put(self, entry: Chunk | Notice) -> None:
        """Add an entry."""
        self._entries.append(entry)
        if isinstance(entry, Chunk):
            self.lines += len(entry.lines)

    def take(self, max_lines: int = BATCH_LINES) -> ReadBatch:
        """Return the next batch, without `behind`: at most `max_lines` lines, all of them warm-up or none."""
        items: list[ReadItem] = []
        # Where the lines of each file end in this batch: a position costs a hash, so it is made once a file.
        ends: dict[FileTail, Callable[[], Position]] = {}
        room, warm_up = max_lines, None
        while self._entries and room:
            entry = self._entries[0]
            if isinstance(entry, Notice):
                items.append(self._entries.popleft())  # type: ignore[arg-type]
                continue
            if entry.lines and warm_up not in (None, entry.warm_up):
                break
            taken = entry.lines[:room]
            if taken:
                items += taken
                room -= len(taken)
                warm_up = entry.warm_up
            if taken or entry.after:
                ends[entry.tail] = partial(entry.position, taken[-1] if taken else None)
            if len(taken) < len(entry.lines):
                entry.lines = entry.lines[len(taken) :]
            else:
                self._entries.popleft()
        self.lines -= max_lines - room
        positions = []
        for tail, end in ends.items():
            position = end()
            tail.delivered = position.offset
            positions.append((tail, position))
        return ReadBatch(tuple(items), warm_up=bool(warm_up), positions=tuple(positions))
