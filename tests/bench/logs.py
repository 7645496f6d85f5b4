"""Logs to measure with: written by our simulator, and a writer that appends at a rate."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from itertools import islice
from pathlib import Path

from core.simulate import Deployment, Scenario, simulate

_WRITER = """
import sys, time
source, target, rate = open(sys.argv[1], "rb").readlines(), open(sys.argv[2], "ab", buffering=0), int(sys.argv[3])
began, written = time.monotonic(), 0
while True:
    due = int((time.monotonic() - began) * rate)
    if due > written:
        target.write(b"".join(source[index % len(source)] for index in range(written, due)))
        written = due
    time.sleep(0.02)
"""


def writer(source: Path, target: Path, lines_per_second: int) -> subprocess.Popen[bytes]:
    """Start a process that appends the source's lines to the target, over and over, until it is killed."""
    return subprocess.Popen([sys.executable, "-c", _WRITER, source, target, str(lines_per_second)])


def oslo_log(path: Path, lines: int) -> Path:
    """Write a log of that many lines, about 300 bytes each, as a cloud of many hosts would in some hours."""
    cloud = replace(Deployment.typical(), load=10.0)
    records = simulate(Scenario(seed=5, duration_s=30 * 86_400.0, deployment=cloud, hard_normals="random"))
    every = (f"{line}\n" for record in records for line in record.lines)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(islice(every, lines))
    return path
