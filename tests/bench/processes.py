"""Commands as their user runs them: how long they take, how much memory and processor they use."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

TAILSIGHT = (sys.executable, "-m", "tui")
FOUND_OR_NOT = frozenset({0, 1})


class Ran(NamedTuple):
    """What a command took from its start to its end."""

    seconds: float
    peak_bytes: int


def run(command: Sequence[str | Path], *, succeeds: frozenset[int] = frozenset({0})) -> Ran:
    """Run a command, its standard output thrown away; RuntimeError for another exit code."""
    peak = 0

    def watch_memory() -> None:
        # What wait4 tells is never less than what its parent held, which is a process with PyTorch in it.
        nonlocal peak
        while process.returncode is None:
            with suppress(OSError, ValueError):
                peak = max(peak, peak_bytes(process.pid))
            time.sleep(0.02)

    began = time.perf_counter()
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        watcher = threading.Thread(target=watch_memory)
        watcher.start()
        _, said = process.communicate()
    taken = time.perf_counter() - began
    watcher.join()
    if process.returncode not in succeeds:
        told = said.decode(errors="replace").strip()
        raise RuntimeError(f"{' '.join(map(str, command))} exited with {process.returncode}: {told}")
    return Ran(taken, peak)


def tailsight(*arguments: str | Path) -> Ran:
    """Run our command, whether it flags something or not."""
    return run([*TAILSIGHT, *arguments], succeeds=FOUND_OR_NOT)


def seconds(command: Sequence[str | Path], *, times: int = 3) -> float:
    """The shortest of several runs of a command; that it found nothing, as grep may, is no failure."""
    return min(run(command, succeeds=FOUND_OR_NOT).seconds for _ in range(times))


@contextmanager
def killed(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Kill a process in the end."""
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used, from /proc."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int) -> int:
    """Memory that a process holds, from /proc."""
    return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def peak_bytes(pid: int) -> int:
    """The most memory that a process has held so far, from /proc."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    (line,) = (line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024
