"""The whole stream for long, without a screen: what it holds at first and in the end, while its log is rotated."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.headless import Headless
from tests.bench.logs import oslo_log, writer
from tests.bench.processes import cpu_seconds, killed, resident_bytes
from tests.soak.rotation import logrotate


@dataclass(frozen=True, slots=True)
class Held:
    """What `watch --headless` held, at first and in the end."""

    printed: int
    """Events."""
    rotations: int
    early_mib: float
    late_mib: float
    early_descriptors: int
    late_descriptors: int
    processor_percent: float


def hold(folder: Path, *, seconds: float, rate: int, rotate_every: float) -> Held:
    """Watch a simulated log for some seconds; at first is after a tenth of them."""
    source = oslo_log(folder / "source", int(seconds * rate))
    log = folder / "app.log"
    log.touch()
    rotate = logrotate(log, "copytruncate", keep=3)
    rotations = 0
    early: tuple[int, int] | None = None
    with Headless([log], start="start", model=(), folder=folder) as watched, killed(writer(source, log, rate)):
        began = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            time.sleep(rotate_every)
            subprocess.run(rotate, check=True)
            rotations += 1
            if early is None and passed > seconds / 10:
                early = _held(watched.pid)
        late = _held(watched.pid)
        early = early or late
        busy = cpu_seconds(watched.pid) / (time.monotonic() - began)
        return Held(
            printed=watched.printed,
            rotations=rotations,
            early_mib=early[0] / 2**20,
            late_mib=late[0] / 2**20,
            early_descriptors=early[1],
            late_descriptors=late[1],
            processor_percent=busy * 100,
        )


def _held(pid: int) -> tuple[int, int]:
    """Bytes of memory and open descriptors of a process."""
    return resident_bytes(pid), len(list(Path(f"/proc/{pid}/fd").iterdir()))
