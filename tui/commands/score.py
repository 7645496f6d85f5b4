"""`score`: files, read once to their end, to one JSON line per event."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import Final

import click

from core.errors import UsageError
from core.support import files
from tui.commands import bulk, options
from tui.commands.choice import ModelChoice, chosen_planned, chosen_zone
from tui.process.bulk_mode import network_threads
from tui.process.exiting import Exit

COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst")

Job = tuple[Path | None, list[bulk.Input]]
"""Where to write (None is standard output), and what of."""


@click.command(short_help="Score files once, to JSON lines.")
@options.files("paths", "FILE...")
@click.option(
    "-o", "--output", "target", metavar="FILE", help="Write all events to this file; - is standard output, the default."
)
@click.option(
    "--output-dir",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write the events of nova.log to DIR/nova.jsonl, and so on.",
)
@click.option("--flagged-only", is_flag=True, help="Write flagged events only.")
@options.threshold
@options.timezone
@options.planned
@options.strict
@options.verdicts
@options.model
def score(
    paths: tuple[Path, ...],
    target: str | None,
    folder: Path | None,
    flagged_only: bool,
    threshold: float | None,
    timezone: str | None,
    planned: tuple[str, ...],
    strict: bool,
    verdicts: Path | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
    baseline: Path | None,
) -> int:
    """Score each FILE as a stream of its own; .gz, .bz2, .xz, .zst and - (standard input) are read too."""
    from core.decision.flagging import FlaggingPolicy
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.export.eventjson import encode_batch
    from tui.commands.tally import Tally

    sources = bulk.check_sources(paths)
    jobs = _jobs(sources, target, folder)
    zone = chosen_zone(timezone)
    excused = chosen_planned(planned, zone)
    choice = ModelChoice(artifacts, device, threads or network_threads(), baseline, zone, excused)
    _, calibration = choice.read()
    if threshold is None:
        threshold = calibration.threshold
    policy = FlaggingPolicy(threshold, Mutes().predicate(), Verdicts(verdicts).predicate())
    begin = choice.load(explain_from=threshold)
    any_alerting, tally = False, Tally()
    with bulk.progress("scoring", sources) as advance:
        for path, inputs in jobs:
            with files.open_output(path) as out:
                scored = (bulk.score_source(source, begin, advance, is_alone=len(sources) == 1) for source in inputs)
                for items in chain.from_iterable(scored):
                    events = tally.take(items)
                    flags = list(map(policy.flag, events))
                    alerting = [event for event, flag in zip(events, flags, strict=True) if flag.alerting]
                    tally.take_flags(flags)
                    any_alerting |= bool(alerting)
                    out.write(encode_batch(alerting if flagged_only else events, policy))
    tally.report()
    if strict:
        tally.refuse_unread()
    return Exit.FLAGGED if any_alerting else Exit.NOTHING_FLAGGED


def _jobs(sources: list[bulk.Input], target: str | None, folder: Path | None) -> list[Job]:
    """Assign an output to the sources; raise OutputError for one that cannot be written."""
    if target is not None and folder is not None:
        raise UsageError("-o and --output-dir exclude each other: give one of the two")
    if folder is None:
        path = None if target in {None, "-"} else Path(str(target))
        if path is not None:
            files.check_file(path, inputs=sources, allow_device=True)
        return [(path, sources)]
    jobs: list[Job] = [(folder / _name(source), [source]) for source in sources]
    _check_distinct(jobs)
    files.make_folder(folder)
    for path, _ in jobs:
        if path is not None:
            files.check_file(path, inputs=sources, allow_device=True)
    return jobs


def _name(source: bulk.Input) -> str:
    """`nova.jsonl` for nova.log and nova.log.gz."""
    if source == "-":
        return "stdin.jsonl"
    name = Path(source).name
    for ending in COMPRESSED:
        name = name.removesuffix(ending)
    return f"{name.removesuffix('.log')}.jsonl"


def _check_distinct(jobs: Sequence[Job]) -> None:
    written: dict[Path | None, bulk.Input] = {}
    for path, (source,) in jobs:
        if path in written:
            raise UsageError(f"{written[path]} and {source} would both be written to {path}: score them one by one")
        written[path] = source
