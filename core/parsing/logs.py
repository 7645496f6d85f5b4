"""Complete logs into one stream of events, in the order in which they would have been watched."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import tzinfo
from functools import partial
from itertools import chain

from core.events import LogEvent, LogLine
from core.parsing.grouping import Parsed, Parser
from core.parsing.merge import Merged, Merger


def merge_logs(
    sources: Mapping[str, Iterable[Iterable[LogLine]]],
    zone: tzinfo | None = None,
    written: Callable[[str], float] | None = None,
) -> Iterator[Merged]:
    """Merge the events of complete logs, each given as batches of lines, as if every line had come when it was written.

    Their order is that of `Merger`, as everywhere; an event without a timestamp keeps its place in its source. `zone`
    and `written` are those of `EventStream`.
    """
    merger = Merger()
    waiting: list[tuple[float, str, LogEvent, Iterator[tuple[float, LogEvent]]]] = []

    def wait_for(name: str, events: Iterator[tuple[float, LogEvent]]) -> None:
        for stamp, event in events:
            heapq.heappush(waiting, (stamp, name, event, events))
            return

    for name, batches in sources.items():
        parser = Parser(name, zone, None if written is None else partial(written, name))
        wait_for(name, _stamped(parser, batches))
    while waiting:
        _, name, event, events = heapq.heappop(waiting)
        yield from merger.push([event])
        wait_for(name, events)
    yield from merger.flush()


def _stamped(parser: Parser, batches: Iterable[Iterable[LogLine]]) -> Iterator[tuple[float, LogEvent]]:
    """Yield the events of one source, each with its timestamp, else that of the one before it."""
    stamp = 0.0
    for item in chain(chain.from_iterable(map(parser.feed, batches)), _closed(parser)):
        if isinstance(item, LogEvent):
            stamp = item.timestamp if item.timestamp is not None else stamp
            yield stamp, item


def _closed(parser: Parser) -> Iterator[Parsed]:
    # Asked only when all that comes before has been taken.
    yield from parser.close()
