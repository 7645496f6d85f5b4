"""Builders of events for tests, plain where nothing is said."""

from __future__ import annotations

from core.events import (
    CHANNELS,
    Channel,
    Expected,
    LogEvent,
    Notice,
    NoticeKind,
    Reason,
    Reference,
    ScoredEvent,
    State,
)

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


def silence_event(score: float = 0.62, timestamp: float = 1_000.0, *, seq: int = 1) -> ScoredEvent:
    """Build the event of a service that has fallen silent."""
    text = "no line for 3 min 00 s, usually every 1 min 00 s"
    silent = scored_event(
        score, timestamp, seq=seq, level="", message=f"nova-compute: {text}; last: Auditing, at 00:13:40",
        template="nova-compute: no line", reasons=(Reason(Channel.SILENCE, "silence", text, 180.0, 60.0, 11.0),),
    )  # fmt: skip
    event = silent.event._replace(line=0, offset=0, length=0, logger="", pid=None, raw=silent.event.message)
    channels = tuple(score if channel is Channel.SILENCE else None for channel in CHANNELS)
    return silent._replace(event=event, reference=Reference.STREAM, channels=channels)


def notice(source: str = "/var/log/nova/nova-compute.log", text: str = "rotated") -> Notice:
    """Build one notice."""
    return Notice(source, NoticeKind.ROTATED, text)
