"""The values that pass through tailsight, frozen, in the order in which they are made.

`LogLine`, `LogEvent` and `ScoredEvent` are named tuples and not dataclasses because one is made for every line of a
log: building a frozen dataclass of fifteen fields costs four times as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from functools import lru_cache, partial
from typing import Final, NamedTuple

from core.schema import CATEGORICAL

LEVELS: Final = CATEGORICAL["level"]
"""Level names by rank, the least severe first; rank 0 stands for an unknown level."""

LEVEL_RANK: Final = {name: rank for rank, name in enumerate(LEVELS)}

SEVERE_LEVELS: Final = frozenset({"ERROR", "CRITICAL"})
"""Levels of records that report a failure."""


class LogLine(NamedTuple):
    """One line of one source, decoded and made safe to print."""

    source: str
    """The path of the file, as the operator named it (`-` for standard input)."""
    number: int
    """Line number in the file, from 1."""
    offset: int
    """Byte offset of the line's first byte in the file."""
    length: int
    """Bytes the line takes in the file, terminator included."""
    text: str
    """The line without its terminator; every character that is not printable is escaped as `\\xNN` or `\\uNNNN`."""
    cut: int = 0
    """Bytes left out of `text` because the line was longer than the cap."""


class NoticeKind(StrEnum):
    """What happened to a source."""

    APPEARED = "appeared"
    VANISHED = "vanished"
    ROTATED = "rotated"
    TRUNCATED = "truncated"
    LOST = "lost"
    SKIPPED = "skipped"
    UNREADABLE = "unreadable"
    LEFT_OUT = "left out"
    """Files of a directory that are not followed."""
    DAMAGED = "damaged"
    """An archive of which only a part can be read."""
    ENCODING = "encoding"
    RESUMED = "resumed"
    WAITING = "waiting"
    ASIDE = "aside"
    """A line that is not part of the log, such as the header that `tail` puts before a file."""
    EXCESS = "excess"
    """Lines of an event beyond those that one event may have."""
    BACK = "back"
    """What had fallen silent is heard of again."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A message about the source at this place of the stream."""

    source: str
    kind: NoticeKind
    text: str
    """One line for the operator, safe to print."""
    count: int = 0
    """What the notice is about: lines if `ASIDE` or `EXCESS`, bytes if `SKIPPED` or `LOST`, else files."""


class LogEvent(NamedTuple):
    """One log record; a traceback is part of its record."""

    source: str
    line: int
    """Number of its first line, from 1; 0 for the event of a silence, which no line stands for."""
    offset: int
    length: int
    """Bytes of all its lines in the file."""
    timestamp: float | None
    """Seconds since 1970; a stamp without a zone is read as if it were UTC. None where the record has none."""
    utc_offset: int | None
    """Seconds east of UTC that the stamp names; None where it names no zone."""
    level: str
    """TRACE, DEBUG, INFO, AUDIT, WARNING, ERROR or CRITICAL; empty where the record has none."""
    service: str
    """`nova-compute`, `neutron-server`, ...; empty where it is unknown."""
    logger: str
    pid: int | None
    request_id: str
    """`req-...`, or empty."""
    instance_id: str
    """UUID of the instance, or empty."""
    message: str
    """The message; lines after the first follow a newline each."""
    raw: str
    """The record's first line as read."""
    extra_lines: int = 0
    """Lines after the first."""
    known_format: bool = True
    """False where no known format matches: shown, never scored."""
    features: tuple[float, ...] | None = None
    """The 37 features, where the line itself has them (see `core.parsing.preprocessed`)."""

    @property
    def iso_timestamp(self) -> str | None:
        """The timestamp in ISO 8601, with an offset only where the log has one."""
        timestamp, east = self.timestamp, self.utc_offset
        if timestamp is None:
            return None
        whole = int(timestamp)
        carried, microseconds = divmod(round((timestamp - whole) * 1e6), 1_000_000)
        minute, second = divmod(whole + carried + (east or 0), 60)
        stamp = _minute(minute) + _SECONDS[second] + _MILLISECONDS[microseconds // 1000]
        return stamp if east is None else stamp + _zone(east)

    @property
    def place(self) -> str:
        """`/var/log/nova/nova-api.log:17`, or the source alone where no line stands for it."""
        return f"{self.source}:{self.line}" if self.line else self.source

    @property
    def head(self) -> str:
        """The first line of the message that is not blank."""
        first, newline, rest = self.message.partition("\n")
        if newline and not first.strip():
            return next((line for line in rest.split("\n") if line.strip()), first)
        return first


_SECONDS: Final = tuple(f"{second:02}" for second in range(60))
_MILLISECONDS: Final = tuple(f".{millisecond:03}" for millisecond in range(1_000))


# Events of one minute share the formatted minute.
@lru_cache(maxsize=1_024)
def _minute(minute: int) -> str:
    """`2018-06-28T04:03:`."""
    return datetime.fromtimestamp(60 * minute, UTC).replace(tzinfo=None).isoformat()[:-2]


@lru_cache(maxsize=64)
def _zone(east: int) -> str:
    return datetime(2000, 1, 1, tzinfo=timezone(timedelta(seconds=east))).isoformat()[len("2000-01-01T00:00:00") :]


class Continuation(NamedTuple):
    """A line of an event that is scored and shown already; it changes no score."""

    source: str
    event_line: int
    """`LogEvent.line` of the event it belongs to."""
    line: LogLine


class State(StrEnum):
    """Whether an event is scored, and on how much history."""

    SCORED = "scored"
    WARMING_UP = "warming_up"
    """Scored, but too little of this log has been read to know what is usual in it."""
    UNKNOWN_FORMAT = "unknown_format"
    """Not scored: no known format matches the line."""
    FAILED = "failed"
    """Not scored: scoring it failed each time that it was tried."""


class Phase(StrEnum):
    """What the running stream is doing."""

    LOADING = "loading"
    """The model is being loaded."""
    WARMING_UP = "warming_up"
    """Lines from before the place that the operator asked to begin at are read back."""
    LIVE = "live"
    FAILED = "failed"
    """Reading or scoring has failed; it will be tried again."""
    ENDED = "ended"
    """The source has come to its end; no update follows."""


class Reference(IntEnum):
    """What an event is compared with."""

    NONE = 0
    """Neither the baseline nor the stream's own past knows the service: an unseen template means nothing yet."""
    STREAM = 1
    """The stream's own past: the service has gone on for a while with next to nothing new."""
    BASELINE = 2
    """The baseline: it knows nearly all that the service writes."""

    @property
    def word(self) -> str:
        """`none`, `stream` or `baseline`."""
        return self.name.lower()


class Channel(StrEnum):
    """The detectors."""

    NETWORK = "network"
    """The Transformer."""
    FAILURE = "failure"
    """A record that reports a failure, or a 5xx reply, that is not usual here."""
    REFUSAL = "refusal"
    """A 4xx reply that its route never gave."""
    SLOW = "slow"
    """Something took longer than it does."""
    SILENCE = "silence"
    """Something that comes regularly stayed away."""
    NOVELTY = "novelty"
    """A template, words or an order of templates that are new or rare."""
    BURST = "burst"
    """More events of a template, or of all, than is usual."""


CHANNELS: Final = tuple(Channel)
"""The detectors in the order in which their scores are kept."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One explanation of a score, in the units of the log."""

    channel: Channel
    feature: str
    """Name of the feature (see `core.schema`), or of the term of a detector."""
    text: str
    """`spawn took 41.8 s, usually 19.8`."""
    value: float | None = None
    usual: float | None = None
    weight: float = 0.0
    """The logits that this adds to the strength of the event, below 0 where it lowers it; orders the reasons."""


class Expected(NamedTuple):
    """What usually follows the previous event of the same request, instance or process.

    Templates are named by their hashes (`core.templates.stable_hash`): the baseline holds no text of any log.
    """

    previous: int
    """Template of the event before it; 0 for the first event of a request."""
    usual: tuple[tuple[int, float], ...]
    """The most likely templates and their probabilities, the most likely first."""
    chance: float
    """Probability of the template that came; 0 where it never followed."""


class ScoredEvent(NamedTuple):
    """An event with its score. Whether it is flagged is never stored: see `core.decision.flagging`."""

    seq: int
    """Place in the scored stream, from 1."""
    event: LogEvent
    score: float | None
    """0 to 1, high = anomalous, rounded; None exactly where the state is `unknown_format` or `failed`."""
    state: State
    template: str
    """The message with its variables masked."""
    reasons: tuple[Reason, ...] = ()
    expected: Expected | None = None
    """None where the baseline does not know the previous event, or where there is none."""
    reference: Reference = Reference.NONE
    """What the event was compared with."""
    channels: tuple[float | None, ...] = ()
    """The score of each detector of `CHANNELS` by itself, None for one that did not speak; empty without a score."""


# NamedTuple's own constructor is a Python function: bypassing it halves the cost of an event.
new_scored: Final = partial(tuple.__new__, ScoredEvent)


class Origin(StrEnum):
    """Whose calibration makes the scores."""

    SHIPPED = "shipped"
    SITE = "site"
    """That of the site's own logs, as `tailsight learn` made it."""
    OWN = "own"
    """This log's own past."""


class CalibratedBy(NamedTuple):
    """Whose calibration makes the scores, and of how much log."""

    origin: Origin
    hours: float = 0.0
    """Hours of log that the record of the site, or of this log, is made of; 0 for the shipped calibration."""


Item = ScoredEvent | Notice | Continuation
"""What a front end receives, in order."""


@dataclass(frozen=True, slots=True)
class Update:
    """One batch for a front end: one message per batch crosses the thread, never single events."""

    items: tuple[Item, ...]
    phase: Phase
    lines: int
    """Lines read since the start."""
    scored: int
    """Events scored since the start."""
    behind: int
    """Bytes that are in the files and not yet scored."""
    fit: float | None
    """Share of the recent events whose template is known, 0 to 1; None before any event."""
    detail: str = ""
    """What the worker does, where the phase alone does not say it."""
    calibrated_by: CalibratedBy | None = None
    """Whose calibration makes the scores; None before the model is loaded."""
