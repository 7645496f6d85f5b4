"""`learn`: what is usual on a system, from its own quiet logs."""

from __future__ import annotations

import heapq
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import SourceError
from tui.commands import bulk, options, output
from tui.commands.choice import own_baseline
from tui.commands.progress import Advance

if TYPE_CHECKING:
    from core.events import LogEvent


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
    from core.files import write_atomically
    from core.templates import Templater

    sources = bulk.check_sources(paths)
    path = target or own_baseline()
    output.check_folder(path.parent)
    output.check_file(path, inputs=sources)
    known = Baseline.read(path) if path.exists() else Baseline()
    learner, templater = Learner(name or socket.gethostname()), Templater()
    with bulk.progress("learning", sources) as advance:
        for event in _in_order_of_time(sources, advance):
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
    write_atomically(path, known.with_profile(profile).to_bytes(), overwrite=True)
    click.echo(f"learned from {count:,} events of {profile.name}; written to {path}", err=True)
    return 0


def _in_order_of_time(sources: Sequence[bulk.Source], advance: Advance) -> Iterator[LogEvent]:
    """The events of all sources, merged by their stamps; an event without one stays where it is in its source."""
    for _, _, event in heapq.merge(*(_stamped(number, source, advance) for number, source in enumerate(sources))):
        yield event


def _stamped(number: int, source: bulk.Source, advance: Advance) -> Iterator[tuple[float, tuple[int, int], LogEvent]]:
    from core.events import LogEvent, LogLine
    from core.parsing import Parser

    parser, latest, place = Parser(str(source)), 0.0, 0
    for batch in bulk.read(source, advance):
        lines = [item for item in batch.items if isinstance(item, LogLine)]
        for event in parser.feed(lines):
            if isinstance(event, LogEvent) and event.known_format:
                latest, place = max(latest, event.timestamp or 0.0), place + 1
                yield latest, (number, place), event
    for event in parser.close():
        if event.known_format:
            yield max(latest, event.timestamp or 0.0), (number, place + 1), event
