"""Lines to events: which lines make one record, and when a record is complete."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from core.events import Continuation, LogEvent, LogLine
from core.parsing import json_lines
from core.parsing.records import Fragment, Reader, Record
from core.parsing.stamps import Clock

MAX_EXTRA_LINES: Final = 1_000
"""Lines of a record that its message keeps; those beyond are only counted."""

_MAX_OPEN: Final = 256
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
        self.source = source
        self._clock = Clock(today)
        self._reader = Reader(source, self._clock)
        self._open: list[LogEvent] = []
        self._extras: dict[int, _Extra] = {}
        self._stamp: float | None = None
        self._last: dict[str, LogEvent] = {}
        self._newest: LogEvent | None = None
        self._prefixes = False
        self._recent: deque[LogEvent] = deque(maxlen=64)

    def feed(self, lines: Iterable[LogLine]) -> list[LogEvent | Continuation]:
        """Take lines, in order; give the events that they close and the late lines of events already given."""
        out: list[LogEvent | Continuation] = []
        for line in lines:
            text = line.text
            found: Record | Fragment | None = None
            if text.startswith("{"):
                found = json_lines.read(text, self._clock, self._reader.service)
            if found is None:
                found = self._reader.read(text)
            if isinstance(found, Record):
                self._record(line, found, out)
            else:
                self._fragment(line, found, out)
        return out

    def close(self) -> list[LogEvent]:
        """Give the events that are open: the log has been quiet, or has ended."""
        out: list[LogEvent | Continuation] = []
        self._flush(out)
        return [item for item in out if isinstance(item, LogEvent)]

    def _record(self, line: LogLine, record: Record, out: list[LogEvent | Continuation]) -> None:
        if record.bare and record.level in _TRACEBACK_LEVELS:
            owner = self._owner(record)
            if owner is not None:
                self._extend(owner, line, record.message, out)
                return
        self._begin(line, record, out)

    def _owner(self, record: Record) -> LogEvent | None:
        """Find the record that a line of a traceback was written with."""
        for event in reversed(self._recent):
            if (
                event.timestamp == record.timestamp
                and event.pid == record.pid
                and event.logger == record.logger
                and event.service == record.service
            ):
                return event
        return None

    def _fragment(self, line: LogLine, fragment: Fragment, out: list[LogEvent | Continuation]) -> None:
        owner = self._last.get(fragment.writer)
        if owner is None and fragment.alone is None and not (fragment.writer and self._prefixes):
            owner = self._newest
        if owner is not None:
            text = fragment.text if fragment.writer in self._last else line.text
            self._extend(owner, line, text, out)
        elif fragment.alone is not None:
            self._begin(line, fragment.alone, out)
        else:
            self._flush(out)
            out.append(self._unknown(line))

    def _begin(self, line: LogLine, record: Record, out: list[LogEvent | Continuation]) -> None:
        if record.timestamp != self._stamp or len(self._open) >= _MAX_OPEN:
            self._flush(out)
            self._stamp = record.timestamp
        head, *rest = record.message.split("\n")
        event = LogEvent(
            source=self.source,
            line=line.number,
            offset=line.offset,
            length=line.length,
            timestamp=record.timestamp,
            utc_offset=record.utc_offset,
            level=record.level,
            service=record.service,
            logger=record.logger,
            pid=record.pid,
            request_id=record.request_id,
            instance_id=record.instance_id,
            message=record.message if len(rest) <= MAX_EXTRA_LINES else "\n".join([head, *rest[:MAX_EXTRA_LINES]]),
            raw=line.text,
            extra_lines=len(rest),
        )
        self._open.append(event)
        self._recent.append(event)
        self._newest = event
        if record.writer:
            self._prefixes = True
            self._last[record.writer] = event

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
            for event in self._open:
                extra = self._extras.get(event.line)
                out.append(event if extra is None else _joined(event, extra))
            self._extras.clear()
        else:
            out.extend(self._open)
        self._open.clear()

    def _unknown(self, line: LogLine) -> LogEvent:
        return LogEvent(
            source=self.source,
            line=line.number,
            offset=line.offset,
            length=line.length,
            timestamp=None,
            utc_offset=None,
            level="",
            service=self._reader.service,
            logger="",
            pid=None,
            request_id="",
            instance_id="",
            message=line.text,
            raw=line.text,
            known_format=False,
        )


def _joined(event: LogEvent, extra: _Extra) -> LogEvent:
    return event._replace(
        message="\n".join([event.message, *extra.texts]),
        length=event.length + extra.length,
        extra_lines=event.extra_lines + extra.count,
    )
