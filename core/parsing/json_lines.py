"""One JSON line to one record head: oslo's JSON formatters, and event files with tailsight's own field names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from core.parsing import services
from core.parsing.records import LEVELS, Record
from core.parsing.stamps import Clock, iso

_MESSAGE: Final = ("message", "msg")
_LEVEL: Final = ("level", "levelname")
_LOGGER: Final = ("logger", "name")
_STAMP: Final = ("timestamp", "asctime", "time", "@timestamp", "created")
_PID: Final = ("pid", "process")


def read(text: str, clock: Clock, service: str) -> Record | None:
    """Read one line; None where it is not JSON or not an event (a body that spilled over lines, say)."""
    try:
        fields = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(fields, dict):
        return None
    message = _first(fields, _MESSAGE)
    moment = _stamp(_first(fields, _STAMP), clock)
    level = _first(fields, _LEVEL)
    if not isinstance(message, str) or moment is None or not isinstance(level, str):
        return None
    context = fields.get("context")
    inner: Mapping[str, Any] = context if isinstance(context, dict) else {}
    logger = _text(_first(fields, _LOGGER))
    pid = _first(fields, _PID)
    instance = fields.get("instance_id") or inner.get("instance_id") or _bracketed(inner.get("instance"))
    named = _text(fields.get("service"))
    return Record(
        "",
        moment[0],
        moment[1],
        LEVELS.get(level.upper(), ""),
        services.canonical(named) if named else service or services.from_logger(logger),
        logger,
        pid if isinstance(pid, int) and not isinstance(pid, bool) else None,
        _text(fields.get("request_id") or inner.get("request_id")),
        _text(instance),
        message + _traceback(fields),
        bare=False,
    )


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((fields[name] for name in names if fields.get(name) is not None), None)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _bracketed(value: object) -> str:
    """Take the UUID out of oslo's `[instance: ...] `."""
    return _text(value).strip().removeprefix("[instance:").removesuffix("]").strip()


def _traceback(fields: Mapping[str, Any]) -> str:
    """Join the texts that oslo gives a traceback as; some of them hold several lines."""
    lines = fields.get("traceback")
    if isinstance(lines, str):
        lines = [lines]
    if not isinstance(lines, list):
        return ""
    return "".join("\n" + part.rstrip("\n") for part in lines if isinstance(part, str))


def _stamp(value: object, clock: Clock) -> tuple[float, int | None] | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # beyond the year 9999 nothing can be written as a date again
        return (float(value), None) if 0 <= value < 253_402_300_800 else None
    if not isinstance(value, str):
        return None
    try:
        return iso(clock, value)
    except ValueError:
        return None
