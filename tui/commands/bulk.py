"""Files scored once to their end: what `score`, `export` and `learn` share."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import click

from core.errors import SourceError, UsageError
from tui.commands.progress import Advance, bar
from tui.process.bulk_mode import bulk_mode

if TYPE_CHECKING:
    from core.events import Item
    from core.learning.site_log import OpenLog
    from core.pipeline import Pipeline
    from core.reading import ReadBatch

Input = Path | Literal["-"]

_BATCH_LINES: Final = 4_000
"""More than when live: nobody waits for the first line, and threads wait for each other less often."""
_AHEAD: Final = 2
"""Batches that are prepared while the network scores one."""


def check_sources(paths: Sequence[Path]) -> list[Input]:
    """Raise `SourceError` for what cannot be read, before any work is done; `-` is standard input.

    An empty file among others is kept: it gives a notice.
    """
    from core.reading.files import check_readable, emptiness
    from core.support.printable import escape

    sources: list[Input] = []
    for path in paths:
        if str(path) == "-":
            if "-" in sources:
                raise UsageError("standard input (-) can be read once only")
            sources.append("-")
            continue
        if path.is_dir():
            raise SourceError(f"{escape(str(path))} is a directory: name the log files in it")
        if not path.is_fifo():
            check_readable(path)
        sources.append(path)
    empty = [emptiness(source) if source != "-" and source.is_file() else "" for source in sources]
    if all(empty):
        if len(empty) > 1:
            raise SourceError(f"none of the {len(empty)} files has a line in it: there is nothing to read")
        raise SourceError(f"{escape(str(sources[0]))} {empty[0]}")
    return sources


@contextmanager
def progress(description: str, sources: Sequence[Input], readings: int = 1) -> Iterator[Advance]:
    """Show how many bytes of the sources, read so many times, have been processed while the block runs."""
    sizes = [_size(source) for source in sources]
    with bar(description, None if None in sizes else readings * sum(filter(None, sizes))) as advance:
        yield advance


def read_source(
    source: Input, advance: Advance, *, is_alone: bool, name: str | None = None, is_quiet: bool = False
) -> Iterator[ReadBatch]:
    """Read one source to its end, in a thread of its own; call `advance` with the bytes of each batch after it.

    Notices are printed on standard error, under the name, unless `is_quiet`; that the source is empty is one, unless it
    is alone.
    """
    from core.events import Notice
    from core.reading import in_thread, read_file
    from core.support.printable import escape

    left = _size(source)
    for batch in in_thread(read_file(source, batch_lines=_BATCH_LINES, allow_empty=not is_alone), depth=1):
        for item in batch.items:
            if isinstance(item, Notice) and not is_quiet:
                click.echo(f"tailsight: {item.source if name is None else escape(name)}: {item.text}", err=True)
        yield batch
        if left is not None:
            advance(left - batch.behind)
            left = batch.behind


@contextmanager
def readable_again(sources: Sequence[Input]) -> Iterator[dict[str, Path]]:
    """Give a file to read for each source, by name; what comes from a pipe is kept in one of its own meanwhile."""
    with tempfile.TemporaryDirectory(prefix="tailsight-") as folder:
        files: dict[str, Path] = {}
        for source in sources:
            path = Path(source)
            if source == "-" or not path.is_file():
                path = Path(folder) / str(len(files))
                # As bytes, so that what is compressed is read as it would be from the pipe.
                opened = sys.stdin.fileno() if source == "-" else source
                with open(opened, "rb", closefd=source != "-") as pipe, path.open("xb") as kept:
                    shutil.copyfileobj(pipe, kept)
                if not path.stat().st_size:
                    raise SourceError(
                        f"{'standard input' if source == '-' else source} is empty: there is nothing to read"
                    )
            files[str(source)] = path
        yield files


def read_again(name: str, path: Path, advance: Advance, *, is_alone: bool) -> OpenLog:
    """Return what reads a source of `readable_again`; notices are printed the first time."""
    readings = count()

    def read() -> Iterator[ReadBatch]:
        return read_source(path, advance, is_alone=is_alone, name=name, is_quiet=next(readings) > 0)

    return read


def score_source(
    source: Input, begin: Callable[[], Pipeline], advance: Advance, *, is_alone: bool
) -> Iterator[list[Item]]:
    """Score one source as a stream of its own, a batch at a time."""
    from core.live.scoring import score_batches

    with bulk_mode():
        yield from score_batches(read_source(source, advance, is_alone=is_alone), begin(), ahead=_AHEAD)


def _size(source: Input) -> int | None:
    """Bytes of a file as it is stored; None for a pipe."""
    return Path(source).stat().st_size if source != "-" and Path(source).is_file() else None
