"""Labelled logs through the very pipeline that an operator uses, event by event beside what is true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import Usual
from core.decision import rules
from core.decision.flagging import FlaggingPolicy
from core.events import LogEvent, LogLine, ScoredEvent
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.parsing import EventStream
from core.pipeline import EXPLAIN_FROM, Pipeline, Scorer
from core.reading import read_file
from core.simulate import Truth, read_truth, truth_path
from core.templates import Templater
from core.training.corpus import Run
from core.training.measure import Outcome
from core.training.targets import shows_something

_TOP_REASONS: Final = 2
_AFTERMATH_SECONDS: Final = 300.0
"""After an incident what is flagged may still be its echo: neither found nor false."""


_SEVERE: Final = frozenset({"ERROR", "CRITICAL"})
_NEVER: Final = 2.0
"""A score that no event reaches."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One labelled stream after scoring."""

    outcome: Outcome
    truth: NDArray[np.int8]
    """[N] 1 anomalous, 0 normal, -1 not known."""
    targets: NDArray[np.int8]
    """[N] the same as training has it: what shows by itself that something is wrong is anomalous after the onset."""
    features: FeatureBatch
    """Of the whole log that the stream is part of."""
    rows: NDArray[np.int64]
    """[N] place of each event in that log."""
    lines: NDArray[np.int64]
    """[N] number of each event's first line in that log."""
    kind: str = ""
    """Kind of the incident, where it has a name."""
    named: bool | None = None
    """Whether the cause stands among the top two reasons of a flagged event; None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class Flagged:
    """The flagged events of a log, in its order."""

    lines: NDArray[np.int64]
    """[N] number of each event's first line."""
    timestamps: NDArray[np.float64]
    """[N] seconds."""


class Judge:
    """Scores labelled logs, each as a stream of its own."""

    def __init__(self, usual: Usual, new_scorer: Callable[[], Scorer], threshold: float) -> None:
        """Judge with what is usual and what begins the scores of a new stream; cause and control need a threshold."""
        self._usual = usual
        self._new_scorer = new_scorer
        self.threshold = threshold

    def run(self, run: Run, lines: Sequence[LogLine]) -> Judged:
        """Judge one run of a corpus: anomalous are the events of failed requests, normal those before the fault."""
        log = self._score(lines)
        failed = np.array([event.event.request_id in run.failed_requests for event in log.events], np.bool_)
        truth = np.zeros(len(log.events), np.int8)
        if run.incident and run.trigger is not None:
            truth[log.stamps >= run.trigger] = -1
            truth[(log.stamps >= run.trigger) & failed] = 1
        targets = np.where((truth < 0) & shows_something(log.features), np.int8(1), truth)
        outcome = Outcome.of_run(run, log.stamps, log.scores, failed)
        return Judged(outcome, truth, targets, log.features, np.arange(len(log.events)), log.lines)

    def run_without_errors(self, run: Run, lines: Sequence[LogLine]) -> Outcome:
        """Judge the run as if nobody had logged a record of level ERROR or CRITICAL."""
        stream = EventStream()
        events = [
            event
            for event in (*stream.feed(lines), *stream.quiet())
            if isinstance(event, LogEvent) and event.known_format and event.level not in _SEVERE
        ]
        batch = self._features(events)
        scores, _ = rules.apply(batch, np.asarray(self._new_scorer().score(batch).scores))
        failed = np.array([event.request_id in run.failed_requests for event in events], np.bool_)
        return Outcome.of_run(run, batch.timestamps, scores.astype(np.float64), failed)

    def flagged(self, lines: Sequence[LogLine]) -> Flagged:
        """Score these lines as a log of their own and tell what is flagged in it."""
        pipeline = Pipeline(self._usual, self._new_scorer(), explain_from=_NEVER)
        policy = FlaggingPolicy(self.threshold)
        events = [
            item
            for item in (*pipeline.feed(lines), *pipeline.quiet())
            if isinstance(item, ScoredEvent) and policy.is_alerting(item)
        ]
        stamps = [event.event.timestamp or 0.0 for event in events]
        return Flagged(np.array([event.event.line for event in events], np.int64), np.array(stamps, np.float64))

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
        quiet = Outcome(path.name, log.stamps[healthy], log.scores[healthy])
        normal = np.zeros(len(rows_left), np.int8)
        return [*judged, Judged(quiet, normal, normal, log.features, rows_left, log.lines[healthy])]

    def _score(self, lines: Sequence[LogLine]) -> _Log:
        pipeline = Pipeline(self._usual, self._new_scorer(), explain_from=EXPLAIN_FROM)
        items = [*pipeline.feed(lines), *pipeline.quiet()]
        events = [item for item in items if isinstance(item, ScoredEvent) and item.score is not None]
        features = self._features([event.event for event in events])
        return _Log(
            events,
            features,
            features.timestamps,
            np.array([event.score for event in events], np.float64),
            np.array([event.event.line for event in events], np.int64),
        )

    def _features(self, events: Sequence[LogEvent]) -> FeatureBatch:
        templater = Templater()
        return FeatureExtractor(self._usual).extract(
            events, [templater.facts(event.logger, event.head) for event in events]
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
