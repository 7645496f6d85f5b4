"""The stream of followed files; it goes on where it broke off."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from typing import Final

from core.events import Item, LogEvent, LogLine, Notice, NoticeKind, ScoredEvent, Update
from core.live.watch import watch
from core.pipeline import Pipeline
from core.reading import Follower, in_thread
from core.reading.batch import ReadBatch

MakeFollower = Callable[[threading.Event, bool], "Follower"]
"""Follows until the event is set; with True, from where the follower before has come to."""
_UNCOMMITTED: Final = 2
"""Batches that may have been shown, in part or whole, and are not committed yet."""
_READER_SECONDS: Final = 5.0
"""How long a reader that is no longer wanted may take to note how far it has come; it looks up once a second."""


class FollowedStream:
    """Makes the stream of followed files; called again, it goes on where the stream before broke off."""

    def __init__(self, load: Callable[[], Callable[[], Pipeline]], make_follower: MakeFollower) -> None:
        self._load = load
        self._make_follower = make_follower
        self._follower: Follower | None = None
        self._batches: Iterator[ReadBatch] = iter(())
        self._is_live = False
        self._reader_left = threading.Event()
        self._reader_left.set()
        self._handed: deque[ReadBatch] = deque(maxlen=_UNCOMMITTED)
        self._shown: deque[tuple[Item, ...]] = deque(maxlen=_UNCOMMITTED)
        self._unscored: set[tuple[str, int]] = set()

    def __call__(self, stop: threading.Event) -> Iterator[Update]:
        """Follow and score; ends soon after `stop` is set."""
        if isinstance(self._batches, Generator):
            self._batches.close()
        self._reader_left.wait(_READER_SECONDS)
        self._handed.clear()
        follower = self._follower = self._make_follower(stop, self._is_live)
        self._batches = in_thread(self._read(follower))
        updates = watch(self._hand_on(self._batches), self._load, done=follower.commit)
        return self._leave_out(updates, {_place(item.event) for item in self._events_shown()})

    def skip(self) -> None:
        """Let the reader jump to now."""
        if self._follower is not None:
            self._follower.skip_to_end()

    def give_up(self) -> None:
        """Let the lines that were handed on last pass without a score from now on."""
        for batch in self._handed:
            self._unscored |= {(line.source, line.offset) for line in batch.items if isinstance(line, LogLine)}

    def _read(self, follower: Follower) -> Iterator[ReadBatch]:
        self._reader_left.clear()
        try:
            for batch in follower:
                # What is read back is read back again: gone on with, it would pass for new.
                self._is_live = self._is_live or not batch.warm_up
                yield batch
        finally:
            self._reader_left.set()

    def _hand_on(self, batches: Iterator[ReadBatch]) -> Iterator[ReadBatch]:
        for batch in batches:
            if batch.items:
                if self._unscored:
                    batch = replace(batch, items=tuple(map(self._without_score, batch.items)))  # noqa: PLW2901
                self._handed.append(batch)
            yield batch

    def _without_score(self, item: LogLine | Notice) -> LogLine | Notice:
        if isinstance(item, LogLine) and (item.source, item.offset) in self._unscored:
            return Notice(item.source, NoticeKind.SKIPPED, f"not scored: {item.text}", 1)
        return item

    def _events_shown(self) -> Iterator[ScoredEvent]:
        return (item for items in self._shown for item in items if isinstance(item, ScoredEvent))

    def _leave_out(self, updates: Iterator[Update], known: set[_Place]) -> Iterator[Update]:
        """Leave out events that were shown before the stream broke: what is not committed is read again."""
        for update in updates:
            items = update.items
            if known:
                items = tuple(
                    item for item in items if not (isinstance(item, ScoredEvent) and _place(item.event) in known)
                )
                known -= {_place(item.event) for item in update.items if isinstance(item, ScoredEvent)}
            if items:
                self._shown.append(items)
            yield update if items is update.items else replace(update, items=items)


_Place = tuple[str, int, int, str]


def _place(event: LogEvent) -> _Place:
    """Tell an event from every other, in the files that a path has had one after the other, too."""
    return event.source, event.line, event.offset, event.raw
