"""Logs followed while they are written."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

from core.events import Notice, NoticeKind
from core.reading.batch import BATCH_LINES, QUIET_SECONDS, HasIsSet, Item, ReadBatch
from core.reading.decoder import LineDecoder, escape
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter, walk

_READ_BYTES = 1 << 18
_POLL_SECONDS = 0.05
_SWEEP_SECONDS = 1.0


class Start(StrEnum):
    """Where to begin in files that are there when following begins."""

    START = "start"
    END = "end"
    RESUME = "resume"


class _Tail:
    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        status = os.fstat(self.fd)
        self.identity = (status.st_dev, status.st_ino)
        self.read_to = 0
        self.decoder = LineDecoder(escape(str(path)))

    def unread(self) -> int:
        return os.fstat(self.fd).st_size - self.read_to

    def read(self) -> list[Item]:
        data = os.pread(self.fd, _READ_BYTES, self.read_to)
        self.read_to += len(data)
        return list(self.decoder.feed(data))


class Follower:
    """Follows files and directories until `stop` is set; iterate it once."""

    def __init__(
        self,
        paths: Sequence[Path],
        stop: HasIsSet,
        *,
        start: Start = Start.END,
        read_back_lines: int = 10_000,
        include: Sequence[str] = DEFAULT_INCLUDE,
        exclude: Sequence[str] = DEFAULT_EXCLUDE,
        checkpoint: Path | None = None,
    ) -> None:
        self._paths = list(paths)
        self._stop = stop
        self._start = Start(start)
        self._read_back_lines = read_back_lines
        self._checkpoint = checkpoint
        self._is_wanted = name_filter(include, exclude)
        self._tails: dict[Path, _Tail] = {}
        self._skip = False

    def commit(self, batch: ReadBatch) -> None:
        """Say that the batch and all before it are dealt with: a resumed follower begins after them."""

    def skip_to_end(self) -> None:
        """Go on with what is written from now on; a notice says how many bytes were left out. From any thread."""
        self._skip = True

    def __iter__(self) -> Iterator[ReadBatch]:  # noqa: C901
        items: list[Item] = []
        self._look(items, first=True)
        warm_up_left = {path: tail.unread() for path, tail in self._tails.items()} if self._start is Start.END else {}
        last_look = last_line = time.monotonic()
        while not self._stop.is_set():
            if self._skip:
                self._skip = False
                skipped = 0
                for tail in self._tails.values():
                    end = os.fstat(tail.fd).st_size
                    skipped += end - tail.read_to
                    tail.read_to = end
                    tail.decoder = LineDecoder(tail.decoder.source, offset=end, number=tail.decoder.number)
                items.append(Notice("", NoticeKind.SKIPPED, f"skipped {skipped} bytes to now", skipped))
            warming_up = bool(warm_up_left)
            for path, tail in self._tails.items():
                before = tail.read_to
                items += tail.read()
                if path in warm_up_left:
                    warm_up_left[path] -= tail.read_to - before
                    if warm_up_left[path] <= 0:
                        del warm_up_left[path]
            now = time.monotonic()
            if items:
                while items:
                    chunk, items = items[:BATCH_LINES], items[BATCH_LINES:]
                    yield ReadBatch(tuple(chunk), self._behind(), warm_up=warming_up)
                last_line = now
                continue
            if now - last_look >= _SWEEP_SECONDS:
                self._look(items, first=False)
                last_look = now
                yield ReadBatch(behind=self._behind())
            elif last_line and now - last_line >= QUIET_SECONDS:
                last_line = 0.0
                yield ReadBatch(behind=self._behind())
            time.sleep(_POLL_SECONDS)

    def _behind(self) -> int:
        return sum(max(0, tail.unread()) + tail.decoder.pending for tail in self._tails.values())

    def _look(self, items: list[Item], *, first: bool) -> None:
        for given in self._paths:
            for path in walk(given, self._is_wanted) if given.is_dir() else [given]:
                try:
                    status = path.stat()
                    tail = self._tails.get(path)
                    if tail and tail.identity == (status.st_dev, status.st_ino):
                        if status.st_size < tail.read_to:
                            items.append(Notice(escape(str(path)), NoticeKind.TRUNCATED, "truncated"))
                            tail.read_to, tail.decoder = 0, LineDecoder(escape(str(path)))
                        continue
                    if tail:
                        items += tail.read()
                        os.close(tail.fd)
                        items.append(Notice(escape(str(path)), NoticeKind.ROTATED, "rotated"))
                    self._tails[path] = tail = _Tail(path)
                    if first and self._start is Start.END:
                        self._read_back(tail)
                except OSError:
                    continue

    def _read_back(self, tail: _Tail) -> None:
        size = os.fstat(tail.fd).st_size
        lines, position = 0, 0
        counted: list[int] = []
        while position < size and (data := os.pread(tail.fd, _READ_BYTES, position)):
            counted.append(data.count(b"\n"))
            lines += counted[-1]
            position += len(data)
        skip = max(0, lines - self._read_back_lines)
        for block, count in enumerate(counted):
            if skip < count:
                data = os.pread(tail.fd, _READ_BYTES, block * _READ_BYTES)
                at = 0
                for _ in range(skip):
                    at = data.index(b"\n", at) + 1
                tail.read_to = block * _READ_BYTES + at
                break
            skip -= count
        number = max(0, lines - self._read_back_lines)
        tail.decoder = LineDecoder(tail.decoder.source, offset=tail.read_to, number=number)
