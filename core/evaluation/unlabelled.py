"""Judges logs without labels, each file as its own stream: cold, and with a baseline of its own first half."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.baseline import Baseline, CompiledBaseline, DeploymentStats
from core.decision.calibration import Calibration
from core.decision.reasons import feature_group_masks
from core.decision.record import StreamRecord
from core.errors import SourceError
from core.evaluation.clusters import COUNTED_THRESHOLDS, LogFigures, UnlabelledLog, log_figures
from core.evaluation.dial import DIAL_THRESHOLDS, DialRow
from core.evaluation.intervals import EpisodeRate, Share, markdown_table
from core.events import SEVERE_LEVELS, LogLine, ScoredEvent
from core.pipeline import Pipeline
from core.predictor import AnomalyPredictor
from core.reading import ReadBatch, read_file
from core.training.corpus import Progress

Learn = Callable[[str, Mapping[str, Callable[[], Iterable[ReadBatch]]], tzinfo | None], Baseline]
"""Learns a site's baseline of this name from sources that can be read again; stamps without a zone are in the one
given. `learn` does it so."""

LOG_COLUMNS: Final = (
    *(
        "log",
        "mode",
        "events",
        "clusters found",
        "flagged before",
        "chronic",
        "quiet h",
        "episodes",
        "per quiet hour (95 %)",
    ),
    *("largest tie", *(f"≥ {threshold:.1f}" for threshold in COUNTED_THRESHOLDS)),
)
COLD: Final = "cold"
COLD_SECOND_HALF: Final = "cold, second half"
FIRST_HALF_LEARNED: Final = "first half learned"

_SITE: Final = "the log's first half"
_UNREACHABLE: Final = 2.0
"""A score that no event reaches: no reason is asked for, which the figures do not need."""
_BATCH_LINES: Final = 4_000


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log, judged in one mode."""

    log: str
    mode: str
    figures: LogFigures

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"log": self.log, "mode": self.mode, **self.figures.to_plain()}

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the row, under `LOG_COLUMNS`."""
        figures, tied = self.figures, self.figures.ties
        return (
            self.log,
            self.mode,
            f"{figures.events:,}",
            f"{figures.clusters.count}/{figures.clusters.of}",
            str(figures.flagged_before),
            str(figures.chronic),
            f"{figures.quiet.hours:.1f}",
            str(figures.quiet.count),
            figures.quiet.text(),
            "-" if tied.score is None else f"{tied.share:.1%} at {tied.score:.4f}",
            *(str(count) for count in figures.flagged.values()),
        )


class UnlabelledJudge:
    """Scores logs with one loaded model; the time of stamps without a zone is UTC."""

    def __init__(self, predictor: AnomalyPredictor) -> None:
        """Take the model with its threshold."""
        self._predictor = predictor
        self._shipped = Baseline.from_bytes(predictor.artifacts.baseline)
        self._compiled = CompiledBaseline(self._shipped)
        self._groups = feature_group_masks()
        self._calibration = Calibration.from_plain(predictor.artifacts.calibration)

    def judge(self, path: Path, learn: Learn | None = None) -> list[LogRow]:
        """Judge one file cold; with `learn` also its second half of lines, cold and with the first half learned.

        A first half that has nothing to learn from gives no row. Raises SourceError for what cannot be read.
        """
        cold = self._score(_lines(read_file(path, batch_lines=_BATCH_LINES)), self._compiled)
        rows = [self._row(path, COLD, cold.log())]
        if learn is None:
            return rows
        half = sum(len(batch) for batch in _lines(read_file(path, batch_lines=_BATCH_LINES))) // 2
        try:
            site = learn(_SITE, {str(path): lambda: _numbered(path, lambda line: line.number <= half)}, UTC)
        except SourceError:
            return rows
        (stats,) = site.deployments
        later = self._score(_after(half, path), CompiledBaseline(self._shipped.with_deployment(stats)), site)
        past = cold.until_line(half)
        second = cold.log(past=len(past.lines))
        judged = past.followed_by(later).log(stats, past=len(past.lines))
        return [*rows, self._row(path, COLD_SECOND_HALF, second), self._row(path, FIRST_HALF_LEARNED, judged)]

    def _row(self, path: Path, mode: str, log: UnlabelledLog) -> LogRow:
        return LogRow(path.name, mode, log_figures(log, self._predictor.threshold))

    def _score(
        self, batches: Iterable[Sequence[LogLine]], baseline: CompiledBaseline, site: Baseline | None = None
    ) -> _Columns:
        record = (
            None if site is None or site.calibration is None else StreamRecord.from_plain(site.calibration["record"])
        )
        pipeline = Pipeline(
            baseline,
            self._predictor.stream(self._groups),
            self._calibration,
            record=record,
            site=site is not None,
            explain_from=_UNREACHABLE,
            zone=UTC,
        )
        columns = _Columns([], [], [], [], [], [], [])
        for lines in chain(batches, (None,)):
            columns.add(pipeline, lines)
        return columns


def judge_unlabelled(
    judge: UnlabelledJudge,
    paths: Sequence[Path],
    learn: Learn | None = None,
    progress: Progress = lambda _what, _done, _of: None,
) -> list[LogRow]:
    """Judge files, each as its own stream."""
    rows: list[LogRow] = []
    for done, path in enumerate(paths, 1):
        rows += judge.judge(path, learn)
        progress("scoring logs", done, len(paths))
    return rows


def pooled_dial(rows: Sequence[LogRow], mode: str) -> list[DialRow]:
    """Return the dial of all logs judged in this mode: quiet time counts as healthy, clusters as incidents."""
    dials = [row.figures.dial for row in rows if row.mode == mode and row.figures.dial]
    return [
        DialRow(
            threshold,
            sum((each[place].false for each in dials), EpisodeRate(0, 0.0)),
            sum((each[place].found for each in dials), Share(0, 0)),
        )
        for place, threshold in enumerate(DIAL_THRESHOLDS)
    ]


def log_markdown(rows: Sequence[LogRow]) -> str:
    """Write one row a log and mode as markdown."""
    return markdown_table(LOG_COLUMNS, [row.cells() for row in rows])


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is kept of each scored event: columns that grow while a log is scored."""

    lines: list[int]
    timestamps: list[float]
    scores: list[float]
    severe: list[bool]
    statuses: list[int]
    templates: list[int]
    services: list[str]

    def add(self, pipeline: Pipeline, lines: Sequence[LogLine] | None) -> None:
        """Score the next lines, None at the end, and keep what the figures need."""
        prepared = pipeline.prepare(pipeline.parse(lines))
        items = pipeline.finish(prepared, pipeline.judge(prepared))
        facts = {id(event): fact for event, fact in zip(prepared.events, prepared.facts, strict=True)}
        for item in items:
            if not isinstance(item, ScoredEvent) or item.score is None:
                continue
            event, fact = item.event, facts.get(id(item.event))  # a synthetic event has no message that was read
            self.lines.append(event.line or 0)
            self.timestamps.append(np.nan if event.timestamp is None else event.timestamp)
            self.scores.append(item.score)
            self.severe.append(event.level in SEVERE_LEVELS)
            self.statuses.append(fact.status if fact else 0)
            self.templates.append(fact.template.id if fact else 0)
            self.services.append(event.service)

    def until_line(self, last: int) -> _Columns:
        """Return the events that begin no later than this line."""
        count = next((place for place, line in enumerate(self.lines) if line > last), len(self.lines))
        return _Columns(*(column[:count] for column in self._all()))

    def followed_by(self, later: _Columns) -> _Columns:
        """Return these events and the later ones."""
        return _Columns(*(own + more for own, more in zip(self._all(), later._all(), strict=True)))

    def log(self, site: DeploymentStats | None = None, past: int = 0) -> UnlabelledLog:
        """Return the arrays that are judged, without the `past` first events; `site` is what was learned."""
        _, services = np.unique(np.array(self.services, np.str_), return_inverse=True)
        known = {} if site is None else site.template_events
        pairs = zip(self.services, self.templates, strict=True)
        return UnlabelledLog(
            np.array(self.timestamps, np.float64),
            np.array(self.scores, np.float64),
            np.array(self.severe, np.bool_),
            np.array(self.statuses, np.int64) // 100 == 5,
            np.array(self.templates, np.int64),
            services.astype(np.int64),
            np.array([template in known.get(service, ()) for service, template in pairs], np.bool_),
            np.arange(len(self.lines)) >= past,
        )

    def _all(self) -> tuple[list[Any], ...]:
        return (
            self.lines, self.timestamps, self.scores, self.severe, self.statuses, self.templates, self.services,
        )  # fmt: skip


def _lines(batches: Iterable[ReadBatch]) -> Iterator[list[LogLine]]:
    for batch in batches:
        yield [item for item in batch.items if isinstance(item, LogLine)]


def _numbered(path: Path, keep: Callable[[LogLine], bool]) -> Iterator[ReadBatch]:
    """Read the lines of a file that are kept."""
    for lines in _lines(read_file(path, batch_lines=_BATCH_LINES)):
        kept = tuple(line for line in lines if keep(line))
        if kept:
            yield ReadBatch(kept)


def _after(half: int, path: Path) -> Iterator[list[LogLine]]:
    yield from _lines(_numbered(path, lambda line: line.number > half))
