"""What the events of all forms of lines have in common."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from core.events import LogEvent, LogLine

Stamp = tuple[float | None, int | None]
"""Seconds since 1970, and seconds east of UTC; None for both where a record names no time."""

NO_STAMP: Final[Stamp] = (None, None)

UUID: Final = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

_INSTANCE: Final = re.compile(rf"\[instance: ({UUID})\]")


def instance_in(message: str) -> str:
    """Find the instance that a message names as oslo does; empty where it names none."""
    if "[instance: " not in message:
        return ""
    match = _INSTANCE.search(message)
    return match[1] if match else ""


# NamedTuple's own constructor is a Python function: going past it halves the cost of an event.
new_event: Final = partial(tuple.__new__, LogEvent)


def event_of(
    line: LogLine,
    message: str,
    stamp: Stamp = NO_STAMP,
    *,
    level: str = "",
    service: str = "",
    logger: str = "",
    pid: int | None = None,
    request_id: str = "",
    instance_id: str = "",
    extra_lines: int = 0,
    known_format: bool = True,
    features: tuple[float, ...] | None = None,
) -> LogEvent:
    """Make the event that a line begins of what could be read of it."""
    return LogEvent(
        source=line.source,
        line=line.number,
        offset=line.offset,
        length=line.length,
        timestamp=stamp[0],
        utc_offset=stamp[1],
        level=level,
        service=service,
        logger=logger,
        pid=pid,
        request_id=request_id,
        instance_id=instance_id,
        message=message,
        raw=line.text,
        extra_lines=extra_lines,
        known_format=known_format,
        features=features,
    )
