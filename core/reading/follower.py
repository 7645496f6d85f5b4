"""Logs followed while they are written: when to look, when to wait, when to keep how far one has come."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from core.errors import SourceError
from core.events import NoticeKind
from core.reading.batch import QUIET_SECONDS, HasIsSet, ReadBatch
from core.reading.checkpoint import Checkpoint, CheckpointError, default_path, load, save
from core.reading.collector import Collector
from core.reading.content import refusal
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, check, name_filter
from core.reading.hints import Hints
from core.support.printable import escape

SWEEP_SECONDS = 1.0
# Where network mounts do not tell that a directory has changed.
_LIST_ALL_EVERY_SWEEPS = 10
_SAVE_ANYHOW_EVERY_SWEEPS = 30
# How long `stop` may go unnoticed; files that are being written are looked at as often.
_WAIT_SECONDS = 0.1
_WAIT_WITHOUT_HINTS_SECONDS = 0.05
# Writers write line by line: what comes within this time makes one batch.
_COLLECT_SECONDS = 0.02


class Start(StrEnum):
    """Where to begin in files that are there when following begins."""

    START = "start"
    END = "end"
    RESUME = "resume"


class Follower:
    """Follows files and directories until `stop` is set; iterate it once, in any thread.

    Yields batches as soon as there are lines, an empty one when there was none for 250 ms, and at least one a second.
    Every line of every file comes exactly once, in order within a file, through rotation and truncation; what is known
    to be lost is said in a notice. With `checkpoint`, or `start="resume"`, what was committed is kept on disk about
    once a second. Raises `SourceError` for a given file that is there and cannot be followed.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        stop: HasIsSet,
        *,
        start: Start | str = Start.END,
        read_back_lines: int = 10_000,
        include: Sequence[str] = DEFAULT_INCLUDE,
        exclude: Sequence[str] = DEFAULT_EXCLUDE,
        checkpoint: Path | None = None,
        max_open_files: int | None = None,
    ) -> None:
        for path in paths:
            _check_followable(path)
        self._stop = stop
        self._start = Start(start)
        self._read_back_lines = read_back_lines
        self._checkpoint = checkpoint or (default_path(paths) if self._start is Start.RESUME else None)
        self._collector = Collector(
            paths,
            name_filter(include, exclude),
            max_open_files=max_open_files,
            keeps_positions=self._checkpoint is not None,
        )
        self._wake = threading.Event()
        self._hints = Hints(self._wake, self._collector.followed)
        self._skip_asked = threading.Event()
        self._saving = threading.Lock()
        self._is_saved = True
        self._save_trouble = ""
        self._has_ended = False

    def commit(self, batch: ReadBatch) -> None:
        """Say that this batch and all before it are dealt with: a resumed follower begins after them. From any thread.

        Commit a batch when what was made of its lines has left too: an event may be open still.
        """
        self._collector.commit(batch)
        self._is_saved = self._is_saved and not (batch.items or batch.positions)
        if self._has_ended:
            self._save()

    def skip_to_end(self) -> None:
        """Go on with what is written from now on; notices say how much was left out. From any thread."""
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
                resumed = load(self._checkpoint, is_ours=self._collector.means)
            except CheckpointError as error:
                resumed = None
                self._collector.notify(NoticeKind.RESUMED, f"{error}: beginning at the end")
            else:
                self._collector.notify(NoticeKind.RESUMED, "going on where the last run was")
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
        self._hints.listen(self._collector.directories())
        # While nothing comes only the time of the last look would change, and thousands of files are a long list.
        self._is_saved = self._is_saved and sweeps % _SAVE_ANYHOW_EVERY_SWEEPS != 0
        self._save()

    def _wait(self, until: float) -> None:
        """Wait until something is heard or due, and look at what was heard of."""
        longest = _WAIT_SECONDS if self._hints.are_on else _WAIT_WITHOUT_HINTS_SECONDS
        self._wake.wait(max(0.0, min(longest, until - time.monotonic())))
        heard, new = self._hints.take()
        self._collector.look_at(heard, for_new=new)

    def _save(self) -> None:
        with self._saving:
            if self._checkpoint is None or self._is_saved:
                return
            self._is_saved = True
            trouble = ""
            try:
                save(self._checkpoint, self._collector.checkpoint())
            except OSError as error:
                self._is_saved = False
                trouble = (
                    f"the checkpoint {escape(str(self._checkpoint))} cannot be written ({error.strerror}): "
                    "make room, or a restart repeats lines"
                )
            if trouble and trouble != self._save_trouble:
                self._collector.notify(NoticeKind.WAITING, trouble)
            self._save_trouble = trouble


def _check_followable(path: Path) -> None:
    """Raise `SourceError` for a file that is there and is no log; one that is not there is waited for."""
    if str(path) == "-":
        raise SourceError("standard input cannot be followed: read it with `tailsight score -`")
    if path.exists() and not path.is_dir():
        content = check(path)
        if content.compressed:
            raise SourceError(refusal(escape(str(path)), content))
