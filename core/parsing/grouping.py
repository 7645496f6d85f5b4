"""Lines to events: which lines make one record, and when a record is complete."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from core.events import Continuation, LogEvent, LogLine
from core.parsing import json_lines
from core.parsing.event import event_of
from core.parsing.json_lines import MAX_EXTRA_LINES
from core.parsing.records import Fragment, Reader
from core.parsing.stamps import Clock

_log = logging.getLogger(__name__)

_MAX_OPEN: Final = 256
_MAX_WRITERS: Final = 10_000
_TRACEBACK_LEVELS: Final = frozenset({"ERROR", "TRACE", "CRITICAL"})


@dataclass(slots=True)
class _Extra:
    """What came after the first line of an open event."""

    texts: list[str] = field(default_factory=list)
    count: int = 0
    length: int = 0


class Parser:
    """Turns the lines of one source into events.

    Which lines begin an event depends on the lines alone, neither on how they are split into calls nor on when
    `close` is called. An event is handed out when a record with another stamp begins, or by `close`; a line of it
    that comes later is handed out as a `Continuation`.
    """

    def __init__(self, source: str, *, today: date | None = None) -> None:
        """Begin a source; `today` decides the year of syslog's stamps, which name none."""
        self.source: Final = source
        self._clock = Clock(today)
        self._reader = Reader(source, self._clock)
        self._open: list[LogEvent] = []
        self._extras: dict[int, _Extra] = {}
        self._stamp: float | None = None
        self._last: dict[str, LogEvent] = {}
        self._recent: deque[LogEvent] = deque(maxlen=64)

    def feed(self, lines: Iterable[LogLine]) -> list[LogEvent | Continuation]:
        """Take lines, in order; give the events that they close and the late lines of events already given."""
        out: list[LogEvent | Continuation] = []
        usual, match = self._reader.usual, self._reader.match
        for line in lines:
            text = line.text
            try:
                if text[:1] == "{":
                    event = json_lines.read(line, self._clock, self._reader.service)
                    if event is not None:
                        self._begin(event, "", out)
                        continue
                found = usual(line, text) or match(line, text)
            except Exception:
                # A reader that fails on a line must not take the rest of the stream with it.
                _log.debug("no reader for line %d of %s", line.number, line.source, exc_info=True)
                self._unread(line, out)
                continue
            if isinstance(found, Fragment):
                self._fragment(line, found, out)
                continue
            event, writer, bare = found
            owner = self._owner(event) if bare else None
            if owner is None:
                self._begin(event, writer, out)
            else:
                self._extend(owner, line, event.message, out)
        return out

    def close(self) -> list[LogEvent]:
        """Give the events that are open: the log has been quiet, or has ended."""
        out: list[LogEvent | Continuation] = []
        self._flush(out)
        return [item for item in out if isinstance(item, LogEvent)]

    @property
    def waiting(self) -> Sequence[LogEvent]:
        """The events that are open, in order; their later lines are not in them yet."""
        return self._open

    @property
    def opened(self) -> float | None:
        """Stamp of the events that are open; None where none is."""
        return self._stamp if self._open else None

    def _owner(self, line: LogEvent) -> LogEvent | None:
        """Find the event that a line of a traceback, an event in form, was written with."""
        if line.level not in _TRACEBACK_LEVELS:
            return None
        for event in reversed(self._recent):
            if (
                event.timestamp == line.timestamp
                and event.pid == line.pid
                and event.logger == line.logger
                and event.service == line.service
            ):
                return event
        return None

    def _fragment(self, line: LogLine, fragment: Fragment, out: list[LogEvent | Continuation]) -> None:
        owner = self._last.get(fragment.writer)
        if owner is not None:
            self._extend(owner, line, fragment.text, out)
        elif fragment.alone is not None:
            self._begin(fragment.alone, fragment.writer, out)
        elif self._recent and (not fragment.writer or "" in self._last):
            self._extend(self._recent[-1], line, line.text, out)
        else:
            self._unread(line, out)

    def _unread(self, line: LogLine, out: list[LogEvent | Continuation]) -> None:
        self._flush(out)
        out.append(event_of(line, line.text, service=self._reader.service, known_format=False))

    def _begin(self, event: LogEvent, writer: str, out: list[LogEvent | Continuation]) -> None:
        if event.timestamp != self._stamp or len(self._open) >= _MAX_OPEN:
            self._flush(out)
            self._stamp = event.timestamp
        self._open.append(event)
        self._recent.append(event)
        if len(self._last) >= _MAX_WRITERS:
            self._last.clear()
        self._last[writer] = event

    def _extend(self, owner: LogEvent, line: LogLine, text: str, out: list[LogEvent | Continuation]) -> None:
        if not self._open or owner.line < self._open[0].line:
            out.append(Continuation(self.source, owner.line, line))
            return
        extra = self._extras.setdefault(owner.line, _Extra())
        extra.count += 1
        extra.length += line.length
        if extra.count <= MAX_EXTRA_LINES:
            extra.texts.append(text)

    def _flush(self, out: list[LogEvent | Continuation]) -> None:
        if self._extras:
            out.extend(
                event if (extra := self._extras.get(event.line)) is None else _joined(event, extra)
                for event in self._open
            )
            self._extras.clear()
        else:
            out.extend(self._open)
        self._open.clear()


def _joined(event: LogEvent, extra: _Extra) -> LogEvent:
    return event._replace(
        message="\n".join([event.message, *extra.texts]),
        length=event.length + extra.length,
        extra_lines=event.extra_lines + extra.count,
    )
