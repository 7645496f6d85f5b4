"""One JSON line to one event: oslo's JSON formatters, event files with tailsight's field names, or with features."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import orjson

from core.events import LogEvent, LogLine
from core.parsing import services
from core.parsing.event import LEVELS, Stamp, event_of
from core.parsing.preprocessed import given_features
from core.parsing.stamps import Clock
from core.support.printable import escape

MAX_EXTRA_LINES: Final = 1_000
"""Lines after the first that the message of an event keeps; those beyond are only counted."""

_NO_MESSAGE: Final = "(features without a message)"
_MESSAGE: Final = ("message", "msg")
_LEVEL: Final = ("level", "levelname")
_LOGGER: Final = ("logger", "name")
_STAMP: Final = ("timestamp", "asctime", "time", "@timestamp", "created")
_PID: Final = ("pid", "process")


def read(line: LogLine, clock: Clock, service: str) -> LogEvent | None:
    """Read one line; None where it is not JSON or not an event (a body that spilled over lines, say)."""
    try:
        fields = orjson.loads(line.text)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(fields, dict):
        return None
    features = given_features(fields)
    message = _first(fields, _MESSAGE)
    moment = _stamp(_first(fields, _STAMP), clock)
    level = _first(fields, _LEVEL)
    if features is not None:
        message, level = message or _NO_MESSAGE, level or ""
    if not isinstance(message, str) or moment is None or not isinstance(level, str):
        return None
    context = fields.get("context")
    inner: Mapping[str, Any] = context if isinstance(context, dict) else {}
    logger = _printable(_first(fields, _LOGGER))
    pid = _first(fields, _PID)
    named = _printable(fields.get("service"))
    instance = fields.get("instance_id") or inner.get("instance_id") or _unbracketed(inner.get("instance"))
    lines = list(map(escape, [*message.split("\n"), *_traceback(fields)]))
    return event_of(
        line,
        "\n".join(lines[: MAX_EXTRA_LINES + 1]),
        moment,
        level=LEVELS.get(level.upper(), ""),
        service=services.canonical(named) if named else service or services.from_logger(logger),
        logger=logger,
        pid=pid if isinstance(pid, int) and not isinstance(pid, bool) else None,
        request_id=_printable(fields.get("request_id") or inner.get("request_id")),
        instance_id=_printable(instance),
        extra_lines=len(lines) - 1,
        features=features,
    )


def _first(fields: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = fields.get(name)
        if value is not None:
            return value
    return None


def _printable(value: object) -> str:
    return escape(value) if isinstance(value, str) else ""


def _unbracketed(value: object) -> str:
    """Take the UUID out of oslo's `[instance: ...] `."""
    return value.strip().removeprefix("[instance:").removesuffix("]").strip() if isinstance(value, str) else ""


def _traceback(fields: Mapping[str, Any]) -> list[str]:
    """Take apart what oslo gives a traceback as: a list of texts, some of which hold several lines."""
    texts = fields.get("traceback")
    if isinstance(texts, str):
        texts = [texts]
    if not isinstance(texts, list):
        return []
    return [line for text in texts if isinstance(text, str) for line in text.rstrip("\n").split("\n")]


def _stamp(value: object, clock: Clock) -> Stamp | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        # beyond the year 9999 nothing can be written as a date again
        return (float(value), None) if 0 <= value < 253_402_300_800 else None
    if not isinstance(value, str):
        return None
    try:
        return clock.iso(value)
    except ValueError:
        return None
