"""JSON records: one object a line, by one table of field names, and lines of other forms that an object wraps."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import orjson

from core.events import LogLine
from core.parsing import levels, services
from core.parsing.event import NO_STAMP, Stamp, event_of, instance_in
from core.parsing.forms import Kind
from core.parsing.preprocessed import given_features
from core.parsing.readings import Outer, Reading, Record, of_lines
from core.parsing.tables import read_table
from core.support.printable import escape

if TYPE_CHECKING:
    from core.parsing.reader import Reader

_TABLE: Final = read_table("json")
_PATHS: Final[dict[str, tuple[tuple[str, tuple[str, ...]], ...]]] = {
    field: tuple((name, tuple(name.split("."))) for name in names)
    for field, names in _TABLE.items()
    if isinstance(names, list)
}
_NO_MESSAGE: Final = "(features without a message)"
_ESCAPED: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:x([0-9a-f]{2})|U([0-9a-f]{8}))")
_LEADING: Final = re.compile(r"(?: |\\x09)*")
_TRAILING: Final = re.compile(r"(?: |\\x09|\\x0d|\\x00)*$")
_LENIENT: Final = json.JSONDecoder(strict=False)
_DEEPEST: Final = 3
"""Levels of a message that is an object, down to its text."""


def read(line: LogLine, text: str, reader: Reader, outer: Outer) -> Reading | None:
    """Read one object; None where the text is not one, or is no record (a body that spilled over lines, say)."""
    text = _LEADING.sub("", text, count=1)
    fields = _object(_TRAILING.sub("", text)) if text[:1] == "{" else None
    if fields is None:
        return None
    if fields.keys() <= _DOCKER and isinstance(log := fields.get("log"), str):
        return _from_docker(line, log, fields, reader, outer)
    features = given_features(fields)
    message = _text(_first(fields, "message"))
    stamp = _stamp(fields, reader, outer)
    if features is not None:
        message = message or _NO_MESSAGE
    if message is None or (stamp[0] is None and outer.kind is None):
        return None
    level = _level(fields) or outer.level
    named = _printable(_first(fields, "service"))
    service = services.canonical(named) if named else outer.service
    pid = _pid(_first(fields, "pid"), reader)
    if _wraps(fields, message):
        within = stamp[0] if stamp[0] is not None else outer.within
        inner = Outer(
            stamp,
            within,
            exact=True,
            writer=f"{outer.writer} {named}[{pid or ''}]" if named or pid else outer.writer,
            service=service,
            pid=outer.pid if pid is None else pid,
            level=level,
            kind=Kind.LOG,
            depth=outer.depth + 1,
        )
        return reader.inside_lines(line, message, inner)
    return _record(line, fields, message, stamp, level, service, pid, reader, outer, features)


def _record(
    line: LogLine,
    fields: Mapping[str, Any],
    message: str,
    stamp: Stamp,
    level: str,
    service: str,
    pid: int | None,
    reader: Reader,
    outer: Outer,
    features: tuple[float, ...] | None,
) -> Record:
    logger = _printable(_first(fields, "logger"))
    summary = _printable(_first(fields, "summary"))
    if summary and summary not in message:
        message = f"{message}: {summary}"
    lines = [escape(part) for part in (*message.split("\n"), *_trace(fields))]
    instance = _instance(_first(fields, "instance")) or instance_in(lines[0])
    event = event_of(
        line,
        "\n".join(lines).removeprefix(f"[instance: {instance}] "),
        stamp,
        level=level or levels.leading_level(message),
        service=service or reader.service or services.from_logger(logger),
        logger=logger,
        pid=pid,
        request_id=_printable(_first(fields, "request")),
        instance_id=instance,
        extra_lines=0,
        features=features,
    )
    return Record(event, outer.writer, continues=False, outer=outer.stamp[0], is_json=True)


_DOCKER: Final = frozenset({"log", "stream", "time", "attrs"})


def _from_docker(line: LogLine, log: str, fields: Mapping[str, Any], reader: Reader, outer: Outer) -> Reading:
    stream = _printable(fields.get("stream"))
    if not log.endswith("\n"):
        return reader.keep_part(line, stream, escape(log))
    line, text, lines = reader.whole(line, stream, escape(log.rstrip("\r\n")))
    stamp = _stamp(fields, reader, outer)
    inner = Outer(
        stamp,
        stamp[0],
        exact=True,
        writer=f"{outer.writer} {stream}".strip(),
        service=outer.service,
        pid=outer.pid,
        kind=Kind.TRANSPORT,
        depth=outer.depth + 1,
    )
    return of_lines(reader.inside(line, text, inner), lines)


def _object(text: str) -> dict[str, Any] | None:
    """Parse an object leniently: characters that JSON does not have, and numbers that it cannot hold, cost nothing."""
    found: Any
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            # The escapes that reading put in place of raw control characters and invalid bytes are none of JSON's.
            # A torn write may leave two objects on one line: the first is read.
            found, _ = _LENIENT.raw_decode(_ESCAPED.sub(_as_json, text))
        except (ValueError, RecursionError):
            return None
    return found if isinstance(found, dict) else None


def _as_json(match: re.Match[str]) -> str:
    before, short, long = match.groups()
    if short:
        return f"{before}\\u00{short}"
    high, low = divmod(int(long, 16) - 0x10000, 0x400)
    return f"{before}\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _first(fields: Mapping[str, Any], field: str) -> Any:
    """Give the first of the field's names that holds something."""
    for name, path in _PATHS[field]:
        value = fields.get(name)
        if value is None and len(path) > 1:
            value = _within(fields, path)
        if value is not None and value != "":
            return value
    return None


def _within(fields: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = fields
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _text(value: Any, depth: int = 0) -> str | None:
    """Give the text of a message: itself, the text in an object, or the bytes that the journal writes as numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth < _DEEPEST:
        return _text(_first(value, "message"), depth + 1)
    if isinstance(value, list) and value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None


def _wraps(fields: Mapping[str, Any], message: str) -> bool:
    """Tell whether a message may be a line of another form: it came from the journal, or begins as a head does."""
    return "MESSAGE" in fields or (message[:1].isdigit() and message[4:5] == "-" and "created" not in fields)


def _stamp(fields: Mapping[str, Any], reader: Reader, outer: Outer) -> Stamp:
    milliseconds = fields.get("msecs")
    for name, path in _PATHS["stamp"]:
        value = fields.get(name)
        if value is None and len(path) > 1:
            value = _within(fields, path)
        if value is None or isinstance(value, bool):
            continue
        try:
            if isinstance(value, int | float):
                found = reader.clock.number(f"{value:f}" if isinstance(value, float) else str(value))
            elif not isinstance(value, str):
                continue
            elif value.replace(".", "", 1).isdecimal():
                found = reader.clock.number(value)
            else:
                found = reader.clock.iso(value, outer.within)
        except ValueError:
            continue
        if name == "asctime" and found[0] is not None and found[0].is_integer() and isinstance(milliseconds, float):
            return found[0] + milliseconds / 1000, found[1]
        return found
    return outer.stamp if outer.kind is not None else NO_STAMP


def _level(fields: Mapping[str, Any]) -> str:
    for name, path in _PATHS["level"]:
        value = fields.get(name)
        if value is None and len(path) > 1:
            value = _within(fields, path)
        if isinstance(value, bool) or value is None:
            continue
        if name == "PRIORITY":
            return levels.level_of(str(value), levels.SEVERITY)
        if isinstance(value, int):
            return levels.level_of(str(value), levels.table("python" if name == "levelno" else "pino"))
        if isinstance(value, str) and (level := levels.level_of(value)):
            return level
    return ""


def _pid(value: Any, reader: Reader) -> int | None:
    if isinstance(value, str):
        return reader.pid_of(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 63 else None


def _instance(value: Any) -> str:
    """Take the UUID out of an object, of oslo's `[instance: ...] `, or as it is."""
    if isinstance(value, dict):
        value = value.get("uuid") or value.get("id")
    text = _printable(value)
    return text.strip().removeprefix("[instance:").removesuffix("]").strip()


def _trace(fields: Mapping[str, Any]) -> Iterable[str]:
    """Take apart a traceback: one text, or a list of texts, some of which hold several lines."""
    value = _first(fields, "trace")
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return (part for text in texts if isinstance(text, str) for part in text.rstrip("\n").split("\n"))


def _printable(value: object) -> str:
    return escape(value) if isinstance(value, str) else ""
