"""The app in a real pseudo-terminal: first paint, keys while lines pour in, bytes written, what idling costs.

Byte code is cached, as it is where the package is installed.
"""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.logs import oslo_log
from tests.helpers.terminal import Terminal

TAILSIGHT = (sys.executable, "-m", "tui")
STARTS = 5
KEYS = 40
SECONDS = 6.0
"""How long bytes, lag and memory are watched."""

_WRITER = """
import sys, time
source, target, rate = open(sys.argv[1], "rb").readlines(), open(sys.argv[2], "ab", buffering=0), int(sys.argv[3])
began, written = time.monotonic(), 0
while True:
    due = int((time.monotonic() - began) * rate)
    if due > written:
        now = b" 1 INFO bench [-] written at %.3f.\\n" % time.monotonic()
        lines = [source[index % len(source)] for index in range(written, due)]
        lines[::16] = [b" ".join(line.split(b" ", 3)[:3]) + now for line in lines[::16]]
        target.write(b"".join(lines))
        written = due
    time.sleep(0.02)
"""
"""Appends the first file's lines to the second over and over, so many a second; some say when they are written."""


def figures(folder: Path, model: Sequence[str] = (), rates: tuple[int, ...] = (10_000, 50_000)) -> list[Figure]:
    """Measure in an empty folder; `model` are options of `watch`."""
    with _short_turns():
        found = _at_rest(folder, model)
        source = oslo_log(folder / "source.log", 100_000)
        for rate in rates:
            found += _live(source, folder / f"live-{rate}.log", folder, model, rate)
    return found


def _watch(log: Path, folder: Path, model: Sequence[str]) -> Terminal:
    environment = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(folder / "bytecode")}
    return Terminal([*TAILSIGHT, "watch", *model, str(log)], columns=140, rows=40, environment=environment)


def _at_rest(folder: Path, model: Sequence[str]) -> list[Figure]:
    log = oslo_log(folder / "rest.log", 2_000)
    painted, before_torch, scored = [], [], []
    for _ in range(1 + STARTS):
        with _watch(log, folder, model) as terminal:
            painted.append(terminal.wait_until("rest.log") - terminal.began)
            before_torch.append(resident_bytes(terminal.pid))
            scored.append(terminal.wait_until(lambda text: _scored(text) > 0, 60) - terminal.began)
    with _watch(log, folder, model) as terminal:
        terminal.wait_until(lambda text: _scored(text) > 0, 60)
        time.sleep(5)
        written, used = terminal.bytes_written, cpu_seconds(terminal.pid)
        time.sleep(10)
        return [
            Figure("watch: first paint", statistics.median(painted[1:]) * 1e3, "ms"),
            Figure("watch: memory at the first paint", statistics.median(before_torch[1:]) / 2**20, "MiB"),
            Figure("watch: first scores", statistics.median(scored[1:]), "s"),
            Figure("watch: bytes to the terminal, idle", (terminal.bytes_written - written) / 10, "B/s"),
            Figure("watch: processor, idle", (cpu_seconds(terminal.pid) - used) * 10, "%"),
            Figure("watch: memory, idle", resident_bytes(terminal.pid) / 2**20, "MiB"),
        ]


def _live(source: Path, log: Path, folder: Path, model: Sequence[str], rate: int) -> list[Figure]:
    log.write_bytes(b"")
    at = f"at {rate:,} lines/s"
    with _watch(log, folder, model) as terminal:
        process = subprocess.Popen([sys.executable, "-c", _WRITER, source, log, str(rate)])
        try:
            terminal.wait_until(lambda text: _scored(text) > 0, 60)
            time.sleep(SECONDS)
            delays = [_key_delay(terminal, number) for number in range(KEYS)]
            text, held = terminal.text, resident_bytes(terminal.pid)
            written, scored, used, began = (
                terminal.bytes_written,
                _scored(text),
                cpu_seconds(terminal.pid),
                time.perf_counter(),
            )
            lags = list(_lags(terminal, SECONDS))
            seconds = time.perf_counter() - began
            return [
                Figure(f"watch: key to screen {at}, median", statistics.median(delays) * 1e3, "ms"),
                Figure(f"watch: key to screen {at}, p95", _p95(delays) * 1e3, "ms"),
                Figure(
                    f"watch: bytes to the terminal {at}", (terminal.bytes_written - written) / seconds / 1024, "KiB/s"
                ),
                Figure(f"watch: events scored {at}", (_scored(terminal.text) - scored) / seconds, "/s"),
                Figure(f"watch: display lag {at}, median", statistics.median(lags), "s"),
                Figure(f"watch: display lag {at}, p95", _p95(lags), "s"),
                Figure(f"watch: behind {at}", _behind(terminal.text) / 1e6, "MB"),
                Figure(f"watch: processor {at}", (cpu_seconds(terminal.pid) - used) / seconds * 100, "%"),
                Figure(f"watch: memory {at}", resident_bytes(terminal.pid) / 2**20, "MiB"),
                Figure(f"watch: memory {at}, growth", (resident_bytes(terminal.pid) - held) / seconds / 2**20, "MiB/s"),
            ]
        finally:
            process.kill()
            process.wait()


def _scored(text: str) -> int:
    """Events scored so far, as the status line says."""
    found = re.search(r"scored ([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else 0


def _behind(text: str) -> float:
    """Bytes that reading is behind, as the status line says."""
    found = re.search(r"behind ([\d.]+) (B|kB|MB|GB)", text)
    return float(found[1]) * {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[found[2]] if found else 0.0


def _lags(terminal: Terminal, seconds: float) -> Iterator[float]:
    """For every picture with newer lines, how old the newest line of the picture before it was when it went."""
    newest, until = 0.0, time.perf_counter() + seconds
    # Both clocks are the system's monotonic one here, but for a constant.
    offset = time.monotonic() - time.perf_counter()
    while time.perf_counter() < until:

        def is_newer(text: str) -> bool:
            return _newest(text) > newest  # noqa: B023

        came = terminal.wait_until(is_newer) + offset
        if newest:
            yield came - newest
        newest = _newest(terminal.shown)


def _newest(text: str) -> float:
    """When the newest marked line on the screen was written."""
    return max(map(float, re.findall(r"written at (\d+\.\d{3})\.", text)), default=0.0)


def _key_delay(terminal: Terminal, number: int) -> float:
    """Seconds from pressing the threshold's key until the status line shows the new threshold."""
    key, shown = ("]", "at 0.51") if number % 2 == 0 else ("[", "at 0.50")
    time.sleep(0.05 + number % 7 / 70)
    terminal.draw_what_came()
    began = time.perf_counter()
    terminal.press(key)
    return terminal.wait_until(lambda text: shown in text, 20) - began


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


@contextmanager
def _short_turns() -> Iterator[None]:
    """Let the thread that notes when bytes come wait little for the one that draws them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0005)
    try:
        yield
    finally:
        sys.setswitchinterval(before)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory that a process holds, from /proc."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096
