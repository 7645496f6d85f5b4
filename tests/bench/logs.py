"""Logs to measure with: written by our simulator, and a writer that appends at a rate."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    """Write a log of that many lines: requests and their replies on several services, about 200 bytes a line.

    The stamps advance and the identities change as in a real log; what is usual repeats, as it does there.
    """
    with path.open("w", encoding="ascii") as out:
        for number in range(lines):
            out.write(_line(number))
    return path


def _line(number: int) -> str:
    seconds, thousandths = divmod(number * 7, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    day, hour = divmod(hours, 24)
    stamp = f"2026-03-{1 + day % 28:02d} {hour:02d}:{minute:02d}:{second:02d}.{thousandths:03d}"
    ident = f"{(number // 4) * 0x9E3779B97F4A7C15 & (1 << 128) - 1:032x}"
    uuid = f"{ident[:8]}-{ident[8:12]}-{ident[12:16]}-{ident[16:20]}-{ident[20:]}"
    context = f"[req-{uuid} f7b8d1f1d4d44643b07fa10ca7d021fb e9746973ac574c6b8a9e8857f56a7608 - - -]"
    match number % 4:
        case 0:
            return (
                f"{stamp} 25746 INFO nova.osapi_compute.wsgi.server {context} 10.11.10.1 "
                f'"GET /v2/e9746973ac574c6b8a9e8857f56a7608/servers/detail HTTP/1.1" status: 200 len: '
                f"{1893 + number % 97} time: 0.{2400 + number % 400}\n"
            )
        case 1:
            return f"{stamp} 2931 INFO nova.compute.manager {context} [instance: {uuid}] VM Started (Lifecycle Event)\n"
        case 2:
            return (
                f"{stamp} 2931 INFO nova.compute.manager {context} [instance: {uuid}] Took "
                f"{19 + number % 7 / 10:.2f} seconds to spawn the instance on the hypervisor.\n"
            )
        case _:
            return (
                f'{stamp} 2931 DEBUG oslo_concurrency.lockutils {context} Lock "compute_resources" released by '
                f'"nova.compute.resource_tracker.update_usage" :: held 0.{number % 90:03d}s inner lockutils.py:282\n'
            )
