"""What the events of all forms of lines have in common."""

from __future__ import annotations

from typing import Final

from core.events import LogEvent, LogLine

LEVELS: Final = {
    **{name: name for name in ("TRACE", "DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL")},
    "WARN": "WARNING",
    "FATAL": "CRITICAL",
}
"""The levels as lines name them -> as events do."""

Stamp = tuple[float, int | None]
"""Seconds since 1970, and seconds east of UTC (None where no zone is named)."""

NO_STAMP: Final = (None, None)


def event_of(
    line: LogLine,
    message: str,
    stamp: Stamp | tuple[None, None] = NO_STAMP,
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
