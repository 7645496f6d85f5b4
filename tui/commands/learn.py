"""`learn`: what is usual on a system, from its own quiet logs."""

from __future__ import annotations

import socket
from pathlib import Path

import click

from core.errors import SourceError
from core.support import files
from tui.commands import bulk, options
from tui.commands.choice import own_baseline


@click.command(short_help="Learn what is usual from your own logs.")
@options.files("paths", "FILE...")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Baseline file to write; the one that watch, score and export take by themselves unless given.",
)
@click.option("--name", metavar="NAME", help="Of the deployment; the name of this host unless given.")
@click.option("--add", is_flag=True, help="Add to what was learned under this name before, in place of forgetting it.")
def learn(paths: tuple[Path, ...], target: Path | None, name: str | None, add: bool) -> int:
    """Learn what is usual from logs of quiet days; no labels and no training are needed.

    The FILEs are read together, in the order of time, as `watch` would. Only hashes and numbers are kept, no log text.
    """
    from core.baseline import Baseline, Learner
    from core.learning.from_logs import merge_by_time
    from core.templates import Templater

    sources = bulk.check_sources(paths)
    path = target or own_baseline()
    files.make_folder(path.parent)
    files.check_file(path, inputs=sources)
    known = Baseline.read(path) if path.exists() else Baseline()
    learner, templater = Learner(name or socket.gethostname()), Templater()
    with bulk.progress("learning", sources) as advance:
        batches = {str(source): bulk.read(source, advance) for source in sources}
        for event in merge_by_time(batches):
            learner.learn(event, templater.facts(event.logger, event.head))
    learner.end_run()
    profile = learner.profile
    if not profile.messages:
        raise SourceError("none of the lines is in a format that tailsight knows: there is nothing to learn from")
    count = profile.messages
    if add:
        for before in known.profiles:
            if before.name == profile.name:
                profile.merge(before)
    files.write_file(path, known.with_profile(profile).to_bytes())
    click.echo(f"learned from {count:,} events of {profile.name}; written to {path}", err=True)
    return 0
