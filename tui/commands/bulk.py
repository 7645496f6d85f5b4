"""Files scored once to their end: what `score`, `export` and `learn` share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from core.errors import SourceError, UsageError
from tui.commands.progress import Advance, bar
from tui.process.bulk_mode import bulk_mode

if TYPE_CHECKING:
    from core.events import ScoredEvent
    from core.pipeline import Pipeline
    from core.reading import ReadBatch

Source = Path | Literal["-"]

_BATCH_LINES: Final = 4_000
"""More than when live: nobody waits for the first line, and threads wait for each other less often."""
_AHEAD: Final = 2
"""Batches that are prepared while the network scores one."""


def check_sources(paths: Sequence[Path]) -> list[Source]:
    """Raise `SourceError` for what cannot be read, before any work is done; `-` is standard input."""
    from core.reading.directory import check_readable
    from core.support.printable import escape

    sources: list[Source] = []
    for path in paths:
        if str(path) == "-":
            if "-" in sources:
                raise UsageError("standard input (-) can be read once only")
            sources.append("-")
            continue
        if path.is_dir():
            raise SourceError(f"{escape(str(path))} is a directory: name the log files in it")
        if path.is_file() and not path.stat().st_size:
            raise SourceError(f"{escape(str(path))} is empty: there is nothing to read")
        if not path.is_fifo():
            check_readable(path)
        sources.append(path)
    return sources


@contextmanager
def progress(description: str, sources: Sequence[Source]) -> Iterator[Advance]:
    """Show how many bytes of the sources have been processed while the block runs."""
    sizes = [_size(source) for source in sources]
    with bar(description, None if None in sizes else sum(filter(None, sizes))) as advance:
        yield advance


def read_source(source: Source, advance: Advance) -> Iterator[ReadBatch]:
    """Read one source to its end, in a thread of its own; call `advance` with the bytes of each batch after it."""
    from core.reading import in_thread, read_file

    left = _size(source)
    for batch in in_thread(read_file(source, batch_lines=_BATCH_LINES), depth=1):
        yield batch
        if left is not None:
            advance(left - batch.behind)
            left = batch.behind


def score(source: Source, begin: Callable[[], Pipeline], advance: Advance) -> Iterator[list[ScoredEvent]]:
    """Score one source as a stream of its own, a batch at a time."""
    from core.events import ScoredEvent
    from core.live.scoring import score_batches

    with bulk_mode():
        for items in score_batches(read_source(source, advance), begin(), ahead=_AHEAD):
            events = [item for item in items if isinstance(item, ScoredEvent)]
            if events:
                yield events


def _size(source: Source) -> int | None:
    """Bytes of a file as it is stored; None for a pipe."""
    return Path(source).stat().st_size if source != "-" and Path(source).is_file() else None
