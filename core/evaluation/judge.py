"""Scores labelled logs with the pipeline of `watch`, and combines scores and labels event by event."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import CompiledBaseline
from core.decision.calibration import Calibration
from core.decision.flagging import FlaggingPolicy
from core.episodes import PAUSE_SECONDS
from core.events import SEVERE_LEVELS, LogEvent, LogLine, ScoredEvent
from core.features.batch import FeatureBatch
from core.pipeline import EXPLAIN_FROM, Pipeline, Scorer
from core.reading import read_file
from core.simulate import Truth, read_truth, truth_path
from core.training.corpus import Run
from core.training.measure import Outcome
from core.training.targets import shows_anomaly

_TOP_REASONS: Final = 2
_AFTERMATH_SECONDS: Final = 300.0
"""What is flagged this long after an incident may be its consequence: neither found nor false."""


_UNREACHABLE: Final = 2.0
"""A score that no event reaches."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled stream after scoring."""

    outcome: Outcome
    truth: NDArray[np.int8]
    """[N] 1 anomalous, 0 normal, -1 not known."""
    targets: NDArray[np.int8]
    """[N] as in training: events that show an anomaly by themselves are anomalous after the onset."""
    features: FeatureBatch
    """Of the whole log that the stream is part of."""
    rows: NDArray[np.int64]
    """[N] place of each event in that log."""
    lines: NDArray[np.int64]
    """[N] number of each event's first line in that log."""
    kind: str = ""
    """Kind of the incident, where it has a name."""
    named: bool | None = None
    """Whether the cause is among the top two reasons of a flagged event; None where nothing is flagged."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """The flagged events of a log, in its order."""

    lines: NDArray[np.int64]
    """[N] number of each event's first line."""
    timestamps: NDArray[np.float64]
    """[N] seconds."""


class Judge:
    """Scores labelled logs, each as its own stream."""

    def __init__(
        self,
        baseline: CompiledBaseline,
        new_scorer: Callable[[], Scorer],
        calibration: Calibration,
        threshold: float,
    ) -> None:
        """Take the compiled baseline, the factory of scorers, and the threshold for causes and controls."""
        self._baseline = baseline
        self._new_scorer = new_scorer
        self._calibration = calibration
        self.threshold = threshold

    def run(self, run: Run, lines: Sequence[LogLine]) -> Judged:
        """Score one run of a corpus: events of failed requests are anomalous, those before the fault normal."""
        log = self._score(lines)
        failed = np.array([event.event.request_id in run.failed_requests for event in log.events], np.bool_)
        truth = np.zeros(len(log.events), np.int8)
        if run.incident and run.trigger is not None:
            truth[log.stamps >= run.trigger] = -1
            truth[(log.stamps >= run.trigger) & failed] = 1
        targets = np.where((truth < 0) & shows_anomaly(log.features), np.int8(1), truth)
        outcome = Outcome.of_run(run, log.stamps, log.scores, failed)
        return Judged(outcome, truth, targets, log.features, np.arange(len(log.events)), log.lines)

    def run_without_errors(self, run: Run, lines: Sequence[LogLine]) -> Outcome:
        """Score the run without its records of level ERROR and CRITICAL."""
        log = self._score(lines, without=SEVERE_LEVELS)
        failed = np.array([event.event.request_id in run.failed_requests for event in log.events], np.bool_)
        return Outcome.of_run(run, log.stamps, log.scores, failed)

    def flagged(self, lines: Sequence[LogLine]) -> Flagged:
        """Score these lines as their own log and return what is flagged."""
        pipeline = self._begin(_UNREACHABLE)
        policy = FlaggingPolicy(self.threshold)
        events = [
            item
            for item in (*pipeline.feed(lines), *pipeline.quiet())
            if isinstance(item, ScoredEvent) and item.event.line and policy.is_alerting(item)
        ]
        stamps = [event.event.timestamp or 0.0 for event in events]
        return Flagged(np.array([event.event.line for event in events], np.int64), np.array(stamps, np.float64))

    def simulated(self, path: Path) -> list[Judged]:
        """Score one simulated log with the truth beside it: one stream per incident, and one of the time without any.

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
            truth = np.where(own, 1, -1).astype(np.int8)[part]
            judged.append(
                Judged(
                    Outcome(
                        f"{path.name}:{incident['id']}", log.stamps[part], log.scores[part], float(incident["onset"])
                    ),
                    truth,
                    truth,
                    log.features,
                    np.flatnonzero(part),
                    log.lines[part],
                    incident["kind"],
                    self._named([log.events[row] for row in np.flatnonzero(part)], set(incident["channels"])),
                )
            )
        rows_left = np.flatnonzero(healthy)
        # A pause in which an incident was taken out is not healthy time, not even five minutes of it.
        pauses = np.clip(np.diff(log.stamps[healthy]), 0.0, PAUSE_SECONDS)
        left_out = float(pauses[np.diff(rows_left) > 1].sum())
        quiet = Outcome(path.name, log.stamps[healthy], log.scores[healthy], left_out_seconds=left_out)
        normal = np.zeros(len(rows_left), np.int8)
        return [*judged, Judged(quiet, normal, normal, log.features, rows_left, log.lines[healthy])]

    def _begin(self, explain_from: float) -> Pipeline:
        return Pipeline(self._baseline, self._new_scorer(), self._calibration, explain_from=explain_from, zone=UTC)

    def _score(self, lines: Sequence[LogLine], without: Container[str] = ()) -> _Log:
        pipeline = self._begin(EXPLAIN_FROM)
        parsed = [*pipeline.parse(lines), *pipeline.parse(None)]
        prepared = pipeline.prepare(
            [item for item in parsed if not (isinstance(item, LogEvent) and item.level in without)]
        )
        items = pipeline.finish(prepared, pipeline.judge(prepared))
        # A silence has no line, and so no row of features.
        events = [
            item for item in items if isinstance(item, ScoredEvent) and item.score is not None and item.event.line
        ]
        features = prepared.features
        return _Log(
            events,
            features,
            features.timestamps,
            np.array([event.score for event in events], np.float64),
            np.array([event.event.line for event in events], np.int64),
        )

    def _named(self, events: Sequence[ScoredEvent], channels: set[str]) -> bool | None:
        policy = FlaggingPolicy(self.threshold)
        flagged = [event for event in events if policy.is_alerting(event)]
        if not flagged:
            return None
        return any(reason.feature in channels for event in flagged for reason in event.reasons[:_TOP_REASONS])


@dataclass(frozen=True, slots=True)
class _Log:
    events: list[ScoredEvent]
    features: FeatureBatch
    stamps: NDArray[np.float64]
    scores: NDArray[np.float64]
    lines: NDArray[np.int64]


def read_lines(path: Path) -> list[LogLine]:
    """All lines of a log file."""
    return [item for batch in read_file(path) for item in batch.items if isinstance(item, LogLine)]


def _owners(events: Sequence[ScoredEvent], rows: Sequence[Truth]) -> list[str | None]:
    by_line = {row.line: row.incident for row in rows}
    return [by_line.get(event.event.line) for event in events]
