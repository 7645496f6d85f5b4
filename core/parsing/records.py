"""One line to one record head: oslo.log text, with or without the dress of syslog, containers or a merged file."""

from __future__ import annotations

import re
from functools import partial
from typing import Final, NamedTuple

from core.events import LogEvent, LogLine
from core.parsing import services
from core.parsing.event import LEVELS, Stamp, event_of
from core.parsing.stamps import Clock, zone_offset

_CACHED_NAMES: Final = 10_000
_MILLISECONDS: Final = {f"{value:03}": value / 1000 for value in range(1000)}

_UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_STAMP: Final = (
    r"(?P<second>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_CONTEXT: Final = (
    # a context may name the request of the first service before the service's own
    r"\[(?:(?:(?:None|-|req-[^\s\]]*+) )?(?P<request>req-[^\s\]]++)(?: [^\]]*+)?|(?:None|-)(?: [^\]]*+)?)\]"
)
_BODY: Final = (
    rf"(?P<level>{'|'.join(LEVELS)}) +(?P<logger>[^\s\[]\S*)(?: +(?P<context>{_CONTEXT}))?"
    rf"(?: +\[instance: (?P<instance>{_UUID})\])?(?: (?P<message>.*)|$)"
)
_USUAL: Final = re.compile(
    r"(?:([^\s.]*+\.log\S*+) )?(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)[.,](\d{3})(Z|[+-]\d\d:?\d\d)? (\d{1,18}+) "
    rf"([A-Z]{{4,8}}+ [^\s\[]\S*+) ({_CONTEXT} )?(?:\[instance: ({_UUID})\] )?",
    re.ASCII,
)
# possessive: a token of a megabyte must not be tried at each of its characters; no path is longer than this
_FILE: Final = r"(?:(?!\.log)\S){0,4096}+\.log\S*+"
_OSLO: Final = re.compile(rf"(?:(?P<prefix>{_FILE}) +)?{_STAMP} +(?:(?P<pid>\d{{1,18}}) +)?{_BODY}", re.ASCII)
_STAMPLESS: Final = re.compile(rf"(?:(?P<pid>\d{{1,18}}) +)?{_BODY}", re.ASCII)
_PREFIXED: Final = re.compile(rf"(?P<prefix>{_FILE})(?: (?P<rest>.*)|$)")
_PREFIX: Final = re.compile(_FILE)
_INSTANCE: Final = re.compile(rf"\[instance: ({_UUID})\]")

_SYSLOG: Final = re.compile(
    rf"(?:<\d+>(?:1 )?)?(?:{_STAMP}"
    r"|(?P<month>[A-Z][a-z]{2}) +(?P<day>\d\d?) (?P<time>\d\d:\d\d:\d\d)(?:\.(?P<part>\d{1,9}))?)"
    r" [\w.:-]+ (?P<ident>[^\s:\[]+)(?:\[(?P<sender>\d{1,18})\]:| (?P<procid>\d{1,18}|-) \S+ -|:)(?: (?P<rest>.*)|$)",
    re.ASCII,
)
_CONTAINER: Final = re.compile(r"\d{4}-\d\d-\d\dT\S+ (?:stdout|stderr) [FP] (.*)")
_COLOUR: Final = re.compile(r"\\x1b\[[0-9;]*m")
_ACCESS: Final = re.compile(
    r"\S+ \S+ \S+ \[(?P<day>\d\d)/(?P<month>[A-Z][a-z]{2})/(?P<year>\d{4}):(?P<time>\d\d:\d\d:\d\d)"
    r" (?P<zone>[+-]\d{4})\] \"",
    re.ASCII,
)
_UWSGI: Final = re.compile(
    r"\[pid: (?P<pid>\d{1,18})\|.*?\} \[[A-Z][a-z]{2} (?P<month>[A-Z][a-z]{2}) +(?P<day>\d\d?) (?P<time>\d\d:\d\d:\d\d)"
    r" (?P<year>\d{4})\] ",
    re.ASCII,
)


# NamedTuple's own constructor is a Python function: going past it halves the cost of an event.
_new_event = partial(tuple.__new__, LogEvent)


Record = tuple[LogEvent, str, bool]
"""An event as its first line tells it; which of the source's writers it is from (the file prefix, the syslog sender, or
empty); and whether it names no context: at level ERROR or TRACE it may then be a line of a traceback."""


class Fragment(NamedTuple):
    """A line without a record head: it belongs to the last record of its writer."""

    writer: str
    text: str
    alone: LogEvent | None
    """What the line is where its writer has no record of which it could be part; None: no known format."""


class Reader:
    """Reads the lines of one source.

    One expression reads the usual form of oslo.log, with names it has met before; all else takes the longer way
    through `match`. Where both apply they agree (a test compares them).
    """

    def __init__(self, source: str, clock: Clock) -> None:
        self.source: Final = source
        self.service: Final = services.from_file(source)
        self._clock = clock
        self._seconds: Final = clock.seconds
        self._names: dict[str, dict[str, tuple[str, str, str]]] = {}
        self._pids: dict[str, int] = {}

    def read(self, line: LogLine) -> Record | Fragment:
        """Tell a record's head from a line that continues one."""
        return self.usual(line, line.text) or self.match(line, line.text)

    def match(self, line: LogLine, text: str) -> Record | Fragment:
        """Read the line by expressions, with `text` in place of its own."""
        match = _OSLO.match(text)
        if match is not None:
            record = self._record(line, match, match["prefix"] or "")
            if record is not None:
                return record
        return self._dressed(line, text)

    def usual(self, line: LogLine, text: str, sender: str = "") -> Record | None:
        """Read `[prefix ]date time.mmm pid LEVEL logger [context] [instance: id] message`; None for other forms."""
        match = _USUAL.match(text)
        if match is None:
            return None
        prefix, second, fraction, zone, pid, named, context, request, instance = match.groups("")
        message = text[match.end() :]
        if "[instance: " in message or (not context and message.lstrip(" ")[:1] == "["):
            return None
        source, number, offset, length, raw, _ = line
        writer = sender or prefix
        try:
            level, logger, service = self._names[writer][named]
            timestamp = self._seconds[second] + _MILLISECONDS[fraction]
            event = (
                source, number, offset, length, timestamp, None, level, service, logger, self._pids[pid],
                request, instance, message, raw, 0, True, None,
            )  # fmt: skip
        except (KeyError, ValueError):
            return None
        found = _new_event(event)
        if zone:
            east = zone_offset(zone)
            found = found._replace(timestamp=timestamp - east, utc_offset=east)
        return found, writer, not context

    def _record(self, line: LogLine, match: re.Match[str], writer: str) -> Record | None:
        try:
            stamp = self._clock.stamp(match["second"], match["fraction"], match["zone"])
        except ValueError:
            return None
        pid = self._pid(match["pid"])
        service = self._service(writer, match["level"], match["logger"])
        return self._assemble(line, match, writer, stamp, service, pid)

    def _assemble(
        self,
        line: LogLine,
        match: re.Match[str],
        writer: str,
        stamp: Stamp,
        service: str,
        pid: int | None,
    ) -> Record:
        message = match["message"] or ""
        event = event_of(
            line,
            message,
            stamp,
            level=LEVELS[match["level"]],
            service=service,
            logger=match["logger"],
            pid=pid,
            request_id=match["request"] or "",
            instance_id=match["instance"] or _instance_in(message),
        )
        return event, writer, match["context"] is None

    def _dressed(self, line: LogLine, text: str) -> Record | Fragment:
        """Read a line whose record, if it is one, wears something that is not oslo's."""
        if "\\x1b[" in text:
            plain = _COLOUR.sub("", text)
            if plain != text:
                return self.match(line, plain)
        container = _CONTAINER.match(text)
        if container is not None:
            return self.match(line, container[1])
        prefixed = _PREFIXED.match(text)
        if prefixed is not None:
            return Fragment(prefixed["prefix"], prefixed["rest"] or "", None)
        return self._syslog(line, text) or self._access(line, text) or Fragment("", text, None)

    def _syslog(self, line: LogLine, text: str) -> Record | Fragment | None:
        match = _SYSLOG.match(text)
        if match is None:
            return None
        number = match["sender"] or (match["procid"] or "").strip("-")
        sender = f"{match['ident']}[{number}]"
        rest = match["rest"] or ""
        record = self.usual(line, rest, sender)
        whole = _OSLO.match(rest) if record is None else None
        if whole is not None:
            record = self._record(line, whole, sender)
        if record is not None:
            return record
        stamp: Stamp
        try:
            if match["second"]:
                stamp = self._clock.stamp(match["second"], match["fraction"], match["zone"])
            else:
                stamp = (self._clock.yearless(match["month"], match["day"], match["time"], match["part"]), None)
        except ValueError:
            return None
        service = services.canonical(match["ident"])
        pid = self._pid(number)
        body = _STAMPLESS.match(rest)
        if body is not None:
            return self._assemble(line, body, sender, stamp, service, self._pid(body["pid"]) or pid)
        alone = event_of(line, rest, stamp, service=service, pid=pid, instance_id=_instance_in(rest))
        return Fragment(sender, rest, alone)

    def _access(self, line: LogLine, text: str) -> Record | None:
        """Read a line of a web server's access log, or uWSGI's own."""
        match = _ACCESS.match(text) or _UWSGI.match(text)
        if match is None:
            return None
        named = match.groupdict()
        zone = named.get("zone")
        try:
            stamp = self._clock.named_month(match["day"], match["month"], match["year"], match["time"], zone)
        except ValueError:
            return None
        pid = self._pid(named.get("pid"))
        return event_of(line, text, stamp, service=self.service, pid=pid, instance_id=_instance_in(text)), "", True

    def _pid(self, text: str | None) -> int | None:
        if not text:
            return None
        if len(self._pids) >= _CACHED_NAMES:
            self._pids.clear()
        return self._pids.setdefault(text, int(text))

    def _service(self, writer: str, level: str, logger: str) -> str:
        if _PREFIX.fullmatch(writer):
            service = services.from_prefix(writer)
        elif writer:
            service = services.canonical(writer.partition("[")[0])
        else:
            service = self.service or services.from_logger(logger)
        names = self._names.setdefault(writer, {})
        if max(len(names), len(self._names)) >= _CACHED_NAMES:
            self._names = {}
        else:
            names[f"{level} {logger}"] = (LEVELS[level], logger, service)
        return service


def _instance_in(message: str) -> str:
    if "[instance: " not in message:
        return ""
    match = _INSTANCE.search(message)
    return match[1] if match else ""
