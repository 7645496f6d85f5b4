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
from typing import Final

from core.events import Continuation, LogEvent, LogLine, Notice, NoticeKind
from core.parsing.reader import Reader, is_prefix
from core.parsing.readings import BARE, Aside, Fragment, Piece, Reading, RecordLine, Unread, new_record_line
from core.parsing.stamps import Clock

_log = logging.getLogger(__name__)
MAX_EVENT_LINES: Final = 10_000
"""Lines that join one event; the rest is counted in a notice."""
MAX_EVENT_BYTES: Final = 1 << 20
"""Bytes of the lines that join one event."""
_APART_SECONDS: Final = 0.25
"""Between two lines of one record that a container runtime has stamped, at most."""

_TRACEBACK: Final = "Traceback (most recent call last)"
_MAX_OPEN: Final = 256
_MAX_WRITERS: Final = 10_000

Parsed = LogEvent | Continuation | Notice
"""What parsing gives, in order."""


@dataclass(slots=True)
class _Extra:
    """What came after the first line of an open event."""

    texts: list[str] = field(default_factory=list)
    lines: int = 0
    bytes: int = 0
    left_out: int = 0


class Parser:
    """Turns the lines of one source into events.

    Which lines begin an event depends on the lines alone, neither on how they are split into calls nor on when
    `close` is called. An event is handed out when a record with another stamp begins, or by `close`; a line of it
    that comes later is handed out as a `Continuation`. Only a line that a container runtime has cut, or a record
    with a field a line, is given by `close` as far as it goes, and what comes of it later is read by itself. `zone`
    and `written` are those of `reader.Reader`.
    """

    def __init__(self, source: str, zone: tzinfo | None = None, written: Callable[[], float] | None = None) -> None:
        self.source: Final = source
        self._reader = Reader(source, Clock(zone, written))
        self._open: dict[int, LogEvent] = {}
        """Events that are open, by the number of their first line."""
        self._extras: dict[int, _Extra] = {}
        self._stamp: float | None = None
        self._last: dict[str, RecordLine] = {}
        self._recent: deque[LogEvent] = deque(maxlen=64)

    def feed(self, lines: Iterable[LogLine]) -> list[Parsed]:
        """Take lines, in order; give the events that they close, and the late lines of events already given."""
        out: list[Parsed] = []
        read_oslo, read_text = self._reader.read_oslo, self._reader.read_text
        for line in lines:
            try:
                found = read_oslo(line, line.text) or read_text(line, line.text, BARE)
            except Exception:
                # A reader that fails on a line must not take the rest of the stream with it.
                _log.debug("no reader for line %d of %s", line.number, line.source, exc_info=True)
                self._unread(self._reader.unread(line), out)
                continue
            if type(found) is RecordLine:
                if found.continues and (owner := self._owner(found)) is not None:
                    self._extend(owner, line, found.event.message, found.lines, out)
                else:
                    self._begin(found, out)
            elif type(found) is Fragment:
                self._fragment(line, found, out)
            else:
                self._take(line, found, out)
        return out

    def close(self) -> list[Parsed]:
        """Give the events that are open: the log has been quiet, or has ended."""
        out: list[Parsed] = []
        for line, found in self._reader.unfinished():
            if isinstance(found, RecordLine):
                self._begin(found, out)
            else:
                self._take(line, found, out)
        self._flush(out)
        return out

    @property
    def waiting(self) -> Sequence[LogEvent]:
        """The events that are open, in order; their later lines are not in them yet."""
        return [*self._open.values(), *self._reader.begun()]

    @property
    def opened(self) -> float | None:
        """Stamp of the events that are open; None where none is."""
        return self._stamp if self._open else None

    def _owner(self, record: RecordLine) -> LogEvent | None:
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

    def _take(self, line: LogLine, found: Reading, out: list[Parsed]) -> None:
        """Take what has no head of its own."""
        if isinstance(found, Fragment):
            self._fragment(line, found, out)
        elif isinstance(found, Unread):
            self._unread(found.event, out)
        elif isinstance(found, Aside):
            out.append(Notice(self.source, NoticeKind.ASIDE, found.text, 1))
        else:
            assert isinstance(found, Piece)  # the reader keeps it until the rest has come

    def _fragment(self, line: LogLine, fragment: Fragment, out: list[Parsed]) -> None:
        writer, text, alone, outer, _, _, lines = fragment
        last = self._last.get(writer)
        if alone is not None:
            if last is not None and _continues(last, fragment):
                self._last[writer] = last._replace(outer=outer)
                self._extend(last.event, line, text, lines, out)
            else:
                self._begin(new_record_line((alone, writer, False, outer, False, False, lines, "")), out)
        elif last is not None:
            self._extend(last.event, line, text, lines, out)
        elif self._recent and (not is_prefix(writer) or "" in self._last):
            self._extend(self._recent[-1], line, line.text, lines, out)
        elif line.text.strip():
            self._unread(self._reader.unread(line), out)
        else:
            out.append(Notice(self.source, NoticeKind.ASIDE, "an empty line", 1))

    def _unread(self, event: LogEvent, out: list[Parsed]) -> None:
        self._flush(out)
        out.append(event)

    def _begin(self, record: RecordLine, out: list[Parsed]) -> None:
        event = record.event
        stamp = event.timestamp
        if stamp != self._stamp or len(self._open) >= _MAX_OPEN:
            self._flush(out)
            self._stamp = stamp
        self._open[event.line] = event
        self._recent.append(event)
        if len(self._last) >= _MAX_WRITERS:
            self._last.clear()
        self._last[record.writer] = record

    def _extend(self, owner: LogEvent, line: LogLine, text: str, lines: int, out: list[Parsed]) -> None:
        if owner.line not in self._open:
            out.append(Continuation(self.source, owner.line, line))
            return
        extra = self._extras.setdefault(owner.line, _Extra())
        if extra.lines + lines > MAX_EVENT_LINES or extra.bytes + line.length > MAX_EVENT_BYTES:
            extra.left_out += lines
            return
        extra.lines += lines
        extra.bytes += line.length
        extra.texts.append(text)

    def _flush(self, out: list[Parsed]) -> None:
        if not self._extras:
            out.extend(self._open.values())
            self._open.clear()
            return
        for event in self._open.values():
            extra = self._extras.get(event.line)
            if extra is None:
                out.append(event)
                continue
            out.append(_joined(event, extra))
            if extra.left_out:
                text = f"{extra.left_out:,} more lines of the event at line {event.line:,} are left out"
                out.append(Notice(self.source, NoticeKind.EXCESS, text, extra.left_out))
        self._extras.clear()
        self._open.clear()


def _continues(last: RecordLine, fragment: Fragment) -> bool:
    """Tell whether a line without a head, which its wrapper stamps, is a further line of its writer's record."""
    if last.outer is None or fragment.outer is None:
        return False
    if fragment.logged:
        return last.headed and fragment.exact and fragment.outer == last.outer
    if abs(fragment.outer - last.outer) > _APART_SECONDS:
        return False
    return last.headed or fragment.text[:1].isspace() or last.event.message.startswith(_TRACEBACK)


def _joined(event: LogEvent, extra: _Extra) -> LogEvent:
    return event._replace(
        message="\n".join([event.message, *extra.texts]),
        length=event.length + extra.bytes,
        extra_lines=event.extra_lines + extra.lines,
    )
