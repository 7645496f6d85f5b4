"""Reading alone: bytes on disk to decoded, escaped line objects, beside what only counts or copies the bytes.

`python -m tests.bench.reading [LINES]` prints the table by itself.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from core.reading import Follower, ReadBatch, read_file
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter
from tests.bench.figures import Figure, show

LINE_BYTES = 300
_HEAD = (
    "2026-11-23 05:21:45.375 29713 INFO nova.compute.manager [req-5b1a1d0e-2a86-4f5a-9d2e-8f3b2f0c1d7e] [instance: 1] "
)


def figures(folder: Path, lines: int = 1_000_000) -> list[Figure]:
    """Measure `read_file` and `Follower` on one log in the page cache, and `wc` and `tail` on the same one."""
    plain = _log(folder / "plain.log", lines, "x")
    mixed = _log(folder / "mixed.log", lines, "é")
    wc = _rate(lines, lambda: _command("wc", "-l", str(plain)))
    tail = _rate(lines, lambda: _command("tail", "-n", "+1", str(plain)))
    read = _rate(lines, lambda: _exhaust(read_file(plain)))
    follow = _rate(lines, lambda: _follow(plain, lines))
    return [
        Figure("read_file, ASCII", read, "lines/s", "wc -l", wc),
        Figure("read_file, ASCII", read, "lines/s", "tail -n +1", tail),
        Figure("read_file, UTF-8", _rate(lines, lambda: _exhaust(read_file(mixed))), "lines/s", "wc -l", wc),
        Figure("Follower from the start", follow, "lines/s", "tail -n +1", tail),
        Figure("sweep over 10,000 idle files", _sweep(folder / "many"), "ms"),
    ]


def _log(path: Path, lines: int, filler: str) -> Path:
    line = (_HEAD + filler * LINE_BYTES).encode()[: LINE_BYTES - 1].decode("utf-8", "ignore").ljust(1)
    data = line.encode().ljust(LINE_BYTES - 1, b".") + b"\n"
    with path.open("wb") as out:
        for _ in range(0, lines, 1000):
            out.write(data * min(1000, lines))
    return path


def _rate(lines: int, measured: Callable[[], None]) -> float:
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        measured()
        best = min(best, time.perf_counter() - began)
    return lines / best


def _command(*command: str) -> None:
    # Through a pipe, as a reader of their output would have it.
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while os.read(process.stdout.fileno(), 1 << 18):
            pass


def _exhaust(batches: Iterator[ReadBatch]) -> None:
    for _ in batches:
        pass


def _follow(path: Path, lines: int) -> None:
    stop, seen = threading.Event(), 0
    for batch in Follower([path], stop, start="start"):
        seen += len(batch.items)
        if seen >= lines:
            stop.set()


def _sweep(folder: Path, files: int = 10_000) -> float:
    for number in range(files):
        service = folder / str(number % 100)
        service.mkdir(parents=True, exist_ok=True)
        (service / f"{number}.log").write_bytes(b"a line\n")
    collector = Collector([folder], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE))
    collector.begin(read_back_lines=0)
    # Directories that changed a moment ago are listed again and again.
    time.sleep(2.5)
    best = float("inf")
    for _ in range(5):
        while collector.has_more:
            collector.gather()
        began = time.perf_counter()
        collector.sweep()
        best = min(best, time.perf_counter() - began)
    collector.close()
    return best * 1000


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = figures(Path(folder), *map(int, sys.argv[1:]))
    show(found, Console(), {})
