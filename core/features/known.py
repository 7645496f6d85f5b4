"""Which parsed records features are made of: the one place for what is watched and for what is trained on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC
from typing import NamedTuple

from core.events import LogEvent, LogLine
from core.parsing import EventStream
from core.templates import MessageFacts, Templater


class KnownEvents(NamedTuple):
    """N events of a known format, in the order of the stream, with the facts of their messages."""

    events: tuple[LogEvent, ...]
    facts: tuple[MessageFacts, ...]


def known_events(parsed: Iterable[object], templater: Templater) -> KnownEvents:
    """Pick the events of a known format out of what was parsed, notices and continuations among it."""
    events = tuple([item for item in parsed if isinstance(item, LogEvent) and item.known_format])
    return KnownEvents(events, tuple([templater.facts(event.logger, event.head) for event in events]))


def read_events(lines: Iterable[LogLine], templater: Templater) -> KnownEvents:
    """Parse a whole labelled stream, the lines of all its sources in the order in which they came.

    Stamps without a zone are in UTC, as the labels beside them are.
    """
    stream = EventStream(UTC)
    return known_events([*stream.feed(lines), *stream.quiet()], templater)
