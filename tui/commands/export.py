"""`export`: the flagged events of files, with what came before and after them, as one document."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.support import files
from tui.commands import bulk, options
from tui.commands.choice import ModelChoice, chosen_zone
from tui.process.bulk_mode import network_threads

if TYPE_CHECKING:
    from core.export.document import Extract


@click.command(short_help="The flagged events of files, as one document.")
@options.files("paths", "FILE...")
@click.option(
    "-o",
    "--output",
    "target",
    default="-",
    metavar="FILE",
    help="File to write; it must not exist [default: standard output].",
)
@click.option("--lines", is_flag=True, help="Write the events alone, as JSON lines, instead of one document.")
@click.option(
    "--context",
    type=click.IntRange(min=0),
    default=5,
    show_default=True,
    help="Events before and after each flagged one.",
)
@click.option("--no-redact", is_flag=True, help="Keep passwords, tokens and other secrets.")
@click.option("--force", is_flag=True, help="Replace an existing file.")
@options.threshold
@options.timezone
@options.verdicts
@options.model
def export(
    paths: tuple[Path, ...],
    target: str,
    lines: bool,
    context: int,
    no_redact: bool,
    force: bool,
    threshold: float | None,
    timezone: str | None,
    verdicts: Path | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
    baseline: Path | None,
) -> int:
    """Score each FILE on its own and export what is flagged."""
    from core.decision.flagging import FlaggingPolicy
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.export.document import ExcerptCollector, Format, encode_document, write_document
    from core.support.printable import escape
    from tui.commands.tally import Tally
    from tui.look.text import plural

    sources = bulk.check_sources(paths)
    path = None if target == "-" else Path(target)
    if path is not None:
        files.check_file(path, inputs=sources, overwrite=force, allow_device=True)
    choice = ModelChoice(artifacts, device, threads or network_threads(), baseline, chosen_zone(timezone))
    model, calibration = choice.read()
    if threshold is None:
        threshold = calibration.threshold
    policy = FlaggingPolicy(threshold, Mutes().predicate(), Verdicts(verdicts).predicate())
    begin = choice.load(explain_from=threshold)
    extracts, tally = [], Tally()
    with bulk.progress("scoring", sources) as advance:
        for source in sources:
            collector = ExcerptCollector(policy, before=context, after=context)
            scored = bulk.score_source(source, begin, advance, is_alone=len(sources) == 1)
            for event in chain.from_iterable(map(tally.take, scored)):
                collector.feed(event)
            extracts.append(collector.extract())
    document = _joined(extracts).document(model, redacted=not no_redact)
    form = Format.JSON_LINES if lines else Format.JSON
    if path is None:
        sys.stdout.buffer.write(encode_document(document, form))
    else:
        count = write_document(path, document, form, overwrite=force, allow_device=True)
        click.echo(f"tailsight: {plural(count, 'flagged event')} written to {escape(str(path))}", err=True)
    tally.report()
    return 0


def _joined(extracts: Sequence[Extract]) -> Extract:
    """Join the extracts of several streams."""
    from core.export.document import Extract

    return Extract(
        policy=extracts[0].policy,
        excerpts=[one for extract in extracts for one in extract.excerpts],
        sources=tuple(dict.fromkeys(source for extract in extracts for source in extract.sources)),
        scored=sum(extract.scored for extract in extracts),
        alerting=sum(extract.alerting for extract in extracts),
    )
