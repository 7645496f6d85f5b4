"""The logs of a site as one stream of events that can be read several times, in the order of time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from itertools import islice
from typing import Final

from core.errors import SourceError
from core.events import LogEvent, LogLine
from core.parsing import merge_logs
from core.reading import ReadBatch, last_written

OpenLog = Callable[[], Iterable[ReadBatch]]
"""Reads one source from its beginning to its end, as often as it is called."""

BATCH_EVENTS: Final = 4_000
"""Events that are scored together; a whole log would not fit into memory."""


class SiteLog:
    """All sources of a site. Events of unread form are counted in the first reading, and left out of every one.

    A log that grows meanwhile is read as far as the first reading came, so that each reading gives the same events.
    """

    def __init__(self, sources: Mapping[str, OpenLog], zone: tzinfo | None = None) -> None:
        """Name the sources; `zone` is the time of stamps without one, the host's unless given."""
        self._sources, self._zone = sources, zone
        self.lines: Counter[str] = Counter()
        """Source -> lines that were read of it."""
        self.unread: Counter[str] = Counter()
        """Source -> lines of unread form."""
        self._events: int | None = None
        self._readings = 0

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of the sources, in the order in which they were given."""
        return tuple(self._sources)

    def events(self) -> Iterator[LogEvent]:
        """Give the events of known form. Raises SourceError for a log that is not what it was when read first."""
        self._readings += 1
        is_first, count = self._readings == 1, 0
        batches = {name: self._lines(name, open_log, is_first) for name, open_log in self._sources.items()}
        for item in merge_logs(batches, self._zone, last_written):
            if not isinstance(item, LogEvent):
                continue
            if item.known_format:
                count += 1
                yield item
            elif is_first:
                self.unread[item.source] += item.extra_lines + 1
        if is_first:
            self._events = count
        elif count != self._events:
            raise SourceError("the logs were changed while they were read: learn from copies of them")

    def batches(self, size: int = BATCH_EVENTS) -> Iterator[list[LogEvent]]:
        """Give the same events, a batch at a time."""
        events = self.events()
        while batch := list(islice(events, size)):
            yield batch

    def _lines(self, name: str, open_log: OpenLog, is_first: bool) -> Iterator[list[LogLine]]:  # noqa: FBT001 (private)
        left = None if is_first else self.lines[name]
        for batch in open_log():
            lines = [item for item in batch.items if isinstance(item, LogLine)][:left]
            if left is None:
                self.lines[name] += len(lines)
            else:
                left -= len(lines)
            yield lines
