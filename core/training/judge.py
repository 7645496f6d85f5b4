"""Labelled logs through the very pipeline that an operator uses, event by event beside what is true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.baseline import Usual
from core.events import LogLine, ScoredEvent
from core.feature_rows import FeatureBatch
from core.features import FeatureExtractor
from core.pipeline import Pipeline
from core.reading import read_file
from core.simulate import Truth, read_truth, truth_path
from core.templates import Templater
from core.training.corpus import Run
from core.training.measure import Outcome

_TOP_REASONS = 2
_AFTERMATH_SECONDS = 300.0
"""After an incident what is flagged may still be its echo: neither found nor false."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled stream after scoring."""

    outcome: Outcome
    truth: NDArray[np.int8]
    """[N] 1 anomalous, 0 normal, -1 not known."""
    features: FeatureBatch
    """Of the whole log that the stream is part of."""
    rows: NDArray[np.int64]
    """[N] place of each event in that log."""
    kind: str = ""
    """Kind of the incident, where it has a name."""
    named: bool | None = None
    """Whether the cause stands among the top two reasons of a flagged event; None where nothing can be said."""


class Judge:
    """Scores labelled logs, each as a stream of its own."""

    def __init__(self, usual: Usual, new_stream: Callable[[], Pipeline], threshold: float) -> None:
        self._usual = usual
        self._new_stream = new_stream
        self._threshold = threshold

    def run(self, run: Run, lines: Sequence[LogLine]) -> Judged:
        """Judge one run of a corpus: anomalous are the events of failed requests, normal those before the fault."""
        log = self._score(lines)
        failed = np.array([event.event.request_id in run.failed_requests for event in log.events], np.bool_)
        truth = np.zeros(len(log.events), np.int8)
        if run.incident and run.trigger is not None:
            truth[log.stamps >= run.trigger] = -1
            truth[(log.stamps >= run.trigger) & failed] = 1
        outcome = Outcome(
            run.file,
            log.stamps,
            log.scores,
            run.trigger if run.incident else None,
            run.client_failure,
            run.silent,
            failed if run.incident else None,
        )
        return Judged(outcome, truth, log.features, np.arange(len(log.events)))

    def simulated(self, path: Path) -> list[Judged]:
        """Judge one simulated log by the truth beside it: one stream an incident, and one of the time without any.

        Raises SourceError where the log cannot be read, OSError where there is no truth.
        """
        header, rows = read_truth(truth_path(path))
        log = self._score(read_lines(path))
        owners = _owners(log.events, rows)
        judged = []
        healthy = np.ones(len(log.events), np.bool_)
        for incident in header["incidents"]:
            own = np.array([owner == incident["id"] for owner in owners], np.bool_)
            end = max(float(incident["end"]), float(log.stamps[own].max()) if own.any() else 0.0) + _AFTERMATH_SECONDS
            part = own | ((log.stamps >= incident["onset"]) & (log.stamps < end))
            healthy &= ~part
            judged.append(
                Judged(
                    Outcome(
                        f"{path.name}:{incident['id']}", log.stamps[part], log.scores[part], float(incident["onset"])
                    ),
                    np.where(own, 1, -1).astype(np.int8)[part],
                    log.features,
                    np.flatnonzero(part),
                    incident["kind"],
                    self._named([log.events[row] for row in np.flatnonzero(part)], set(incident["channels"])),
                )
            )
        rows_left = np.flatnonzero(healthy)
        quiet = Outcome(path.name, log.stamps[healthy], log.scores[healthy])
        return [*judged, Judged(quiet, np.zeros(len(rows_left), np.int8), log.features, rows_left)]

    def _score(self, lines: Sequence[LogLine]) -> _Log:
        pipeline = self._new_stream()
        items = [*pipeline.feed(lines), *pipeline.quiet()]
        events = [item for item in items if isinstance(item, ScoredEvent) and item.score is not None]
        templater = Templater()
        plain = [event.event for event in events]
        features = FeatureExtractor(self._usual).extract(
            plain, [templater.facts(event.logger, event.head) for event in plain]
        )
        return _Log(events, features, features.timestamps, np.array([event.score for event in events], np.float64))

    def _named(self, events: Sequence[ScoredEvent], channels: set[str]) -> bool | None:
        flagged = [event for event in events if event.flagged(self._threshold)]
        if not flagged:
            return None
        return any(reason.feature in channels for event in flagged for reason in event.reasons[:_TOP_REASONS])


@dataclass(frozen=True, slots=True)
class _Log:
    events: list[ScoredEvent]
    features: FeatureBatch
    stamps: NDArray[np.float64]
    scores: NDArray[np.float64]


def read_lines(path: Path) -> list[LogLine]:
    """All lines of a log file."""
    return [item for batch in read_file(path) for item in batch.items if isinstance(item, LogLine)]


def _owners(events: Sequence[ScoredEvent], rows: Sequence[Truth]) -> list[str | None]:
    by_line = {row.line: row.incident for row in rows}
    return [by_line.get(event.event.line) for event in events]
