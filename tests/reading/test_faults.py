"""Faults that the system injects: errors of single calls, a full disk, no watches, no descriptors, a burst of files."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from core.events import LogLine
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def works(*command: str) -> bool:
    return (
        shutil.which(command[0]) is not None
        and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


needs_strace = pytest.mark.skipif(not works("strace", "-o", "/dev/null", "true"), reason="strace cannot trace here")
needs_namespaces = pytest.mark.skipif(
    not works("unshare", "--user", "--map-root-user", "--mount", "true"), reason="no user namespaces here"
)


@contextmanager
def reader(log: Path, out: Path, *before: str, checkpoint: Path | None = None) -> Iterator[None]:
    """Run the reader under a command that injects faults."""
    follow = [sys.executable, "-m", "tests.soak.follow", str(log), str(out), *([str(checkpoint)] if checkpoint else [])]
    process = subprocess.Popen([*before, *follow], cwd=ROOT, start_new_session=True)
    try:
        yield
        assert process.poll() is None, "the reader ended"
    finally:
        # Tracers and namespaces hold back gentler signals.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(out: Path, lines: Sequence[str], seconds: float = 120.0) -> list[str]:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen = out.read_text().splitlines() if out.exists() else []
        if len(seen) >= len(lines):
            return seen
        time.sleep(0.05)
    return seen


def in_namespace(script: str) -> tuple[str, ...]:
    """Run the rest of the command line where `script` may mount and set limits, and end with its parent."""
    return (
        "unshare", "--user", "--map-root-user", "--mount", "--kill-child=KILL", "--fork",
        "sh", "-c", f'{script} && exec "$@"', "sh",
    )  # fmt: skip


@needs_strace
@pytest.mark.parametrize(
    "fault", ["pread64:error=EIO:when=3..8", "openat:error=EMFILE:when=3..4", "pread64:error=ESTALE:when=9+20"]
)
def test_failing_system_calls_lose_no_line(fault: str, tmp_path: Path) -> None:
    log, out = tmp_path / "app.log", tmp_path / "out"
    lines = [f"line {number}" for number in range(400)]
    log.write_text("".join(f"{line}\n" for line in lines[:200]))
    with reader(log, out, "strace", "-f", "-qq", "-o", "/dev/null", "-P", str(log), "-e", f"inject={fault}"):
        assert wait_for(out, lines[:200]) == lines[:200]
        log.rename(tmp_path / "app.log.1")
        log.write_text("".join(f"{line}\n" for line in lines[200:300]))
        assert wait_for(out, lines[:300]) == lines[:300]
        with log.open("a") as writer:
            writer.write("".join(f"{line}\n" for line in lines[300:]))
        assert wait_for(out, lines) == lines


@needs_namespaces
def test_without_watches_the_sweep_finds_everything(tmp_path: Path) -> None:
    log, out = tmp_path / "app.log", tmp_path / "out"
    log.write_text("first\n")
    limits = ("max_inotify_instances", "max_inotify_watches")
    no_watches = in_namespace(" && ".join(f"echo 0 > /proc/sys/user/{limit}" for limit in limits))
    with reader(log, out, *no_watches):
        assert wait_for(out, ["first"]) == ["first"]
        log.rename(tmp_path / "app.log.1")
        log.write_text("second\n")
        assert wait_for(out, ["first", "second"]) == ["first", "second"]


@needs_namespaces
def test_a_full_disk_stops_no_reading(tmp_path: Path) -> None:
    log, out, full = tmp_path / "app.log", tmp_path / "out", tmp_path / "full"
    full.mkdir()
    log.write_text("first\n")
    disk = in_namespace(f"mount -t tmpfs -o size=4k none {full} && head -c 4096 /dev/zero > {full}/filler")
    with reader(log, out, *disk, checkpoint=full / "checkpoint.json"):
        assert wait_for(out, ["first"]) == ["first"]
        time.sleep(1.5)
        with log.open("a") as writer:
            writer.write("second\n")
        assert wait_for(out, ["first", "second"]) == ["first", "second"]


def test_a_burst_of_thirty_thousand_files_is_read(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).mkdir()
    collector = Collector([tmp_path], name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE), max_open_files=256)
    collector.begin(read_back_lines=None)
    seen: list[str] = []

    def look() -> None:
        collector.sweep()
        while collector.has_more:
            seen.extend(item.text for item in collector.gather().items if isinstance(item, LogLine))

    for number in range(30_000):
        fd = os.open(f"{tmp_path}/{number % 30}/{number}.log", os.O_WRONLY | os.O_CREAT)
        os.write(fd, b"%d\n" % number)
        os.close(fd)
        if number in (1_000, 20_000):
            look()
    look()
    assert sorted(map(int, seen)) == list(range(30_000))
    collector.close()
