"""Builders of events for tests, plain where nothing is said."""

from __future__ import annotations

from core.events import Expected, LogEvent, Notice, NoticeKind, Reason, ScoredEvent, State

FIELDS = [
    "seq",
    "source",
    "line",
    "offset",
    "length",
    "lines",
    "timestamp",
    "level",
    "service",
    "logger",
    "pid",
    "request_id",
    "instance_id",
    "message",
    "score",
    "flagged",
    "muted",
    "verdict",
    "state",
    "reference",
    "template",
    "channels",
    "reasons",
]
"""Of the JSON line of an event, in their order."""


def scored_event(
    score: float | None = 0.1,
    timestamp: float | None = 1_000.0,
    *,
    seq: int = 1,
    source: str = "/var/log/nova/nova-compute.log",
    line: int = 1,
    level: str = "INFO",
    service: str = "nova-compute",
    message: str = "Instance spawned successfully.",
    request_id: str = "",
    instance_id: str = "",
    template: str = "",
    state: State | None = None,
    reasons: tuple[Reason, ...] = (),
    expected: Expected | None = None,
) -> ScoredEvent:
    """Build one scored event; no score means an unknown format."""
    head, *extra = message.split("\n")
    event = LogEvent(
        source=source,
        line=line,
        offset=line * 100,
        length=100,
        timestamp=timestamp,
        utc_offset=None,
        level=level,
        service=service,
        logger="nova.compute.manager",
        pid=2931,
        request_id=request_id,
        instance_id=instance_id,
        message=message,
        raw=f"{level} nova.compute.manager [{request_id or '-'}] {head}",
        extra_lines=len(extra),
        known_format=score is not None,
    )
    if state is None:
        state = State.UNKNOWN_FORMAT if score is None else State.SCORED
    return ScoredEvent(seq, event, score, state, template or head, reasons, expected)


def notice(source: str = "/var/log/nova/nova-compute.log", text: str = "rotated") -> Notice:
    """Build one notice."""
    return Notice(source, NoticeKind.ROTATED, text)
