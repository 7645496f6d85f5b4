"""One line to one record head: oslo.log text, with or without the dress of syslog, journald or a merged file."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from core.parsing import services
from core.parsing.stamps import Clock

UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

LEVELS: Final = {
    **{name: name for name in ("TRACE", "DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL")},
    "WARN": "WARNING",
    "FATAL": "CRITICAL",
    "NOTICE": "INFO",
}

_STAMP: Final = (
    r"(?P<second>\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](?P<fraction>\d{1,9}))?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)
_BODY: Final = (
    rf"(?P<level>{'|'.join(LEVELS)}) +(?P<logger>[^\s\[]\S*)"
    r"(?: +(?P<context>\[(?:-|None|req-[^\s\]]*)(?: [^\]]*)?\]))?"
    rf"(?: +\[instance: (?P<instance>{UUID})\])?"
    r"(?: (?P<message>.*)|$)"
)
_OSLO: Final = re.compile(rf"(?:(?P<prefix>\S*\.log\S*) +)?{_STAMP} +(?:(?P<pid>\d+) +)?{_BODY}")
_STAMPLESS: Final = re.compile(rf"(?:(?P<pid>\d+) +)?{_BODY}")
_PREFIXED: Final = re.compile(r"(?P<prefix>\S*\.log\S*)(?: (?P<rest>.*)|$)")
_SYSLOG: Final = re.compile(
    rf"(?:<\d+>(?:1 )?)?(?:{_STAMP}"
    r"|(?P<month>[A-Z][a-z]{2}) +(?P<day>\d\d?) (?P<clock>\d\d:\d\d:\d\d)(?:\.(?P<part>\d+))?)"
    r" (?P<host>[\w.-]+) (?P<ident>[^\s:\[]+)(?:\[(?P<sender>\d+)\]:| (?P<procid>\d+|-) \S+ -|:)(?: (?P<rest>.*)|$)"
)
_COLOUR: Final = re.compile(r"\\x1b\[[0-9;]*m")
_REQUEST: Final = re.compile(r"req-[0-9a-zA-Z-]+")
_INSTANCE: Final = re.compile(rf"\[instance: ({UUID})\]")


class Record(NamedTuple):
    """The head of a record, as its first line tells it."""

    writer: str
    """Which of the writers of a source it is from: the file prefix, the syslog sender, or empty."""
    timestamp: float | None
    utc_offset: int | None
    level: str
    service: str
    logger: str
    pid: int | None
    request_id: str
    instance_id: str
    message: str
    bare: bool
    """It names no context: with level ERROR or TRACE it may be a line of a traceback."""


class Fragment(NamedTuple):
    """A line without a record head: it belongs to the last record of its writer."""

    writer: str
    text: str
    alone: Record | None
    """What the line is where its writer has no record of which it could be part; None: no known format."""


class Reader:
    """Reads the lines of one source."""

    def __init__(self, source: str, clock: Clock) -> None:
        self._clock = clock
        self.service: Final = services.from_file(source)
        self._services: dict[tuple[str, str], str] = {}

    def read(self, text: str) -> Record | Fragment:
        """Tell a record's head from a line that continues one."""
        match = _OSLO.match(text)
        if match is not None:
            record = self._record(match, match["prefix"] or "")
            if record is not None:
                return record
        return self._dressed(text)

    def _dressed(self, text: str) -> Record | Fragment:
        if "\\x1b[" in text:
            plain = _COLOUR.sub("", text)
            if plain != text:
                return self.read(plain)
        prefixed = _PREFIXED.match(text)
        if prefixed is not None:
            return Fragment(prefixed["prefix"], prefixed["rest"] or "", None)
        return self._syslog(text) or Fragment("", text, None)

    def _syslog(self, text: str) -> Record | Fragment | None:
        match = _SYSLOG.match(text)
        if match is None:
            return None
        try:
            if match["second"]:
                timestamp, offset = self._clock.stamp(match["second"], match["fraction"], match["zone"])
            else:
                timestamp = self._clock.yearless(match["month"], match["day"], match["clock"], match["part"])
                offset = None
        except ValueError:
            return None
        sender = match["sender"] or match["procid"]
        pid = int(sender) if sender and sender != "-" else None
        writer = f"{match['ident']}[{sender}]"
        rest = match["rest"] or ""
        whole = _OSLO.match(rest)
        if whole is not None:
            record = self._record(whole, writer)
            if record is not None:
                return record._replace(pid=pid) if record.pid is None else record
        service = services.canonical(match["ident"])
        body = _STAMPLESS.match(rest)
        if body is not None:
            own = int(body["pid"]) if body["pid"] else pid
            return _assemble(body, writer, timestamp, offset, service, own)
        alone = Record(writer, timestamp, offset, "", service, "", pid, "", _instance_in(rest), rest, bare=True)
        return Fragment(writer, rest, alone)

    def _record(self, match: re.Match[str], writer: str) -> Record | None:
        try:
            timestamp, offset = self._clock.stamp(match["second"], match["fraction"], match["zone"])
        except ValueError:
            return None
        pid = match["pid"]
        service = self._service(writer, match["logger"])
        return _assemble(match, writer, timestamp, offset, service, int(pid) if pid else None)

    def _service(self, writer: str, logger: str) -> str:
        known = self._services.get((writer, logger))
        if known is None:
            if ".log" in writer:
                known = services.from_prefix(writer)
            elif writer:
                known = services.canonical(writer.partition("[")[0])
            else:
                known = self.service or services.from_logger(logger)
            if len(self._services) > 10_000:
                self._services.clear()
            self._services[writer, logger] = known
        return known


def _assemble(
    match: re.Match[str], writer: str, timestamp: float, offset: int | None, service: str, pid: int | None
) -> Record:
    context = match["context"]
    message = match["message"] or ""
    request = _REQUEST.findall(context) if context else ()
    return Record(
        writer,
        timestamp,
        offset,
        LEVELS[match["level"]],
        service,
        match["logger"],
        pid,
        # a context may name the request of the first service before the service's own
        request[-1] if request else "",
        match["instance"] or _instance_in(message),
        message,
        bare=context is None,
    )


def _instance_in(message: str) -> str:
    if "[instance: " not in message:
        return ""
    match = _INSTANCE.search(message)
    return match[1] if match else ""
