"""Lines to events: which lines make one record, and when a record is complete.

A stamped line begins an event, unless it continues its writer's open record. A line without a head joins the open event
of its writer; where nothing is open it is an event of unread form. Every line is in one event, or in one notice.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import partial
from typing import Final, NamedTuple

from core.events import Continuation, LogEvent, LogLine, Notice, NoticeKind
from core.parsing.event import event_of
from core.parsing.reader import Reader, is_prefix
from core.parsing.readings import BARE, Aside, Fragment, Part, Record
from core.parsing.stamps import Clock

_log = logging.getLogger(__name__)
MOST_LINES: Final = 10_000
"""Lines that join one event; the rest is counted in a notice."""
MOST_BYTES: Final = 1 << 20
"""Bytes of the lines that join one event."""
QUIET_SECONDS: Final = 0.25
"""Between two lines of one record that a container runtime has stamped, at most."""

_MAX_OPEN: Final = 256
_MAX_WRITERS: Final = 10_000

Parsed = LogEvent | Continuation | Notice


@dataclass(slots=True)
class _Extra:
    """What came after the first line of an open event."""

    texts: list[str] = field(default_factory=list)
    lines: int = 0
    bytes: int = 0
    left_out: int = 0


class _Last(NamedTuple):
    """The last record of one writer."""

    event: LogEvent
    headed: bool
    """Whether it has a head of its own inside of its wrapper."""
    outer: float | None
    """Stamp of its last line's wrapper."""
    process: str
    """Which part of its writer it is from."""


_new_last: Final = partial(tuple.__new__, _Last)


class Parser:
    """Turns the lines of one source into events.

    Which lines begin an event depends on the lines alone, neither on how they are split into calls nor on when
    `close` is called. An event is handed out when a record with another stamp begins, or by `close`; a line of it
    that comes later is handed out as a `Continuation`. `zone` and `written` are those of `reader.Reader`.
    """

    def __init__(self, source: str, zone: tzinfo | None = None, written: Callable[[], float] | None = None) -> None:
        self.source: Final = source
        self._reader = Reader(source, Clock(zone, written))
        self._open: list[LogEvent] = []
        self._extras: dict[int, _Extra] = {}
        self._stamp: float | None = None
        self._last: dict[str, _Last] = {}
        self._recent: deque[LogEvent] = deque(maxlen=64)
        self._has_json = False

    def feed(self, lines: Iterable[LogLine]) -> list[Parsed]:
        """Take lines, in order; give the events that they close, and the late lines of events already given."""
        out: list[Parsed] = []
        usual, read_text = self._reader.usual, self._reader.read_text
        for line in lines:
            try:
                found = usual(line, line.text) or read_text(line, line.text, BARE)
            except Exception:
                # A reader that fails on a line must not take the rest of the stream with it.
                _log.debug("no reader for line %d of %s", line.number, line.source, exc_info=True)
                self._unread(line, out)
                continue
            if type(found) is Record:
                if found.continues and (owner := self._owner(found)) is not None:
                    self._extend(owner, line, found.event.message, found.lines, out)
                else:
                    self._begin(found, out)
            elif isinstance(found, Fragment):
                self._fragment(line, found, out)
            elif isinstance(found, Aside):
                out.append(Notice(self.source, NoticeKind.ASIDE, found.text, 1))
            else:
                assert isinstance(found, Part)  # the reader keeps it until the line is whole
        return out

    def close(self) -> list[Parsed]:
        """Give the events that are open: the log has been quiet, or has ended."""
        out: list[Parsed] = []
        for found in self._reader.unfinished():
            if isinstance(found, Record):
                self._begin(found, out)
            elif found.alone is not None:
                self._begin(Record(found.alone, found.writer, continues=False), out, headed=False)
        self._flush(out)
        return out

    @property
    def waiting(self) -> Sequence[LogEvent]:
        """The events that are open, in order; their later lines are not in them yet."""
        return self._open

    @property
    def opened(self) -> float | None:
        """Stamp of the events that are open; None where none is."""
        return self._stamp if self._open else None

    def _owner(self, record: Record) -> LogEvent | None:
        """Find the event that a record without a context continues: of the same stamp, writer, logger and level.

        oslo writes the lines of a traceback at level ERROR or TRACE, whatever the level of the record. A report of an
        Erlang process is written at once.
        """
        line = record.event
        recent: Iterable[LogEvent] = reversed(self._recent)
        if record.process:
            last = self._last.get(record.writer)
            recent = [last.event] if last is not None and last.process == record.process else []
        for event in recent:
            if (
                event.timestamp == line.timestamp
                and event.pid == line.pid
                and event.logger == line.logger
                and event.service == line.service
                and (record.traceback or event.level == line.level)
            ):
                return event
        return None

    def _fragment(self, line: LogLine, fragment: Fragment, out: list[Parsed]) -> None:
        last = self._last.get(fragment.writer)
        if fragment.alone is not None:
            if last is not None and _continues(last, fragment):
                self._last[fragment.writer] = last._replace(outer=fragment.outer)
                self._extend(last.event, line, fragment.text, fragment.lines, out)
            else:
                self._begin(
                    Record(fragment.alone, fragment.writer, continues=False, outer=fragment.outer), out, headed=False
                )
        elif fragment.json and self._has_json:
            self._unread(line, out)
        elif last is not None:
            self._extend(last.event, line, fragment.text, fragment.lines, out)
        elif self._recent and (not is_prefix(fragment.writer) or "" in self._last):
            self._extend(self._recent[-1], line, line.text, fragment.lines, out)
        elif line.text.strip():
            self._unread(line, out)
        else:
            out.append(Notice(self.source, NoticeKind.ASIDE, "an empty line", 1))

    def _unread(self, line: LogLine, out: list[Parsed]) -> None:
        self._flush(out)
        out.append(event_of(line, line.text, service=self._reader.service, known_format=False))

    def _begin(self, record: Record, out: list[Parsed], *, headed: bool = True) -> None:
        event, writer = record.event, record.writer
        if not event.known_format:
            self._flush(out)
            out.append(event)
            return
        if event.timestamp != self._stamp or len(self._open) >= _MAX_OPEN:
            self._flush(out)
            self._stamp = event.timestamp
        self._open.append(event)
        self._recent.append(event)
        if len(self._last) >= _MAX_WRITERS:
            self._last.clear()
        self._last[writer] = _new_last((event, headed, record.outer, record.process))
        if record.is_json:
            self._has_json = True

    def _extend(self, owner: LogEvent, line: LogLine, text: str, lines: int, out: list[Parsed]) -> None:
        if not self._open or owner.line < self._open[0].line:
            out.append(Continuation(self.source, owner.line, line))
            return
        extra = self._extras.setdefault(owner.line, _Extra())
        if extra.lines + lines > MOST_LINES or extra.bytes + line.length > MOST_BYTES:
            extra.left_out += lines
            return
        extra.lines += lines
        extra.bytes += line.length
        extra.texts.append(text)

    def _flush(self, out: list[Parsed]) -> None:
        if not self._extras:
            out.extend(self._open)
            self._open.clear()
            return
        for event in self._open:
            extra = self._extras.get(event.line)
            if extra is None:
                out.append(event)
                continue
            out.append(_joined(event, extra))
            if extra.left_out:
                text = f"{extra.left_out:,} more lines of the event at line {event.line:,} are left out"
                out.append(Notice(self.source, NoticeKind.SKIPPED, text, extra.left_out))
        self._extras.clear()
        self._open.clear()


def _continues(last: _Last, fragment: Fragment) -> bool:
    """Tell whether a line without a head, which its wrapper stamps, is a further line of its writer's record."""
    if last.outer is None or fragment.outer is None:
        return False
    if fragment.logged:
        return last.headed and fragment.exact and fragment.outer == last.outer
    return abs(fragment.outer - last.outer) <= QUIET_SECONDS and (last.headed or fragment.text[:1].isspace())


def _joined(event: LogEvent, extra: _Extra) -> LogEvent:
    return event._replace(
        message="\n".join([event.message, *extra.texts]),
        length=event.length + extra.bytes,
        extra_lines=event.extra_lines + extra.lines,
    )
