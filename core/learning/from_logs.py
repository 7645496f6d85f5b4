"""What is usual on a site, learned from its own logs without their incidents, and kept in a baseline file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from core.baseline import Baseline, BaselineBuilder, DeploymentStats, merged
from core.decision.flagging import VerdictOf, flagged_column
from core.episodes import episode_count
from core.errors import SourceError
from core.events import LogEvent, ScoredEvent
from core.learning.learned import ChronicError, LearnedScores, LearnedSite, LearnReport, SourceReport
from core.learning.selection import NO_KEY, Kept, SiteColumns, chronic_errors, select
from core.learning.site_log import SiteLog
from core.learning.table import SiteTable
from core.pipeline import BeginPipeline, Pipeline
from core.support.arrays import Float64, Int64, Mask
from core.support.files import write_file
from core.templates import Templater

THRESHOLD: Final = 0.5
"""The shipped one: what it flags is not usual, whatever the operator's own threshold is."""

BLOCKS: Final = 4
"""Blocks of time; each is scored with what was learned of the others."""

READINGS: Final = 4
"""Times that the logs are read: scored cold, counted without what was flagged, scored again, counted again."""

_WARM_UP: Final = 1_000
"""Events before a block that its scores begin with, as those of a running stream do."""

LoadFor = Callable[[Baseline | None], BeginPipeline]
"""Loads the model with a baseline of the site beside the shipped one; with None it knows nothing of the site."""


def learn_site(
    name: str,
    log: SiteLog,
    load: LoadFor,
    *,
    verdict_of: VerdictOf | None = None,
    keep_flagged: bool = False,
) -> LearnedSite:
    """Learn what is usual from all sources together, in order of time, without flagged episodes and new errors.

    `keep_flagged` leaves out only what a verdict says is real. The statistics are hashes and numbers, no log text.
    Raises SourceError where no line is in a known format, or nothing is left.
    """
    table = SiteTable(verdict_of)
    for batch, scored in _scored(log.batches(), load(None)()):
        table.add(batch, scored)
    if not len(table):
        raise SourceError("none of the lines is in a format that tailsight knows: there is nothing to learn from")
    columns = table.columns()
    # Whether an error is chronic shows in its times alone, and only at the end: no block knows it.
    first = select(columns, flagged_column(table.scores(), THRESHOLD), np.empty(0, np.int64)).learned
    block = _blocks(first)
    parts = _counted(name, log, first, block)
    scores = _cross_scores(name, log, load, parts, block)
    flagged, chronic = flagged_column(scores, THRESHOLD), chronic_errors(columns)
    kept = select(columns, flagged, chronic, keep_flagged=keep_flagged)
    if not kept.learned.any():
        raise SourceError("all events are flagged or errors: learn from more of the logs, or with --keep-flagged")
    (stats,) = _counted(name, log, kept.learned, np.zeros_like(block))
    report = _report(log, table, columns, flagged, kept, chronic)
    return LearnedSite(stats, report, LearnedScores(columns.times, scores, flagged, kept.learned, block))


def kept_baseline(path: Path) -> Baseline:
    """Read the baseline file, an empty one where there is none. Raises ArtifactError for a file that is none."""
    return Baseline.read(path) if path.exists() else Baseline()


def keep_stats(
    path: Path,
    known: Baseline,
    stats: DeploymentStats,
    *,
    add: bool = False,
    calibration: Mapping[str, Any] | None = None,
) -> None:
    """Write what was known and the statistics, in place of those of their name or added to them. Raises OutputError.

    `calibration` is that of the file from now on: one that was fitted to other statistics does not stay.
    """
    if add:
        for before in known.deployments:
            if before.name == stats.name:
                stats.merge(before)
    write_file(path, known.with_deployment(stats).with_calibration(calibration).to_bytes())


def scored_events(pipeline: Pipeline, events: list[LogEvent]) -> list[ScoredEvent]:
    """Score the next events of a stream; give one for each of them, without what a detector adds of its own."""
    items = [item for item in pipeline.score(events) if isinstance(item, ScoredEvent) and item.event.line]
    if len(items) != len(events):
        raise RuntimeError(f"{len(events)} events gave {len(items)} scored ones")
    return items


def _scored(
    batches: Iterator[list[LogEvent]], pipeline: Pipeline
) -> Iterator[tuple[list[LogEvent], list[ScoredEvent]]]:
    for batch in batches:
        yield batch, scored_events(pipeline, batch)


def _blocks(learned: Mask) -> Int64:
    """Return the block of each event: stretches of the log with equally many events that are learned."""
    before: Int64 = np.cumsum(learned) - learned
    blocks: Int64 = np.minimum(before * BLOCKS // max(int(learned.sum()), 1), BLOCKS - 1)
    return blocks


def _counted(name: str, log: SiteLog, learned: Mask, block: Int64) -> list[DeploymentStats]:
    """Return the statistics of what is learned of each block."""
    builders = [BaselineBuilder(name) for _ in range(int(block[-1]) + 1)]
    templater = Templater()
    for event, is_learned, number in zip(log.events(), learned.tolist(), block.tolist(), strict=True):
        if is_learned:
            builders[number].learn(event, templater.facts(event.logger, event.head))
    for builder in builders:
        builder.end_run()
    return [builder.stats for builder in builders]


def _cross_scores(name: str, log: SiteLog, load: LoadFor, parts: list[DeploymentStats], block: Int64) -> Float64:
    """Score each block with the statistics of all others; nan where an event has no score."""
    scores: list[float] = []
    recent: deque[LogEvent] = deque(maxlen=_WARM_UP)
    pipeline, current = None, -1
    for batch in log.batches():
        rows = block[len(scores) : len(scores) + len(batch)]
        for number in np.unique(rows).tolist():
            events = [event for event, of in zip(batch, rows.tolist(), strict=True) if of == number]
            if pipeline is None or number != current:
                others = merged(name, (stats for other, stats in enumerate(parts) if other != number))
                pipeline, current = load(Baseline((others,)))(), number
                scored_events(pipeline, list(recent))
            scores += [_number(scored.score) for scored in scored_events(pipeline, events)]
            recent.extend(events)
    return np.array(scores, np.float64)


def _number(score: float | None) -> float:
    return float("nan") if score is None else score


def _report(
    log: SiteLog,
    table: SiteTable,
    columns: SiteColumns,
    flagged: Mask,
    kept: Kept,
    chronic: Int64,
) -> LearnReport:
    is_error = columns.errors != NO_KEY
    counts = np.bincount(columns.errors[is_error], minlength=len(table.errors))
    out = ~kept.learned
    usual = (_chronic(table, key, int(counts[key])) for key in chronic.tolist())
    return LearnReport(
        sources=tuple(SourceReport(name, log.lines[name], log.unread[name]) for name in log.sources),
        hours=float(np.ptp(columns.times)) / 3_600 if not np.isnan(columns.times).all() else 0.0,
        events=len(table),
        learned=int(kept.learned.sum()),
        services=_by_service(table.services, columns.services, kept.learned),
        flagged=int(flagged.sum()),
        episodes=episode_count(columns.times[flagged]),
        left_out_flagged=int((out & kept.flagged_episodes & ~is_error & ~kept.real).sum()),
        left_out_errors=int((out & is_error & ~kept.real).sum()),
        left_out_real=int((out & kept.real).sum()),
        normal=int((columns.normal & kept.learned & (flagged | is_error)).sum()),
        chronic=tuple(sorted(usual, key=lambda error: -error.events)),
    )


def _by_service(names: Sequence[str], services: Int64, learned: Mask) -> dict[str, tuple[int, int]]:
    """Return learned and all events of each service, those with most events first."""
    counts = [np.bincount(of, minlength=len(names)).tolist() for of in (services[learned], services)]
    rows = sorted(zip(names, *counts, strict=True), key=lambda row: -row[2])
    return {name: (some, every) for name, some, every in rows}


def _chronic(table: SiteTable, key: int, events: int) -> ChronicError:
    service, example = table.errors[key]
    return ChronicError(service, example, events)
