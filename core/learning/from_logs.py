"""The events of several logs in order of time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.reading import ReadBatch


def merge_by_time(sources: Mapping[str, Iterable[ReadBatch]]) -> Iterator[LogEvent]:
    """Merge the events of all sources by their timestamps; an event without one keeps its place in its source."""
    stamped = (_stamped(number, name, batches) for number, (name, batches) in enumerate(sources.items()))
    for _, _, event in heapq.merge(*stamped):
        yield event


def _stamped(number: int, name: str, batches: Iterable[ReadBatch]) -> Iterator[tuple[float, tuple[int, int], LogEvent]]:
    parser, latest, place = Parser(name), 0.0, 0
    for batch in batches:
        lines = [item for item in batch.items if isinstance(item, LogLine)]
        for event in parser.feed(lines):
            if isinstance(event, LogEvent) and event.known_format:
                latest, place = max(latest, event.timestamp or 0.0), place + 1
                yield latest, (number, place), event
    for event in parser.close():
        if event.known_format:
            yield max(latest, event.timestamp or 0.0), (number, place + 1), event
