"""Reading alone: bytes on disk to decoded, escaped line objects, beside what only counts or copies the bytes."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from core.reading import Follower, ReadBatch, read_file
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter
from tests.bench.figures import ROOT, Figure
from tests.bench.logs import writer
from tests.bench.processes import cpu_seconds, killed

LINE_BYTES = 300
_HEAD = (
    "2026-11-23 05:21:45.375 29713 INFO nova.compute.manager [req-5b1a1d0e-2a86-4f5a-9d2e-8f3b2f0c1d7e] [instance: 1] "
)


def figures(folder: Path, lines: int = 1_000_000, files: int = 10_000) -> Iterator[Figure]:
    """Measure `read_file` and `Follower` on one log in the page cache, and `wc` and `tail` on the same one."""
    plain = _log(folder / "plain.log", lines, "x")
    mixed = _log(folder / "mixed.log", lines, "é")
    wc = _rate(lines, lambda: _command("wc", "-l", str(plain)))
    tail = _rate(lines, lambda: _command("tail", "-n", "+1", str(plain)))
    read = _rate(lines, lambda: _exhaust(read_file(plain)))
    follow = _rate(lines, lambda: _follow(plain, lines))
    yield Figure("reading: a file, ASCII", read, "lines/s", "wc -l", wc)
    yield Figure("reading: a file, ASCII", read, "lines/s", "tail -n +1", tail)
    yield Figure("reading: a file, UTF-8", _rate(lines, lambda: _exhaust(read_file(mixed))), "lines/s", "wc -l", wc)
    yield Figure("reading: following from the start", follow, "lines/s", "tail -n +1", tail)
    ours, theirs = _following(folder, plain)
    yield Figure("reading: processor, following 10,000 lines/s", ours, "%", "tail -F", theirs)
    yield Figure(f"reading: sweep over {files:,} idle files", _sweep(folder / "many", files), "ms")


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


def _following(folder: Path, source: Path, seconds: float = 4.0) -> tuple[float, float]:
    """Percent of a processor that our reader and `tail -F` take to follow the same log while it grows."""
    log = folder / "growing.log"
    log.touch()
    commands: tuple[list[str | Path], ...] = (
        [sys.executable, "-m", "tests.soak.follow", log, os.devnull],
        ["tail", "-F", log],
    )
    with ExitStack() as stack:
        readers = [subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=ROOT) for command in commands]
        for process in (*readers, writer(source, log, 10_000)):
            stack.enter_context(killed(process))
        time.sleep(2)
        before = [cpu_seconds(reader.pid) for reader in readers]
        time.sleep(seconds)
        ours, theirs = (cpu_seconds(reader.pid) - used for reader, used in zip(readers, before, strict=True))
    return ours / seconds * 100, theirs / seconds * 100


def _sweep(folder: Path, files: int) -> float:
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
