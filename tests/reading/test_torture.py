"""Real processes, stopped to force the races, with GNU tail as a control that is known to lose lines."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class Race:
    """A log, the reader and tail on it, and every line that was ever written."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "app.log"
        self.written: list[str] = []
        self.fd = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.write(100)
        self.out, self.tail_out = folder / "out", folder / "tail"
        with self.tail_out.open("wb") as out:
            self.readers = [
                subprocess.Popen([sys.executable, "-m", "tests.soak.follow", self.log, self.out], cwd=ROOT),
                subprocess.Popen(["tail", "-n", "+1", "-F", self.log], stdout=out, stderr=subprocess.DEVNULL),
            ]
        for out_path in (self.out, self.tail_out):
            self.wait_until(lambda path=out_path: self.read(path) == self.written)  # type: ignore[misc]

    def read(self, out: Path) -> list[str]:
        return out.read_text().splitlines() if out.exists() else []

    def wait_until(self, is_so: Callable[[], bool], seconds: float = 120.0) -> None:
        deadline = time.monotonic() + seconds
        while not is_so() and time.monotonic() < deadline:
            time.sleep(0.05)

    def write(self, count: int, fd: int | None = None) -> None:
        lines = [f"line {len(self.written) + number} of the log" for number in range(count)]
        self.written += lines
        os.write(self.fd if fd is None else fd, "".join(f"{line}\n" for line in lines).encode())

    def reopen(self) -> int:
        """Create the log again; return what was the writer's descriptor."""
        old, self.fd = self.fd, os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        return old

    def rotate(self) -> None:
        for number in range(8, 0, -1):
            older = self.log.with_name(f"app.log.{number}")
            if older.exists():
                older.rename(self.log.with_name(f"app.log.{number + 1}"))
        self.log.rename(self.log.with_name("app.log.1"))

    def stop(self) -> None:
        for reader in self.readers:
            reader.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        for reader in self.readers:
            reader.send_signal(signal.SIGCONT)

    def close(self) -> None:
        for reader in self.readers:
            reader.kill()
            reader.wait()
        os.close(self.fd)


@pytest.fixture
def race(tmp_path: Path) -> Iterator[Race]:
    if shutil.which("tail") is None:
        pytest.skip("GNU tail is not installed: there is no control")
    race = Race(tmp_path)
    yield race
    race.close()


def the_writer_stays_on_the_old_file(race: Race) -> None:
    race.rotate()
    old = race.reopen()
    race.write(300)
    time.sleep(2.5)
    race.write(300, old)
    os.close(old)


def the_new_file_comes_late(race: Race) -> None:
    race.rotate()
    race.write(200)
    time.sleep(2.5)
    old = race.reopen()
    race.write(200)
    time.sleep(1.5)
    race.write(200, old)
    os.close(old)


def it_is_rotated_several_times_between_two_looks(race: Race) -> None:
    race.stop()
    for _ in range(3):
        race.write(100)
        race.rotate()
        os.close(race.reopen())
        race.write(100)
    race.go_on()


def it_is_copied_and_truncated_between_two_looks(race: Race) -> None:
    race.stop()
    race.write(300)
    shutil.copyfile(race.log, race.log.with_name("app.log.1"))
    os.ftruncate(race.fd, 0)
    race.write(50)
    race.go_on()


def it_is_truncated_and_has_outgrown_what_was_read(race: Race) -> None:
    race.stop()
    os.ftruncate(race.fd, 0)
    race.write(1000)
    race.go_on()


def it_is_deleted_and_made_again_twice(race: Race) -> None:
    race.stop()
    race.write(100)
    race.log.unlink()
    os.close(race.reopen())
    race.write(100)
    race.go_on()


def the_copy_is_seen_half_written(race: Race) -> None:
    copy = race.log.with_name("app.log.1")
    race.write(100)
    whole = race.log.read_bytes()
    copy.write_bytes(whole[:500])
    time.sleep(1.5)
    race.stop()
    race.write(100)
    copy.write_bytes(race.log.read_bytes())
    os.ftruncate(race.fd, 0)
    race.write(50)
    race.go_on()


@pytest.mark.parametrize(
    ("happens", "tail_loses"),
    [
        (the_writer_stays_on_the_old_file, True),
        (the_new_file_comes_late, True),
        (it_is_rotated_several_times_between_two_looks, True),
        (it_is_copied_and_truncated_between_two_looks, True),
        (it_is_truncated_and_has_outgrown_what_was_read, True),
        (the_copy_is_seen_half_written, True),
        (it_is_deleted_and_made_again_twice, False),
    ],
)
def test_every_line_comes_once_where_tail_loses_some(
    happens: Callable[[Race], None], tail_loses: bool, race: Race
) -> None:
    happens(race)
    race.wait_until(lambda: len(race.read(race.out)) >= len(race.written))
    ours, theirs = race.read(race.out), set(race.read(race.tail_out))
    assert sorted(ours) == sorted(race.written)
    if tail_loses:
        assert len(set(race.written) - theirs) > 0
