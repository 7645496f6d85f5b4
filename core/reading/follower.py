"""Follows logs while they are written: when to poll, when to wait, when to save the checkpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from core.errors import OutputError, SourceError
from core.events import NoticeKind
from core.reading.batch import QUIET_SECONDS, ReadBatch
from core.reading.checkpoint import Checkpoint, CheckpointError, checkpoint_path, load_checkpoint, save_checkpoint
from core.reading.collector import Collector
from core.reading.content import refusal_message
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter
from core.reading.files import check_readable
from core.reading.hints import Hints
from core.reading.left_out import LeftOut
from core.support.printable import escape
from core.support.stop import StopSignal

SWEEP_SECONDS: Final = 1.0
# Some network mounts do not update the time of a changed directory.
_LIST_ALL_EVERY_SWEEPS: Final = 10
_SAVE_UNCHANGED_EVERY_SWEEPS: Final = 30
# How long `stop` may go unnoticed; files that are being written are polled as often.
_WAIT_SECONDS: Final = 0.1
_WAIT_WITHOUT_HINTS_SECONDS: Final = 0.05
# Writers write line by line: what comes within this time is one batch.
_COLLECT_SECONDS: Final = 0.02


class Start(StrEnum):
    """Where to start in files that exist when following starts."""

    START = "start"
    END = "end"
    RESUME = "resume"


class Follower:
    """Follows files and directories until `stop` is set; iterate it once, in any thread.

    Yields batches as soon as there are lines, an empty one when there was none for 250 ms, and at least one a second.
    Every line of every file comes exactly once, in order within a file, through rotation and truncation; a notice names
    what is known to be lost. With `checkpoint`, or `start="resume"`, the committed positions are saved about once a
    second. With `until_end` an incomplete last line is given once all files are quiet, so that all of them ends in a
    batch; the caller sets `stop`. Raises `SourceError` for a given file that exists and cannot be followed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        stop: StopSignal,
        *,
        start: Start | str = Start.END,
        read_back_lines: int = 10_000,
        include: Sequence[str] = DEFAULT_INCLUDE,
        exclude: Sequence[str] = DEFAULT_EXCLUDE,
        checkpoint: Path | None = None,
        max_open_files: int | None = None,
        until_end: bool = False,
    ) -> None:
        for path in paths:
            check_followable(path)
        self._stop = stop
        self._start = Start(start)
        self._until_end = until_end
        self._read_back_lines = read_back_lines
        self._checkpoint = checkpoint or (checkpoint_path(paths) if self._start is Start.RESUME else None)
        self._collector = Collector(
            paths,
            name_filter(include, exclude),
            max_open_files=max_open_files,
            keeps_positions=self._checkpoint is not None,
        )
        self._wake = threading.Event()
        self._hints = Hints(self._wake, self._collector.followed_path)
        self._skip_asked = threading.Event()
        self._saving = threading.Lock()
        self._is_saved = True
        self._save_error = ""
        self._has_ended = False

    def commit(self, batch: ReadBatch) -> None:
        """Record that this batch and all before it are processed: a resumed follower starts after them. Any thread.

        Commit a batch when all events of its lines are delivered too: an event may still be open.
        """
        self._collector.commit(batch)
        self._is_saved = self._is_saved and not (batch.items or batch.positions)
        if self._has_ended:
            self._save()

    def left_out(self) -> list[LeftOut]:
        """Return which files of the directories are not followed, and why; from any thread."""
        return self._collector.left_out()

    def skip_to_end(self) -> None:
        """Continue with what is written from now on; notices say how much was skipped. From any thread."""
        self._skip_asked.set()
        self._wake.set()

    def __iter__(self) -> Iterator[ReadBatch]:
        self._begin()
        try:
            yield from self._follow()
        finally:
            self._hints.stop()
            self._has_ended = True
            self._save()
            self._collector.close()

    def _begin(self) -> None:
        resumed: Checkpoint | None = None
        if self._start is Start.RESUME and self._checkpoint is not None:
            try:
                resumed = load_checkpoint(self._checkpoint, is_ours=self._collector.covers)
            except CheckpointError as error:
                resumed = None
                self._collector.notify(NoticeKind.RESUMED, f"{error}: starting at the end")
            else:
                self._collector.notify(NoticeKind.RESUMED, "resumed where the last run stopped")
        self._collector.begin(
            read_back_lines=None if self._start is Start.START else self._read_back_lines, resumed=resumed
        )

    def _follow(self) -> Iterator[ReadBatch]:
        next_sweep = last_line = time.monotonic()
        sweeps, is_quiet = 0, False
        while not self._stop.is_set():
            is_due = time.monotonic() >= next_sweep
            if is_due:
                self._sweep(sweeps)
                sweeps += 1
                next_sweep = time.monotonic() + SWEEP_SECONDS
            if self._skip_asked.is_set():
                self._skip_asked.clear()
                self._collector.skip_to_end()
            if self._until_end and is_quiet:
                self._collector.flush()
            batch = self._collector.gather()
            if batch.positions:
                last_line, is_quiet = time.monotonic(), False
            falls_quiet = not is_quiet and time.monotonic() - last_line >= QUIET_SECONDS
            if batch.items or is_due or falls_quiet:
                is_quiet = is_quiet or falls_quiet
                self._is_saved = self._is_saved and not batch.items
                yield batch
            if not self._collector.has_more:
                if batch.items:
                    time.sleep(_COLLECT_SECONDS)
                self._wait(next_sweep if is_quiet else min(next_sweep, last_line + QUIET_SECONDS))

    def _sweep(self, sweeps: int) -> None:
        self._collector.sweep(everything=sweeps % _LIST_ALL_EVERY_SWEEPS == 0)
        self._hints.watch(self._collector.directories())
        # While nothing comes only the time of the last sweep would change, and thousands of files are a long list.
        self._is_saved = self._is_saved and sweeps % _SAVE_UNCHANGED_EVERY_SWEEPS != 0
        self._save()

    def _wait(self, until: float) -> None:
        """Wait for an event or until the next sweep is due, then poll the paths with events."""
        max_wait = _WAIT_SECONDS if self._hints.is_active else _WAIT_WITHOUT_HINTS_SECONDS
        self._wake.wait(max(0.0, min(max_wait, until - time.monotonic())))
        changed, new = self._hints.take()
        self._collector.poll_paths(changed, for_new=new)

    def _save(self) -> None:
        with self._saving:
            if self._checkpoint is None or self._is_saved:
                return
            self._is_saved = True
            error_text = ""
            try:
                save_checkpoint(self._checkpoint, self._collector.checkpoint())
            except OutputError as error:
                self._is_saved = False
                error_text = f"{error}; until the checkpoint is written, a restart repeats lines"
            if error_text and error_text != self._save_error:
                self._collector.notify(NoticeKind.WAITING, error_text)
            self._save_error = error_text


def check_followable(path: Path) -> None:
    """Raise `SourceError` for a file that exists and is not a log; one that does not exist is waited for."""
    if str(path) == "-":
        raise SourceError("standard input cannot be followed: read it with `tailsight score -`")
    if path.exists() and not path.is_dir():
        if not path.is_file():
            # Opening a named pipe would wait for its writer.
            raise SourceError(f"{escape(str(path))} is not a regular file: read it with `tailsight score`")
        content = check_readable(path)
        if content.compressed:
            raise SourceError(refusal_message(escape(str(path)), content))
