"""The real commands from the outside: bulk scoring, the time `--help` takes, memory."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench import peers
from tests.bench.figures import Figure
from tests.bench.logs import oslo_log

TAILSIGHT = (sys.executable, "-m", "tui")
FEW = 1_000
"""Lines of the run that is taken away as start-up."""


def figures(folder: Path, lines: int, environments: Path, model: Sequence[str] = ()) -> list[Figure]:
    """Measure in an empty folder, on a log of that many lines; `model` are options of `score`."""
    log = oslo_log(folder / "bulk.log", lines)
    help_seconds = peers.seconds([*TAILSIGHT, "--help"], times=5)
    few = oslo_log(folder / "few.log", FEW)
    start_up = _run("score", *model, few, "-o", folder / "few.jsonl")[0]
    whole, memory = _run("score", *model, log, "-o", folder / "bulk.jsonl")
    rate = (lines - FEW) / max(whole - start_up, 1e-3)
    found = [
        Figure("tailsight --help", help_seconds * 1e3, "ms", "python -c pass", _python_seconds() * 1e3),
        Figure("score: start, with the model", start_up, "s"),
        Figure("score: memory", memory / 2**20, "MiB"),
        Figure("score: bytes", rate * log.stat().st_size / lines / 2**20, "MiB/s"),
    ]
    others = peers.lines_per_second(log, lines)
    drain3 = peers.drain3_lines_per_second(log, environments)
    if drain3 is not None:
        others["Drain3 (masking, templates)"] = drain3
    found += [Figure(f"score: events against {name}", rate, "/s", name, theirs) for name, theirs in others.items()]
    return found


def _run(*arguments: str | Path) -> tuple[float, int]:
    """Seconds and peak bytes of memory of one command."""
    began = time.perf_counter()
    with subprocess.Popen([*TAILSIGHT, *map(str, arguments)], stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in {0, 1}:
        raise RuntimeError(f"tailsight {' '.join(map(str, arguments))} exited with {process.returncode}")
    return time.perf_counter() - began, _bytes(used)


def _bytes(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _python_seconds() -> float:
    return peers.seconds([sys.executable, "-c", "pass"], times=5)
