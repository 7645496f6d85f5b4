"""The app in a real pseudo-terminal: first paint, keys while lines pour in, bytes written, what idling costs."""

from __future__ import annotations

import os
import re
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.logs import oslo_log, writer
from tests.support.terminal import Terminal

TAILSIGHT = (sys.executable, "-m", "tui")
KEYS = 30


def figures(folder: Path, model: Sequence[str] = (), rates: tuple[int, ...] = (10_000, 50_000)) -> list[Figure]:
    """Measure in an empty folder; `model` are options of `watch`."""
    found = _at_rest(folder, model)
    source = oslo_log(folder / "source.log", 100_000)
    for rate in rates:
        found += _live(source, folder / f"live-{rate}.log", model, rate)
    return found


def _at_rest(folder: Path, model: Sequence[str]) -> list[Figure]:
    log = oslo_log(folder / "rest.log", 2_000)
    with Terminal([*TAILSIGHT, "watch", *model, str(log)], columns=140, rows=40) as terminal:
        painted = terminal.wait_until("rest.log") - terminal.began
        scored = terminal.wait_until(lambda text: _scored(text) > 0, 60) - terminal.began
        time.sleep(5)
        written, used = terminal.bytes_written, cpu_seconds(terminal.pid)
        time.sleep(10)
        return [
            Figure("watch: first paint", painted * 1e3, "ms"),
            Figure("watch: first scores", scored, "s"),
            Figure("watch: bytes to the terminal, idle", (terminal.bytes_written - written) / 10, "B/s"),
            Figure("watch: processor, idle", (cpu_seconds(terminal.pid) - used) * 10, "%"),
            Figure("watch: memory, idle", resident_bytes(terminal.pid) / 2**20, "MiB"),
        ]


def _live(source: Path, log: Path, model: Sequence[str], rate: int) -> list[Figure]:
    log.write_bytes(b"")
    at = f"at {rate:,} lines/s"
    with Terminal([*TAILSIGHT, "watch", *model, str(log)], columns=140, rows=40) as terminal:
        process = writer(source, log, rate)
        try:
            terminal.wait_until(lambda text: _scored(text) > 0, 60)
            time.sleep(5)
            written, scored, began = terminal.bytes_written, _scored(terminal.text), time.perf_counter()
            delays = [_key_delay(terminal, number) for number in range(KEYS)]
            seconds = time.perf_counter() - began
            return [
                Figure(f"watch: key to screen {at}, median", statistics.median(delays) * 1e3, "ms"),
                Figure(f"watch: key to screen {at}, p95", _p95(delays) * 1e3, "ms"),
                Figure(
                    f"watch: bytes to the terminal {at}", (terminal.bytes_written - written) / seconds / 1024, "KiB/s"
                ),
                Figure(f"watch: events scored {at}", (_scored(terminal.text) - scored) / seconds, "/s"),
                Figure(f"watch: memory {at}", resident_bytes(terminal.pid) / 2**20, "MiB"),
            ]
        finally:
            process.kill()
            process.wait()


def _scored(text: str) -> int:
    """Events scored so far, as the status line says."""
    found = re.search(r"scored ([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else 0


def _key_delay(terminal: Terminal, number: int) -> float:
    """Seconds from pressing the threshold's key until the status line shows the new threshold."""
    key, shown = ("]", "0.51") if number % 2 == 0 else ("[", "0.50")
    time.sleep(0.05 + number % 7 / 70)
    began = time.perf_counter()
    terminal.press(key)
    return terminal.wait_until(lambda text: shown in text, 20) - began


def _p95(values: list[float]) -> float:
    return sorted(values)[int(0.95 * (len(values) - 1))]


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory that a process holds, from /proc."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * 4096
