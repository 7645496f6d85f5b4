"""A writer, the real logrotate, and a reader that is killed now and then: what was written, lost and repeated."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).parents[2]

# Reopens its file when another is at the path, a fifth of a second late, as a watched file handler between two records.
_WRITER = """
import os, sys, time
path, rate, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
def reopen(): return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
fd, number, began, looked = reopen(), 0, time.monotonic(), 0.0
while (now := time.monotonic() - began) < seconds:
    due = int(now * rate)
    while number < due:
        number += 1
        os.write(fd, b"%09d a line of a service that is rotated while it is written to\\n" % number)
    if now - looked > 0.2:
        looked = now
        try:
            same = os.fstat(fd).st_ino == os.stat(path).st_ino
        except FileNotFoundError:
            same = False
        if not same:
            os.close(fd)
            fd = reopen()
    time.sleep(0.005)
print(number)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Line counts of one run."""

    written: int
    lost_by_logrotate: int
    """In no file after the run, and not read before they were gone."""
    lost: int
    """In some file, and not read: must be 0."""
    repeated: int
    most_repeated_by_one_kill: float
    kills: int
    rotations: int


def soak(
    folder: Path, *, copytruncate: bool, seconds: float, rate: int, rotate_every: float, kill_every: float
) -> Outcome:
    """Write `rate` lines a second for some seconds while logrotate runs, and count."""
    log, out, checkpoint = folder / "app.log", folder / "out", folder / "checkpoint.json"
    log.touch()
    rotate = logrotate(log, "copytruncate" if copytruncate else "create 0644", keep=1_000)
    follow = [sys.executable, "-m", "tests.soak.follow", str(log), str(out), str(checkpoint)]
    writing = [sys.executable, "-c", _WRITER, str(log), str(rate), str(seconds)]
    kills = rotations = 0
    with _process(writing, stdout=subprocess.PIPE) as writer:
        reader = subprocess.Popen(follow, cwd=ROOT)
        while not checkpoint.exists():  # a reader that begins after a rotation is not owed what was before it
            time.sleep(0.05)
        next_rotation, next_kill = time.monotonic() + rotate_every, time.monotonic() + kill_every
        while writer.poll() is None:
            time.sleep(0.05)
            if time.monotonic() > next_rotation:
                subprocess.run(rotate, check=True)
                rotations += 1
                next_rotation = time.monotonic() + rotate_every
            if time.monotonic() > next_kill:
                reader.kill()
                reader.wait()
                kills += 1
                reader = subprocess.Popen(follow, cwd=ROOT)
                next_kill = time.monotonic() + kill_every
        assert writer.stdout is not None
        written = int(writer.stdout.read())
    kept = np.zeros(written + 1, np.int64)
    for path in folder.glob("app.log*"):
        _count(path, 0, kept)
    seen = _wait_for(kept, out)
    reader.kill()
    reader.wait()
    repeated = int((seen - (seen > 0)).sum())
    missed = np.flatnonzero((kept > 0) & (seen == 0))
    for run in np.split(missed, np.flatnonzero(np.diff(missed) > 1) + 1):
        if len(run):
            sys.stderr.write(f"lost: lines {run[0]:,} to {run[-1]:,} of {written:,}\n")
    return Outcome(
        written=written,
        lost_by_logrotate=int(((kept == 0) & (seen == 0))[1:].sum()),
        lost=len(missed),
        repeated=repeated,
        most_repeated_by_one_kill=repeated / max(1, kills),
        kills=kills,
        rotations=rotations,
    )


def logrotate(log: Path, mode: str, *, keep: int) -> list[str]:
    """Write a configuration beside the log; the command that rotates it."""
    config = log.with_name("logrotate.conf")
    config.write_text(f"{log} {{\n  rotate {keep}\n  missingok\n  nocompress\n  {mode}\n}}\n")
    config.chmod(0o644)
    return ["logrotate", "--force", "--state", str(log.with_name("state")), str(config)]


def _wait_for(owed: NDArray[np.int64], out: Path, *, patience: float = 60.0) -> NDArray[np.int64]:
    """How often the reader wrote each line's number, once all are there or, for so many seconds, no more came.

    On a busy machine a reader that was killed last may take long to start.
    """
    seen, offset, last_came = np.zeros_like(owed), 0, time.monotonic()
    while ((owed > 0) & (seen == 0)).any() and time.monotonic() - last_came < patience:
        before, offset = offset, _count(out, offset, seen)
        if offset > before:
            last_came = time.monotonic()
        time.sleep(0.5)
    return seen


def _count(path: Path, offset: int, times: NDArray[np.int64]) -> int:
    """Count the numbers of the whole lines from an offset on; give the offset after them.

    An hour of lines is many millions: they are held as counts alone, and read some at a time.
    """
    with path.open("rb") as lines:
        lines.seek(offset)
        while batch := list(islice(lines, 100_000)):
            if not batch[-1].endswith(b"\n"):
                del batch[-1]
            if not batch:
                break
            offset += sum(map(len, batch))
            numbers = np.array([int(line[:9]) for line in batch if line[:9].isdigit()], np.int64)
            np.add.at(times, numbers[numbers < len(times)], 1)
    return offset


@contextlib.contextmanager
def _process(command: list[str], stdout: int) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stdout=stdout, env=os.environ | {"PYTHONPATH": str(ROOT)}) as process:
        try:
            yield process
        finally:
            process.kill()
