"""`learn`: what is usual on a system, from its own quiet logs."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from core.support import files
from tui.commands import bulk, options
from tui.commands.choice import chosen_zone, own_baseline


@click.command(short_help="Learn what is usual from your own logs.")
@options.files("paths", "FILE...")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Baseline file to write [default: the one that watch, score and export use].",
)
@click.option("--name", metavar="NAME", help="Name of the deployment [default: this host's name].")
@click.option("--add", is_flag=True, help="Add to what was learned under this name before, instead of replacing it.")
@options.timezone
def learn(paths: tuple[Path, ...], target: Path | None, name: str | None, add: bool, timezone: str | None) -> int:
    """Learn what is usual from logs of quiet days; no labels and no training are needed.

    The FILEs are read together, in the order of time, as `watch` would. Only hashes and numbers are kept, no log text.
    """
    from core.learning.from_logs import keep_stats, kept_baseline, learn_from_logs
    from core.support.printable import escape
    from tui.look.text import plural

    sources, zone = bulk.check_sources(paths), chosen_zone(timezone)
    path = target or own_baseline()
    files.make_folder(path.parent)
    files.check_file(path, inputs=sources)
    known = kept_baseline(path)
    with bulk.progress("learning", sources) as advance:
        batches = {str(source): bulk.read_source(source, advance, is_alone=len(sources) == 1) for source in sources}
        stats = learn_from_logs(name or socket.gethostname(), batches, zone)
    count = stats.messages
    keep_stats(path, known, stats, add=add)
    learned = f"learned from {plural(count, 'event')} of {escape(stats.name)}; written to {escape(str(path))}"
    click.echo(f"tailsight: {learned}", err=True)
    return 0
