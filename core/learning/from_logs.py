"""What is usual on a site, learned from its own quiet logs and kept in a baseline file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from pathlib import Path

from core.baseline import Baseline, BaselineBuilder, DeploymentStats
from core.errors import SourceError
from core.events import LogEvent, LogLine
from core.parsing import merge_logs
from core.reading import ReadBatch, last_written
from core.support.files import write_file
from core.templates import Templater


def learn_from_logs(
    name: str, sources: Mapping[str, Iterable[ReadBatch]], zone: tzinfo | None = None
) -> DeploymentStats:
    """Learn what is usual from all sources together, in order of time; hashes and numbers, no log text.

    Raises SourceError where no line is in a known format.
    """
    builder, templater = BaselineBuilder(name), Templater()
    for event in merge_by_time(sources, zone):
        builder.learn(event, templater.facts(event.logger, event.head))
    builder.end_run()
    if not builder.stats.messages:
        raise SourceError("none of the lines is in a format that tailsight knows: there is nothing to learn from")
    return builder.stats


def kept_baseline(path: Path) -> Baseline:
    """Read the baseline file, an empty one where there is none. Raises ArtifactError for a file that is none."""
    return Baseline.read(path) if path.exists() else Baseline()


def keep_stats(path: Path, known: Baseline, stats: DeploymentStats, *, add: bool = False) -> None:
    """Write what was known and the statistics, in place of those of their name or added to them. Raises OutputError."""
    if add:
        for before in known.deployments:
            if before.name == stats.name:
                stats.merge(before)
    write_file(path, known.with_deployment(stats).to_bytes())


def merge_by_time(sources: Mapping[str, Iterable[ReadBatch]], zone: tzinfo | None = None) -> Iterator[LogEvent]:
    """Merge the events of a known format of all sources."""
    for item in merge_logs({name: map(_lines, batches) for name, batches in sources.items()}, zone, last_written):
        if isinstance(item, LogEvent) and item.known_format:
            yield item


def _lines(batch: ReadBatch) -> list[LogLine]:
    return [item for item in batch.items if isinstance(item, LogLine)]
