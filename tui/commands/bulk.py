"""Files scored once to their end: what `score`, `export` and `learn` share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from core.errors import SourceError, UsageError
from tui.commands.progress import bar

if TYPE_CHECKING:
    from core.events import ScoredEvent
    from core.pipeline import Pipeline
    from core.reading import ReadBatch

Source = Path | Literal["-"]

MOST_THREADS: Final = 4
"""The network is small: more threads than this wait for each other."""


def threads() -> int:
    """Threads that bulk work takes unless told otherwise."""
    return min(os.cpu_count() or 1, MOST_THREADS)


def check_sources(paths: Sequence[Path]) -> list[Source]:
    """Refuse what cannot be read before any work is done; `-` is standard input. Raises `SourceError`."""
    from core.reading import escape
    from core.reading.directory import check

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
            check(path)
        sources.append(path)
    return sources


def read(source: Source) -> Iterator[ReadBatch]:
    """Read one source to its end, on a thread of its own, with a bar that shows how far it has come."""
    from core.reading import in_thread, read_file

    size = Path(source).stat().st_size if source != "-" and Path(source).is_file() else None
    with bar(str(source), size) as advance:
        for batch in in_thread(read_file(source)):
            yield batch
            advance((size or 0) - batch.behind)


def score(source: Source, begin: Callable[[], Pipeline]) -> Iterator[list[ScoredEvent]]:
    """Score one source as a stream of its own, a batch at a time."""
    from core.events import ScoredEvent
    from core.pipeline import watch

    for update in watch(read(source), lambda: begin):
        events = [item for item in update.items if isinstance(item, ScoredEvent)]
        if events:
            yield events
