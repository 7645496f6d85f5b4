"""The export: chosen events with the events before and after them, in one document."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import numpy as np
import orjson

from core.decision.flagging import FlaggingPolicy
from core.events import ScoredEvent
from core.export.eventjson import encode_record, event_record
from core.export.redact import redact
from core.history.history import NOTICE_RANK, History
from core.support.files import write_file

SCHEMA: Final = "tailsight.flagged/1"
CONTEXT_EVENTS: Final = 5
"""Events before and after each exported one by default."""


class Selection(StrEnum):
    """Which events are exported."""

    FLAGGED = "flagged"
    MARKED = "marked"
    FILTERED = "filtered"
    EPISODE = "episode"


class Format(StrEnum):
    """How they are written."""

    JSON = "json"
    """One document, with the model, the threshold and a summary."""
    JSON_LINES = "jsonl"
    """The events alone, one a line."""


@dataclass(frozen=True, slots=True)
class Model:
    """The model that the scores are from."""

    sha256: str
    parameters: int


class Excerpt(NamedTuple):
    """One exported event with the events around it in the stream."""

    event: ScoredEvent
    before: Sequence[ScoredEvent]
    after: Sequence[ScoredEvent]


@dataclass(frozen=True, slots=True)
class Extract:
    """The events chosen of a stream, and a summary of the stream."""

    policy: FlaggingPolicy
    excerpts: Sequence[Excerpt]
    sources: tuple[str, ...]
    scored: int
    """Events of the stream that have a score."""
    alerting: int
    """Events of the stream that are flagged, and neither muted nor normal here, chosen or not."""

    def document(
        self,
        model: Model,
        *,
        selection: Selection = Selection.FLAGGED,
        redacted: bool = True,
        exported_at: datetime | None = None,
    ) -> dict[str, Any]:
        """Return the document to export."""
        return {
            "schema": SCHEMA,
            "exported_at": (exported_at or datetime.now(UTC)).isoformat(timespec="seconds"),
            "tool": f"tailsight {_version()}",
            "model": {"sha256": model.sha256, "parameters": model.parameters},
            "threshold": self.policy.threshold,
            "sources": list(self.sources),
            "summary": {
                "sequence_length": self.scored,
                "num_anomalies": self.alerting,
                "anomaly_rate": round(100.0 * self.alerting / self.scored, 4) if self.scored else 0.0,
            },
            "selection": selection.value,
            "redacted": redacted,
            "events": self._events(redacted=redacted),
        }

    def _events(self, *, redacted: bool) -> list[dict[str, Any]]:
        # The contexts of neighbouring events overlap.
        records: dict[int, dict[str, Any]] = {}

        def record(event: ScoredEvent) -> dict[str, Any]:
            if id(event) not in records:
                made = event_record(event, self.policy)
                records[id(event)] = _redacted(made) if redacted else made
            return records[id(event)]

        return [
            record(one.event) | {"context": {"before": [*map(record, one.before)], "after": [*map(record, one.after)]}}
            for one in self.excerpts
        ]


def _redacted(record: dict[str, Any]) -> dict[str, Any]:
    """Redact the fields with free text; the other fields have fixed forms."""
    reasons = [reason | {"text": redact(reason["text"])} for reason in record["reasons"]]
    shared = {name: _redact_shared(record[name]) for name in ("source", "template")}
    return record | shared | {"message": redact(record["message"]), "reasons": reasons}


# Events share a few sources and templates.
_redact_shared = lru_cache(4_096)(redact)


class ExcerptCollector:
    """Collects the flagged events of a running stream with the events around them, and keeps nothing else."""

    def __init__(
        self,
        policy: FlaggingPolicy,
        *,
        before: int = CONTEXT_EVENTS,
        after: int = CONTEXT_EVENTS,
    ) -> None:
        self._policy = policy
        self._after = after
        self._excerpts: list[Excerpt] = []
        self._recent: deque[ScoredEvent] = deque(maxlen=before)
        self._unfinished: deque[list[ScoredEvent]] = deque()
        self._sources: dict[str, None] = {}
        self._scored = 0

    def feed(self, event: ScoredEvent) -> None:
        """Take the next event of the stream."""
        self._sources[event.event.source] = None
        self._scored += event.score is not None
        for after in self._unfinished:
            after.append(event)
        if self._unfinished and len(self._unfinished[0]) >= self._after:
            self._unfinished.popleft()
        if self._policy.is_alerting(event):
            excerpt = Excerpt(event, tuple(self._recent), after := [])
            self._excerpts.append(excerpt)
            if self._after:
                self._unfinished.append(after)
        self._recent.append(event)

    def extract(self) -> Extract:
        """Return what was collected so far."""
        found = self._excerpts
        return Extract(self._policy, found, tuple(self._sources), self._scored, len(found))


def extract_rows(
    history: History,
    rows: Iterable[int],
    threshold: float,
    *,
    before: int = CONTEXT_EVENTS,
    after: int = CONTEXT_EVENTS,
) -> Extract:
    """Return these rows of a history, in its order, without notices."""
    event_rows = np.flatnonzero(history.levels() != NOTICE_RANK)
    events = np.intersect1d(event_rows, np.fromiter(rows, np.intp))
    excerpts = []
    for place in np.searchsorted(event_rows, events).tolist():
        low, high = max(place - before, 0), place + after + 1
        around = [cast("ScoredEvent", history[row]) for row in event_rows[low:high].tolist()]
        own = place - low
        excerpts.append(Excerpt(around[own], around[:own], around[own + 1 :]))
    present = np.unique(history.source_codes()[event_rows])
    return Extract(
        history.policy(threshold),
        excerpts,
        tuple(history.sources[code] for code in present.tolist()),
        int(np.count_nonzero(~np.isnan(history.scores()))),
        history.count_alerting(threshold),
    )


def encode_document(document: dict[str, Any], form: Format = Format.JSON) -> bytes:
    """Encode a document, or its events alone as JSON lines."""
    if form is Format.JSON_LINES:
        return b"".join(encode_record(event) for event in document["events"])
    return encode_record(document, orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_document(
    path: Path,
    document: dict[str, Any],
    form: Format = Format.JSON,
    *,
    overwrite: bool = False,
    allow_device: bool = False,
) -> int:
    """Write a document and return how many events it has.

    With `allow_device` a device or a pipe is written into. OutputError when it cannot be written or the file exists.
    """
    # Log text may be confidential, redacted or not: not readable by everyone.
    data = encode_document(document, form)
    write_file(path, data, overwrite=overwrite, private=True, allow_device=allow_device)
    return len(document["events"])


def propose_path(
    folder: Path, selection: Selection = Selection.FLAGGED, form: Format = Format.JSON, now: datetime | None = None
) -> Path:
    """Return the path of a file in this folder that does not exist yet."""
    stem = f"tailsight-{selection.value}-{now or datetime.now():%Y%m%d-%H%M%S}"
    path = folder / f"{stem}.{form.value}"
    number = 1
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.{form.value}"
    return path


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 (slow to import, and the app imports this before its first paint)

    return metadata.version("tailsight")
