"""What a log record says by itself: its level, what it names, which words it has. Nothing of the stream is needed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import repeat
from operator import attrgetter
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.events import LogEvent
from core.features.wording import ReasonText
from core.schema import CATEGORICAL
from core.templates import MessageFacts


class Record(NamedTuple):
    """What one record says by itself."""

    names_entity: bool
    reports_failure: bool
    http_status: int
    """0 for none."""
    severe: bool
    warning: bool
    failure_words: bool
    level: int
    method: int
    status: int
    kind: int


class RecordColumns(NamedTuple):
    """`Record` of N events, [N] each."""

    names_entity: NDArray[np.bool_]
    reports_failure: NDArray[np.bool_]
    """An ERROR or CRITICAL, a 5xx reply, or what reports a failure in a record without a level."""
    http_status: NDArray[np.int64]
    severe: NDArray[np.bool_]
    warning: NDArray[np.bool_]
    failure_words: NDArray[np.bool_]
    level: NDArray[np.int64]
    method: NDArray[np.int64]
    status: NDArray[np.int64]
    kind: NDArray[np.int64]


def read_records(events: Sequence[LogEvent], facts: Sequence[MessageFacts]) -> RecordColumns:
    """Read N records; codes are 0 where the vocabulary lacks the word."""
    count = len(events)
    templates = [fact.template for fact in facts]
    level = _coded(_LEVELS, map(_LEVEL, events), count)
    status = np.fromiter(map(_STATUS, facts), np.int64, count)
    words = np.fromiter(map(_FAILURE_WORDS, templates), np.bool_, count)
    return RecordColumns(
        np.fromiter(map(_REQUEST, events), np.bool_, count) | np.fromiter(map(_INSTANCE, events), np.bool_, count),
        (level >= _ERROR) | (status >= 500) | ((level == 0) & np.fromiter(map(_REPORTS, templates), np.bool_, count)),
        status,
        level >= _ERROR,
        level == _WARNING,
        words,
        level,
        _coded(_METHODS, map(_METHOD, facts), count),
        _STATUSES[np.minimum(status, len(_STATUSES) - 1)],
        _coded(_KINDS, map(_KIND, templates), count),
    )


_LEVEL, _REQUEST, _INSTANCE = attrgetter("level"), attrgetter("request_id"), attrgetter("instance_id")
_METHOD, _STATUS = attrgetter("method"), attrgetter("status")
_REPORTS = attrgetter("reports_failure")
_FAILURE_WORDS, _KIND = attrgetter("failure_words"), attrgetter("kind")


def _coded(codes: dict[str, int], words: Iterable[str], count: int) -> NDArray[np.int64]:
    return np.fromiter(map(codes.get, words, repeat(0)), np.int64, count)


_LEVELS, _METHODS, _STATUS_CLASSES, _KINDS = (
    {word: code for code, word in enumerate(CATEGORICAL[vocabulary])}
    for vocabulary in ("level", "method", "status", "kind")
)
_WARNING: Final = _LEVELS["WARNING"]
_ERROR: Final = _LEVELS["ERROR"]
"""The levels from here on are severe."""
_STATUSES: Final = np.array([
    _STATUS_CLASSES["404"] if status == 404 else _STATUS_CLASSES.get(f"{status // 100}xx", 0) for status in range(601)
])  # fmt: skip
"""[status] code; from 600 on as 600."""


def severity_reason(record: Record, level: str) -> ReasonText | None:
    """Word the level of a record, else what its message says of a failure."""
    if record.severe or record.warning:
        return ReasonText(f"level {level}" + (", with a failure keyword" if record.failure_words else ""))
    if record.reports_failure and not record.http_status:
        return ReasonText("the message reports a failure")
    return ReasonText("the message has a failure keyword") if record.failure_words else None
