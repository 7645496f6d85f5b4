"""Complete logs into one stream of events, in the order in which they would have been watched."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

from core.events import LogEvent, LogLine
from core.parsing.grouping import Parser
from core.parsing.merge import Merged, Merger


def merge_logs(sources: Mapping[str, Iterable[Iterable[LogLine]]]) -> Iterator[Merged]:
    """Merge the events of complete logs, each given as batches of lines, as if every line had come when it was written.

    Their order is that of `Merger`, as everywhere; an event without a timestamp keeps its place in its source.
    """
    merger = Merger()
    waiting: list[tuple[float, str, LogEvent, Iterator[tuple[float, LogEvent]]]] = []

    def wait_for(name: str, events: Iterator[tuple[float, LogEvent]]) -> None:
        for stamp, event in events:
            heapq.heappush(waiting, (stamp, name, event, events))
            return

    for name, batches in sources.items():
        wait_for(name, _stamped(name, batches))
    while waiting:
        _, name, event, events = heapq.heappop(waiting)
        yield from merger.push([event])
        wait_for(name, events)
    yield from merger.flush()


def _stamped(name: str, batches: Iterable[Iterable[LogLine]]) -> Iterator[tuple[float, LogEvent]]:
    """Yield the events of one source, each with its timestamp, else that of the one before it."""
    parser, stamp = Parser(name), 0.0
    for batch in batches:
        for item in parser.feed(batch):
            if isinstance(item, LogEvent):
                stamp = item.timestamp if item.timestamp is not None else stamp
                yield stamp, item
    for event in parser.close():
        yield (event.timestamp if event.timestamp is not None else stamp), event
