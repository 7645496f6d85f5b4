"""One line to what it is: a record's head, a line without a head, or something that is not part of the log.

The usual form of oslo.log is read by one expression, with names it has met before; every other line goes through the
table of forms. Where both apply they agree (a test compares them).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from core.events import LogEvent, LogLine
from core.parsing import json_lines, levels, services
from core.parsing.event import UUID, Stamp, event_of, instance_in
from core.parsing.forms import FRAGMENTS, LEADS, Form, Kind, candidates
from core.parsing.readings import BARE, Aside, Fragment, Outer, Part, Reading, Record, new_record, of_lines
from core.parsing.stamps import Clock
from core.support.printable import escape

_CACHED_NAMES: Final = 10_000
MOST_PART_BYTES: Final = 1 << 20
"""Bytes of the pieces of one line that are kept."""
_MOST_WRAPPERS: Final = 4
"""Wrappers around one line that are taken off."""
_MILLISECONDS: Final = {f"{value:03}": value / 1000 for value in range(1000)}
_USUAL: Final = re.compile(
    r"(?:([^\s.]*+\.log\S*+) )?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.,](\d{3})(Z|[+-]\d\d:?\d\d)? (\d{1,18}+) "
    rf"([A-Z]{{4,8}}+ [^\s\[]\S*+) ({FRAGMENTS['context'].replace('?P<context>', '?:').replace('?P<request>', '')} )?"
    rf"(?:\[instance: ({UUID})\] )?",
    re.ASCII,
)
_PREFIX: Final = re.compile(FRAGMENTS["file"])
_TRACEBACK_LEVELS: Final = frozenset({"ERROR", "TRACE", "CRITICAL"})
"""Levels at which oslo writes the lines of a traceback, whatever the level of the record."""
_CONTROLS: Final = re.compile(r"(?:\\x1b|#033)(?:\[[0-9;:?]*[A-Za-z]|\][^\\]*(?:\\x07|\\x1b\\\\))|#033\[[0-9;]*m")
_EDGES: Final = re.compile(r"(?:\\x00|\\ufeff)+|(?:\\x00|\\x0d)+$")
_LOOKS_LIKE_A_HEAD: Final = re.compile(
    r"(?:<\d{1,3}>)?\[?(?:\d{4}[-/]\d\d[-/]\d\d[ T_]\d\d:\d\d|[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d\b)", re.ASCII
)
"""A stamp stands where a record begins: that the line could not be read does not make it part of another one."""

_BEFORE_JSON: Final = frozenset(" \\{")
"""What a line with an object may begin with: a tab has been escaped."""

# NamedTuple's own constructor is a Python function: going past it halves the cost of an event.
_new_event = partial(tuple.__new__, LogEvent)


@dataclass(slots=True)
class _Parts:
    """The pieces of a line that came until now."""

    first: LogLine
    texts: list[str] = field(default_factory=list)
    bytes: int = 0
    lines: int = 0


class Reader:
    """Reads the lines of one source, with a clock of its own."""

    def __init__(self, source: str, clock: Clock) -> None:
        self.source: Final = source
        self.service = services.from_file(source)
        """Of the lines that name none themselves; a header of `tail` changes it."""
        self.clock: Final = clock
        self._local: Final = clock.local
        self._parts: dict[str, _Parts] = {}
        self._names: dict[str, dict[str, tuple[str, str, str]]] = {}
        self._pids: dict[str, int] = {}

    def read(self, line: LogLine) -> Reading:
        """Tell what a line is."""
        return self.usual(line, line.text) or self.read_text(line, line.text, BARE)

    def usual(self, line: LogLine, text: str, outer: Outer = BARE) -> Record | None:
        """Read `[prefix ]date time.mmm pid LEVEL logger [context] [instance: id] message`; None for other forms."""
        match = _USUAL.match(text)
        if match is None:
            return None
        prefix, second, fraction, zone, pid, named, context, request, instance = match.groups("")
        message = text[match.end() :]
        if "[instance: " in message or (not context and message.lstrip(" ")[:1] == "["):
            return None
        source, number, offset, length, raw, _ = line
        writer = outer.writer or prefix
        try:
            level, logger, service = self._names[writer][named]
            if zone or outer.within is not None:
                timestamp, east = self.clock.stamp(second, fraction, zone, outer.within)
            else:
                instant, east = self._local[second]
                timestamp = instant + _MILLISECONDS[fraction]
            event = (
                source, number, offset, length, timestamp, east, level, service, logger, self._pids[pid],
                request, instance, message, raw, 0, True, None,
            )  # fmt: skip
        except (KeyError, ValueError):
            return None
        bare = not context and level in _TRACEBACK_LEVELS
        return new_record((_new_event(event), writer, bare, outer.stamp[0], bare, False, 1, ""))

    def read_text(self, line: LogLine, text: str, outer: Outer) -> Reading:
        """Read a line by the table of forms, with `text` in place of its own, inside of these wrappers."""
        if "\\" in text[:4] or text.endswith("\\x0d") or "\\x1b" in text or "#033[" in text:
            plain = _EDGES.sub("", _CONTROLS.sub("", text))
            if plain != text:
                return self.usual(line, plain, outer) or self.read_text(line, plain, outer)
        found = json_lines.read(line, text, self, outer) if text[:1] in _BEFORE_JSON else None
        return found or self._by_form(line, text, outer) or self._without_head(line, text, outer)

    def _without_head(self, line: LogLine, text: str, outer: Outer) -> Record | Fragment:
        """Read a line that has no form: a fragment, or, where a stamp stands at its start, a record of unread form."""
        if outer.kind is None:
            if _LOOKS_LIKE_A_HEAD.match(text):
                return Record(self._unread(line), "", continues=False)
            return Fragment("", text, None, json=text[:2] == '{"')
        if outer.stamp[0] is None:
            return Fragment(outer.writer, text, None)
        return Fragment(
            outer.writer, text, self._alone(line, text, outer), outer.stamp[0], outer.exact, outer.kind is Kind.LOG
        )

    def _by_form(self, line: LogLine, text: str, outer: Outer) -> Reading | None:
        """Read a line as the first form that fits; None where none does."""
        forms = candidates(outer.kind)
        leads: dict[str, bool] = {}
        for form in forms.get(text[:1]) or forms[""]:
            lead = form.lead
            if lead:
                if lead not in leads:
                    leads[lead] = LEADS[lead](text) is not None
                if not leads[lead]:
                    continue
            match = form.pattern.match(text)
            if match is None or (outer.depth >= _MOST_WRAPPERS and "payload" in form.fields):
                continue
            try:
                return self._read_as(form, match, line, text, outer)
            except ValueError:  # there is no such moment: perhaps the stamp of another form
                continue
        return None

    def inside(self, line: LogLine, payload: str, outer: Outer) -> Reading:
        """Read what a wrapper holds."""
        return self.usual(line, payload, outer) or self.read_text(line, payload, outer)

    def inside_lines(self, line: LogLine, payload: str, outer: Outer) -> Reading:
        """Read a message of several lines that one record holds: the first is read, the others are its."""
        head, newline, rest = payload.partition("\n")
        found = self.inside(line, escape(head), outer)
        event = found.event if isinstance(found, Record) else found.alone if isinstance(found, Fragment) else None
        if event is None:
            event = self._alone(line, escape(head), outer)
        if newline:
            event = event._replace(message="\n".join([event.message, *map(escape, rest.split("\n"))]))
        if isinstance(found, Fragment):
            return found._replace(alone=event)
        if isinstance(found, Record):
            return found._replace(event=event)
        return Record(event, outer.writer, continues=False, outer=outer.stamp[0])

    def keep_part(self, line: LogLine, stream: str, text: str) -> Part:
        """Keep a piece of a line of a stream until the rest of it comes."""
        parts = self._parts.setdefault(stream, _Parts(line))
        if parts.bytes < MOST_PART_BYTES:
            parts.texts.append(text)
        parts.bytes += line.length
        parts.lines += 1
        return Part(stream, text)

    def unfinished(self) -> list[Record | Fragment]:
        """Give the lines whose rest has not come, as far as they go: none will come any more."""
        parts, self._parts = list(self._parts.values()), {}
        found = (
            of_lines(self.inside(one.first._replace(length=one.bytes), "".join(one.texts), BARE), one.lines)
            for one in parts
        )
        return [one for one in found if isinstance(one, Record | Fragment)]

    def whole(self, line: LogLine, stream: str, text: str) -> tuple[LogLine, str, int]:
        """Put the last piece of a line to those before it: as one line, its text, and how many lines that were."""
        if stream not in self._parts:
            return line, text, 1
        parts = self._parts.pop(stream)
        return parts.first._replace(length=parts.bytes + line.length), "".join([*parts.texts, text]), parts.lines + 1

    def pid_of(self, text: str | None) -> int | None:
        """Give the process that a line names; one object a number."""
        if not text or not text.isdecimal():
            return None
        if len(self._pids) >= _CACHED_NAMES:
            self._pids.clear()
        return self._pids.setdefault(text, int(text))

    def _unread(self, line: LogLine) -> LogEvent:
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

    def _read_as(self, form: Form, match: re.Match[str], line: LogLine, text: str, outer: Outer) -> Reading:
        if form.kind is Kind.ASIDE:
            if "prefix" in form.fields and match["prefix"]:
                self.service = services.from_file(match["prefix"])
                self._names.clear()
            return Aside(text)
        groups = match.groupdict()
        stamp = outer.stamp if form.stamp is None else form.stamp(self.clock, groups, outer.within)
        if form.kind in {Kind.LOG, Kind.TRANSPORT}:
            return self._unwrap(form, groups, line, stamp, outer)
        message = groups.get("message")
        message = text if message is None and "message" not in form.fields else message or ""
        logger = groups.get("logger") or ""
        writer, service = self._written_by(form, groups, logger, outer)
        level = form.level or levels.level_of(groups.get("level") or "", form.levels) or outer.level
        if form.fields >= _OSLO_FIELDS:
            self._remember(writer, f"{groups['level']} {logger}", (level, logger, service))
        event = event_of(
            line,
            message,
            stamp,
            level=level or ("" if "level" in form.fields else levels.leading_level(message)),
            service=service,
            logger=logger,
            pid=self.pid_of(groups.get("pid")) if groups.get("pid") else outer.pid,
            request_id=groups.get("request") or "",
            instance_id=groups.get("instance") or instance_in(message),
        )
        bare = "context" in form.fields and groups["context"] is None and level in _TRACEBACK_LEVELS
        process = groups.get("writer") or ""
        return Record(event, writer, bare or form.continues, outer.stamp[0], bare, process=process)

    def _remember(self, writer: str, named: str, names: tuple[str, str, str]) -> None:
        """Let the short way know what a writer's level and logger stand for."""
        known = self._names.setdefault(writer, {})
        if max(len(known), len(self._names)) >= _CACHED_NAMES:
            self._names = {}
        else:
            known[named] = names

    def _written_by(self, form: Form, groups: dict[str, str | None], logger: str, outer: Outer) -> tuple[str, str]:
        """Name the writer of a record within its source, and its service."""
        prefix = groups.get("prefix") or ""
        if prefix:
            return outer.writer or prefix, services.from_prefix(prefix)
        named = services.canonical(groups.get("service") or groups.get("ident") or "")
        inner = named or self.service or form.service or services.from_logger(logger)
        service = (inner or outer.service) if outer.service in services.RUNNERS else outer.service or inner
        return outer.writer, service

    def _unwrap(self, form: Form, groups: dict[str, str | None], line: LogLine, stamp: Stamp, outer: Outer) -> Reading:
        payload, lines = groups["payload"] or "", 1
        if form.kind is Kind.TRANSPORT:
            stream = groups.get("writer") or ""
            if groups.get("part") == "P":
                return self.keep_part(line, stream, payload)
            line, payload, lines = self.whole(line, stream, payload)
        prefix, ident = groups.get("prefix") or "", groups.get("ident") or ""
        pid = self.pid_of(groups.get("pid")) or outer.pid
        own = f"{ident}[{groups.get('pid') or ''}]" if ident else prefix or groups.get("writer") or ""
        service = services.from_prefix(prefix) if prefix else services.canonical(ident)
        priority = groups.get("priority")
        has_stamp = form.stamp is not None
        inner = Outer(
            stamp,
            stamp[0] if groups.get("t_zone") or "t_number" in groups else outer.within,
            bool(groups.get("t_fraction")) if has_stamp else outer.exact,
            f"{outer.writer} {own}".strip(),
            service or outer.service,
            pid,
            levels.severity_of(priority) if priority else outer.level,
            form.kind if has_stamp or outer.kind is None else outer.kind,
            outer.depth + 1,
        )
        return of_lines(self.inside(line, payload, inner), lines)


_OSLO_FIELDS: Final = frozenset({"level", "logger", "context", "instance", "request"})


def is_prefix(writer: str) -> bool:
    """Tell whether a writer is named by the file that its lines were in."""
    return _PREFIX.fullmatch(writer) is not None
