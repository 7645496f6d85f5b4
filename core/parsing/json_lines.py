"""JSON records: one object a line, by one table of field names, and lines of other forms that an object wraps."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from core.events import LogLine
from core.parsing import levels, services
from core.parsing.event import NO_STAMP, Stamp, instance_in, new_event
from core.parsing.forms import Kind
from core.parsing.lenient_json import parse_object
from core.parsing.preprocessed import given_features, lacks_features
from core.parsing.readings import Fragment, Outer, Piece, Reading, RecordLine, new_outer, new_record_line, of_lines
from core.parsing.spellings import read_stamp
from core.parsing.tables import read_table
from core.support.printable import escape

if TYPE_CHECKING:
    from core.parsing.reader import Reader

_TABLE: Final = {field: names for field, names in read_table("json").items() if isinstance(names, list)}
_DOCKER: Final = frozenset({"log", "stream", "time", "attrs"})
"""Keys of the json-file driver."""
_LEAST_PINO: Final = 10
"""Smaller numbers of levels are severities of syslog."""
_NO_MESSAGE: Final = "(features without a message)"
_LEADING: Final = re.compile(r"(?: |\\x09|\\x1e)*(?:@cee: ?)?")
"""What stands before an object: rsyslog and syslog-ng announce one by a word."""
_TRAILING: Final = re.compile(r"(?: |\\x09|\\x0d|\\x00)*$")
_DEEPEST: Final = 3
"""Levels of a message that is an object, down to its text."""
_SHORTEST: Final = 3
"""Characters of a name up to which another way to write it says something else."""
_MAX_SHAPED: Final = 1 << 14
"""Characters of an object whose keys are remembered."""
_LINE_BEGINS: Final = re.compile(
    rf"\d{{4}}-\d\d-\d\d[ T]\d|(?:\d+ )?(?:{'|'.join(levels.OSLO)}) |[EWIF]\d{{4}} \d\d:", re.ASCII
)
"""How lines begin that another program wrote, and a message of a logging library does not."""

_Place = tuple[str, tuple[str, ...]]
"""A key of the object, and the keys that lead from there to a value."""
_Fields = Mapping[str, Any]


class _Shape(NamedTuple):
    """Where objects with certain keys have the fields of an event."""

    stamp: tuple[_Place, ...]
    message: tuple[_Place, ...]
    level: tuple[_Place, ...]
    logger: tuple[_Place, ...]
    pid: tuple[_Place, ...]
    service: tuple[_Place, ...]
    request: tuple[_Place, ...]
    instance: tuple[_Place, ...]
    summary: tuple[_Place, ...]
    trace: tuple[_Place, ...]
    wrapped: tuple[_Place, ...]
    file: tuple[_Place, ...]
    is_docker: bool


@lru_cache(maxsize=128)
def _shape(keys: tuple[str, ...]) -> _Shape:
    # MESSAGE is the journal's, which holds the lines of any program; message is what a logging library writes
    places = {field: tuple(_places(names, keys, alike=field != "wrapped")) for field, names in _TABLE.items()}
    return _Shape(**places, is_docker=_DOCKER.issuperset(keys))


def _places(names: Collection[str], keys: Sequence[str], *, alike: bool) -> Iterable[_Place]:
    known = frozenset(keys)
    for name in names:
        head, *rest = name.split(".")
        if name in known:
            yield name, ()
        if rest and head in known:
            yield head, tuple(rest)
    bare = {_bare(name) for name in names if len(name) > _SHORTEST} if alike else ()
    yield from ((key, ()) for key in keys if key not in names and _bare(key) in bare)


def _bare(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def read(line: LogLine, text: str, reader: Reader, outer: Outer) -> Reading | None:
    """Read one object; None where the text is not one, or is no record (a body that spilled over lines, say)."""
    if text[:1] != "{":
        text = _LEADING.sub("", text, count=1)
    if text[:1] != "{":
        return None
    fields = parse_object(text if text[-1] == "}" else _TRAILING.sub("", text))
    return None if fields is None else read_object(line, fields, text, reader, outer)


def read_object(line: LogLine, fields: _Fields, text: str, reader: Reader, outer: Outer) -> Reading | None:
    """Read the fields of one object, whose text is given; None where they are no record."""
    keys = tuple(fields)
    shape = _shape(keys) if len(text) < _MAX_SHAPED else _shape.__wrapped__(keys)
    if shape.is_docker and isinstance(log := fields.get("log"), str):
        return _from_docker(line, log, shape, fields, reader, outer)
    stamp = _stamp(fields, shape, reader, outer)
    if stamp[0] is None and outer.kind is None:
        return None
    features = given_features(fields)
    message, level = _text(_first(fields, shape.message, objects=True)), _level(fields, shape)
    if message is None:
        if features is None and lacks_features(fields):
            return None
        message = text if features is None else _NO_MESSAGE
    if reader.has_oslo and not (level or outer.kind or reader.has_json):  # part of a record
        return None
    reader.has_json = True
    wrapped = _text(_first(fields, shape.wrapped))
    if wrapped is None and _LINE_BEGINS.match(message) and _first(fields, shape.logger) is None:
        wrapped = message
    level = level or outer.level
    if wrapped is None or features is not None:
        return _record(line, fields, shape, message, stamp, level, reader, outer, features)
    inner = _inner(fields, shape, stamp, level, reader, outer)
    whole = fields.get("CONTAINER_PARTIAL_MESSAGE") != "true"
    found = _read_parts(line, wrapped.removesuffix("\n"), inner, reader, whole=whole, outer=outer)
    # a message without a head: what that says may stand in fields of their own
    by_fields = type(found) is Fragment and found.lines == 1 and _first(fields, shape.logger) is not None
    return _record(line, fields, shape, message, stamp, level, reader, outer, None) if by_fields else found


def _read_parts(line: LogLine, text: str, inner: Outer, reader: Reader, *, whole: bool, outer: Outer) -> Reading:
    """Read what an object holds, which may be a piece of a line."""
    if outer.stamp is not NO_STAMP:
        return reader.inside_lines(line, text, inner)
    if not whole and reader.parts.keep(line, text, inner):
        return Piece(text)
    line, text, lines = reader.parts.whole(line, text, inner)
    return of_lines(reader.inside_lines(line, text, inner), lines)


def _inner(fields: _Fields, shape: _Shape, stamp: Stamp, level: str, reader: Reader, outer: Outer) -> Outer:
    """Say what an object says of the line that it holds."""
    named = _printable(_first(fields, shape.service))
    pid = _pid(_first(fields, shape.pid), reader)
    return Outer(
        stamp,
        outer.within if stamp[0] is None else stamp[0],
        exact=True,
        writer=f"{outer.writer} {named}[{'' if pid is None else pid}]" if named or pid else outer.writer,
        service=services.canonical(named)
        or services.from_file(_printable(_first(fields, shape.file)))
        or outer.service,
        pid=outer.pid if pid is None else pid,
        level=level or outer.level,
        kind=Kind.LOG,
        depth=outer.depth + 1,
    )


def _record(
    line: LogLine,
    fields: _Fields,
    shape: _Shape,
    message: str,
    stamp: Stamp,
    level: str,
    reader: Reader,
    outer: Outer,
    features: tuple[float, ...] | None,
) -> RecordLine:
    logger = _printable(_first(fields, shape.logger))
    named = _printable(_first(fields, shape.service))
    summary = _printable(_first(fields, shape.summary))
    if summary and summary not in message:
        message = f"{message}: {summary}"
    if shape.trace or not message.isprintable():
        message = "\n".join([escape(part) for part in (*message.split("\n"), *_trace(fields, shape))])
    instance = _instance(_first(fields, shape.instance, objects=True)) or instance_in(message.partition("\n")[0])
    pid = _pid(_first(fields, shape.pid), reader)
    inner = reader.service or services.from_logger(logger)
    service = services.canonical(named) or services.inside(outer.service, inner)
    event = (
        line.source, line.number, line.offset, line.length, *stamp, level or levels.leading_level(message), service,
        logger, outer.pid if pid is None else pid, _printable(_first(fields, shape.request)), instance,
        message.removeprefix(f"[instance: {instance}] ") if instance else message, line.text, 0, True, features,
    )  # fmt: skip
    return new_record_line((new_event(event), outer.writer, False, outer.stamp[0], False, True, 1, ""))


def _from_docker(line: LogLine, log: str, shape: _Shape, fields: _Fields, reader: Reader, outer: Outer) -> Reading:
    stream = _printable(fields.get("stream"))
    stamp = _stamp(fields, shape, reader, outer)
    writer = f"{outer.writer} {stream}".strip()
    kind, depth = Kind.TRANSPORT, outer.depth + 1
    inner = new_outer((stamp, stamp[0], True, writer, outer.service, outer.pid, outer.level, kind, depth))
    text = log.rstrip("\r\n")
    return _read_parts(line, text, inner, reader, whole=text != log, outer=outer)


def _first(fields: _Fields, places: tuple[_Place, ...], *, objects: bool = False) -> Any:
    """Give the first of some values that is something, and no object unless that is asked for."""
    for name, path in places:
        value = fields[name]
        for inner in path:
            value = value.get(inner) if isinstance(value, dict) else None
        if value is not None and value != "" and (objects or not isinstance(value, dict)):
            return value
    return None


def _text(value: Any, depth: int = 0) -> str | None:
    """Give the text of a message: itself, the text in an object, or the bytes that the journal writes as numbers."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth < _DEEPEST:
        return _text(_first(value, _shape.__wrapped__(tuple(value)).message, objects=True), depth + 1)
    if isinstance(value, list) and value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
        return bytes(value).decode("utf-8", "backslashreplace")
    return None


def _stamp(fields: _Fields, shape: _Shape, reader: Reader, outer: Outer) -> Stamp:
    """Read the first stamp that there is; that of the wrapper where there is none."""
    for place in shape.stamp:
        value = _first(fields, (place,))
        try:
            if isinstance(value, str):
                found = read_stamp(reader.clock, value, outer.within)
            elif isinstance(value, int | float) and not isinstance(value, bool):
                found = reader.clock.number(value)
            else:
                continue
        except ValueError:
            continue
        milliseconds = fields.get("msecs") if place[0] == "asctime" else None
        if isinstance(milliseconds, float) and found[0] is not None and found[0].is_integer():
            return found[0] + milliseconds / 1000, found[1]
        return found
    return outer.stamp if outer.kind is not None else NO_STAMP


def _level(fields: _Fields, shape: _Shape) -> str:
    """Give the level by the first name or number that stands for one."""
    for place in shape.level:
        value = _first(fields, (place,))
        if isinstance(value, str):
            name = value.strip("[]<> ")
            table = "severity" if name.isdecimal() else "letter" if len(name) == 1 else "common"
            level = levels.level_of(name, levels.table(table))
        elif isinstance(value, int) and not isinstance(value, bool):
            level = levels.level_of(str(value), levels.table(_numbers(place[0], value)))
        else:
            continue
        if level:
            return level
    if "v" in fields:  # klog: verbosity of a message that is no error
        return "INFO" if fields["v"] in {0, 1} else "DEBUG"
    return "ERROR" if "err" in fields else ""


def _numbers(name: str, value: int) -> str:
    """Name the table of levels that a number belongs to."""
    if name == "levelno":
        return "python"
    return "mysql_priority" if name == "prio" else "severity" if value < _LEAST_PINO else "pino"


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


def _trace(fields: _Fields, shape: _Shape) -> Iterable[str]:
    """Take apart a traceback: one text, or a list of texts, some of which hold several lines."""
    value = _first(fields, shape.trace)
    texts = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    return (part for text in texts if isinstance(text, str) for part in text.rstrip("\n").split("\n"))


def _printable(value: object) -> str:
    return escape(value) if isinstance(value, str) else ""
