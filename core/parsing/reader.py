"""One line to what it is: a record's head, a line without a head, or something that is not part of the log.

The default form of oslo.log is read by one expression, with names it has met before; every other line goes through the
table of forms. Where both apply they agree (a test compares them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain
from typing import Final

from core.events import LogEvent, LogLine
from core.parsing import json_lines, levels, services
from core.parsing.event import NO_STAMP, Stamp, event_of, instance_in, new_event
from core.parsing.forms import FRAGMENTS, Choice, Found, Kind, candidates
from core.parsing.oslo import CACHED_NAMES, TRACEBACK_LEVELS, OsloReader
from core.parsing.parts import FIRST_OF_BLOCK, Block, Parts, Whole, export_fields
from core.parsing.readings import (
    BARE,
    Aside,
    Fragment,
    Outer,
    Piece,
    Reading,
    RecordLine,
    Unread,
    new_fragment,
    new_outer,
    new_record_line,
    of_lines,
)
from core.parsing.stamps import Clock
from core.support.printable import escape

_MAX_WRAPPERS: Final = 4
"""Wrappers around one line that are taken off."""
_PREFIX: Final = re.compile(FRAGMENTS["file"])
_CONTROLS: Final = re.compile(
    r"""(?:\\x1b|\#033)(?:\[[0-9;:?]*[A-Za-z] | \][^\\]*(?:\\x07|\\x1b\\) | \([0-9A-B])
    | \\x9b[0-9;:?]*[A-Za-z]
    | \[0[01](?:;3\d)?m                             # the same where a copy has lost the escape character
    """,
    re.VERBOSE,
)
_EDGES: Final = re.compile(r"(?:\\x00|\\ufeff)+|(?:\\x00|\\x0d)+$")
_LOOKS_LIKE_A_HEAD: Final = re.compile(
    r"""(?:<\d{1,3}>)?[\[(]?(?:[A-Z][a-z]{2},?\ )?
    (?:(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4}|\d{8}|\d\d?[- /][A-Z][a-z]{2}[- /]\d{4})
        [T\ _:]{1,2}\d\d:?\d\d
    |[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d\b
    |[A-Z][a-z]{2}\ [A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d\ \d{4}\b
    |(?:[^\s\[]{1,255}+\ ){2,6}+\[\d\d/[A-Z][a-z]{2}/\d{4}:)
    """,
    re.ASCII | re.VERBOSE,
)
"""A stamp stands where a record begins: that the line could not be read does not make it part of another one."""

_INDENTED: Final = re.compile(r"^(?:\\x09)+", re.MULTILINE)
_BEFORE_JSON: Final = frozenset(" \\{@")
"""What a line with an object may begin with: a tab has been escaped."""


class Reader:
    """Reads the lines of one source, with a clock of its own."""

    def __init__(self, source: str, clock: Clock) -> None:
        self.source: Final = source
        self.service = services.from_file(source)
        """Of the lines that name none themselves; a header of `tail` changes it."""
        self.clock: Final = clock
        self.parts: Final = Parts()
        self._block: Final = Block()
        self._oslo: Final = OsloReader(clock, self.service)
        self.read_oslo: Final = self._oslo.read
        """Reads what oslo.log writes; None for other forms."""
        self._tags: dict[_Tag, tuple[str, str, int | None]] = {}
        self.has_json = False
        """Whether a JSON record has come: then a line that begins as one does, and cannot be read, is a torn one."""

    @property
    def has_oslo(self) -> bool:
        """Whether a record of oslo.log has come: then an object may be part of one."""
        return self._oslo.has_read

    def read(self, line: LogLine) -> Reading:
        """Tell what a line is."""
        return self.read_oslo(line, line.text) or self.read_text(line, line.text, BARE)

    def read_text(self, line: LogLine, text: str, outer: Outer) -> Reading:
        """Read a line by the table of forms, with `text` in place of its own, inside of these wrappers."""
        if self._block.is_open or (text[:1] in FIRST_OF_BLOCK and outer is BARE and self._block.begins(line)):
            block = self._block.add(line)
            return Piece(text) if block is None else self._read_block(block)
        if "\\" in text[:4] or text.endswith("\\x0d") or "\\x1b" in text or "#033[" in text or "[00;3" in text:
            plain = _EDGES.sub("", _CONTROLS.sub("", text))
            if plain != text:
                return self._inside(line, plain, outer)
        return self._read_plain(line, text, outer)

    def _read_plain(self, line: LogLine, text: str, outer: Outer) -> Reading:
        """Read a text without colours."""
        found = json_lines.read(line, text, self, outer) if text[:1] in _BEFORE_JSON else None
        return found or self._by_form(line, text, outer) or self._without_head(line, text, outer)

    def _without_head(self, line: LogLine, text: str, outer: Outer) -> Unread | Fragment:
        """Read a line that has no form: a fragment, or, where it begins as a record does, one of unread form."""
        stamp, _, exact, writer, service, pid, level, kind, _ = outer
        if kind is None:
            if _LOOKS_LIKE_A_HEAD.match(text) or (self.has_json and text[:2] == '{"'):
                return Unread(self.unread(line))
            return new_fragment(("", text, None, None, False, False, 1))
        instant, east = stamp
        if instant is None and kind is not Kind.LOG:
            return new_fragment((writer, text, None, None, False, False, 1))
        alone = (
            line.source, line.number, line.offset, line.length, instant, east, level or levels.leading_level(text),
            service or self.service, "", pid, "", instance_in(text), text, line.text, 0, True, None,
        )  # fmt: skip
        return new_fragment((writer, text, new_event(alone), instant, exact, kind is Kind.LOG, 1))

    def _by_form(self, line: LogLine, text: str, outer: Outer) -> Reading | None:
        """Read a line as the first form that fits; None where none does."""
        by_character = candidates(outer.kind)
        choice = by_character.get(text[:1]) or by_character[""]
        first = choice.first(text)
        if first is None:
            return None
        if outer.depth < _MAX_WRAPPERS:
            try:
                return self.read_as(first, line, text, outer)
            except ValueError:  # there is no such moment: perhaps the stamp of another form
                pass
        return self._by_another_form(choice, first, line, text, outer)

    def _by_another_form(self, choice: Choice, first: Found, line: LogLine, text: str, outer: Outer) -> Reading | None:
        for found in chain((first,), choice.after(first.form, text)):
            if outer.depth >= _MAX_WRAPPERS and found.form.is_wrapper:
                continue
            try:
                return self.read_as(found, line, text, outer)
            except ValueError:
                continue
        return None

    def inside(self, line: LogLine, payload: str, outer: Outer) -> Reading:
        """Read what a wrapper holds, which may have colours of its own."""
        return self.read_oslo(
            line, payload, outer.writer, outer.within, outer.stamp[0], outer.service
        ) or self.read_text(line, payload, outer)

    def _inside(self, line: LogLine, payload: str, outer: Outer) -> Reading:
        """Read a text without colours, and what it holds."""
        return self.read_oslo(
            line, payload, outer.writer, outer.within, outer.stamp[0], outer.service
        ) or self._read_plain(line, payload, outer)

    def inside_lines(self, line: LogLine, payload: str, outer: Outer) -> Reading:
        """Read a message of several lines that one record holds: the first is read, the others are its."""
        head, newline, rest = payload.partition("\n")
        found = self.inside(line, escape(head), outer)
        event = found.event if isinstance(found, RecordLine) else found.alone if isinstance(found, Fragment) else None
        if event is None:
            event = self._alone(line, escape(head), outer)
        if newline:
            event = event._replace(message="\n".join([event.message, *map(escape, rest.split("\n"))]))
        if isinstance(found, Fragment):
            return found._replace(alone=event)
        if isinstance(found, RecordLine):
            return found._replace(event=event)
        return RecordLine(event, outer.writer, continues=False, outer=outer.stamp[0])

    def begun(self) -> list[LogEvent]:
        """Give the lines and records whose rest has not come, as events of unread form."""
        return [self.unread(line) for line in (*self.parts.begun(), *self._block.begun())]

    def unfinished(self) -> Iterator[tuple[LogLine, Reading]]:
        """Give the lines whose rest has not come, as far as they go: none will come any more."""
        for line, text, lines, outer in self.parts.unfinished():
            yield line, of_lines(self._inside(line, text, outer), lines)
        block = self._block.unfinished()
        if block is not None:
            yield block.line, self._read_block(block)

    def _read_block(self, block: Whole) -> Reading:
        """Read a record that has a field a line."""
        if self._block.is_export:
            found = json_lines.read_object(block.line, export_fields(block.text), block.text, self, BARE)
        else:
            found = json_lines.read(block.line, _INDENTED.sub("", block.text).removesuffix(","), self, BARE)
        return of_lines(found or Unread(self.unread(block.line)), block.lines)

    def pid_of(self, text: str | None) -> int | None:
        """Give the process that a line names; one object a number."""
        return self._oslo.pids[text] if text and text.isdecimal() else None

    def unread(self, line: LogLine) -> LogEvent:
        """Make the event of a line that could not be read."""
        return event_of(line, line.text, service=self.service, known_format=False)

    def _alone(self, line: LogLine, text: str, outer: Outer) -> LogEvent:
        return event_of(
            line,
            text,
            outer.stamp,
            level=outer.level or levels.leading_level(text),
            service=outer.service or self.service,
            pid=outer.pid,
            instance_id=instance_in(text),
        )

    def read_as(self, found: Found, line: LogLine, text: str, outer: Outer) -> Reading:
        """Read a line as one form. Raises ValueError where its stamp is of no moment."""
        form = found.form
        spelling = form.spelling
        if spelling is None or found.stamp[0] is None:
            stamp = outer.stamp
        else:
            stamp = spelling.read(self.clock, *found.stamp, outer.within)
        if form.is_wrapper:
            return self._unwrap(found, line, stamp, outer)
        message, named, logger, pid, request, instance, context, prefix, ident, process, service = found.fields
        if form.kind is Kind.ASIDE:
            if prefix:
                self.service = services.from_file(prefix)
                self._oslo.change_service(self.service)
            return Aside(text)
        if message is None:
            message = "" if "message" in form.fields else text
        logger = logger or ""
        level = form.level or (levels.level_of(named, form.levels) if named else "") or outer.level
        if prefix:
            writer, service = outer.writer or prefix, services.from_prefix(prefix)
        else:
            inner = services.canonical(service or ident or "") or self.service or form.service
            writer, service = outer.writer, services.inside(outer.service, inner or services.from_logger(logger))
        event = (
            line.source, line.number, line.offset, line.length, *stamp,
            level or (levels.leading_level(message) if named is None else ""), service, logger,
            self.pid_of(pid) if pid else outer.pid, request or "", instance or instance_in(message), message,
            line.text, 0, True, None,
        )  # fmt: skip
        bare = context is None and "context" in form.fields and level in TRACEBACK_LEVELS
        return new_record_line(
            (new_event(event), writer, bare or form.continues, outer.stamp[0], bare, True, 1, process or "")
        )

    def _unwrap(self, found: Found, line: LogLine, stamp: Stamp, outer: Outer) -> Reading:
        """Read what a wrapper holds, with what the wrapper says of it."""
        payload, prefix, ident, number, stream, priority, named, part = found.fields
        payload, lines = payload or "", 1
        form = found.form
        _, within, exact, around, service, pid, level, kind, depth = outer
        tag = around, service, pid, prefix, ident, number, stream
        names = self._tags.get(tag)
        if names is None:
            names = self._name(tag)
        spelling = form.spelling
        if spelling is not None:
            kind, exact = form.kind, bool(found.stamp[-2])
            if found.stamp[-1] or spelling.is_zoned:
                within = stamp[0]
        if priority:
            level = levels.severity_of(priority)
        elif named:
            level = levels.level_of(named, form.levels) or level
        inner = new_outer((stamp, within, exact, *names, level, kind or form.kind, depth + 1))
        if form.kind is Kind.TRANSPORT and outer.stamp is NO_STAMP:
            if part == "P" and self.parts.keep(line, payload, inner):
                return Piece(payload)
            line, payload, lines = self.parts.whole(line, payload, inner)
        if form.kind is Kind.LOG and "#01" in payload:
            # as rsyslog escapes tabs and the ends of lines
            lined = payload.replace("#011", "\\x09").replace("#012", "\n")
            return of_lines(self.inside_lines(line, lined, inner), lines)
        return of_lines(self._inside(line, payload, inner), lines)

    def _name(self, tag: _Tag) -> tuple[str, str, int | None]:
        """Give the writer, the service and the process that a wrapper names, by those that the one around it names."""
        around, outer_service, outer_pid, prefix, ident, pid, stream = tag
        own = f"{ident}[{pid or ''}]" if ident else prefix or stream or ""
        service = services.from_prefix(prefix) if prefix else services.canonical(ident or "")
        names = f"{around} {own}".strip(), service or outer_service, self.pid_of(pid) or outer_pid
        if len(self._tags) >= CACHED_NAMES:
            self._tags.clear()
        self._tags[tag] = names
        return names


_Tag = tuple[str, str, int | None, str | None, str | None, str | None, str | None]
"""Writer, service and process of the wrapper around; prefix, ident, process and stream of one itself."""


def is_prefix(writer: str) -> bool:
    """Tell whether a writer is named by the file that its lines were in."""
    return _PREFIX.fullmatch(writer) is not None
