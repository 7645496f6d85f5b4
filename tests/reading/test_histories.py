"""Random histories of file operations: every line comes exactly once, by an oracle."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.reading import search
from core.reading.decoder import LineDecoder
from core.reading.identity import Fingerprint
from core.reading.source import Source
from core.reading.tail import Chunk
from tests.helpers.logworld import Log, World

# The same ones each time, so that a change answers for what it breaks; with this variable others each time.
ASKED = os.environ.get("TAILSIGHT_HISTORIES")
HISTORIES = int(ASKED or "3000")
# For as many processes.
PARTS = 4
STEPS = 25

which = st.integers(0, 2)
# Long enough to leave the first KiB and the mark behind, with what a cut can divide.
texts = st.sampled_from(["x", "é" * 3, "→" * 40, "y" * 130, "\x1b[31mred\x1b[0m", "z" * 700])
# Lines that are written before something happens.
lines = st.integers(0, 4)


class Histories(RuleBasedStateMachine):
    """Writers, logrotate and an operator, in any order."""

    folder: Path

    @initialize(batch_lines=st.sampled_from([1, 3, 2000]), read_bytes=st.sampled_from([16, 100, 4096]))
    def begin(self, batch_lines: int, read_bytes: int) -> None:
        self.world = World(self.folder, batch_lines=batch_lines, read_bytes=read_bytes)
        self.serial = 0

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    def log(self, index: int) -> Log:
        """Return a log that exists and whose folder is there."""
        log = self.world.logs[0 if self.world.is_hidden else index]
        if log.content is None:
            log.create()
        return log

    def write_lines(self, log: Log, text: str, count: int, cut: int = 0, *, to_old: bool = False) -> None:
        content = log.old[-1][1] if to_old else log.content
        assert content is not None
        data = b"" if not content.data or content.data.endswith(b"\n") else b" completed\n"
        for _ in range(count):
            self.serial += 1
            data += f"{self.serial} {log.path.name} {text}\n".encode()
        if data and count:
            log.append(data[: len(data) - cut], to_old=to_old)

    @rule(index=which, text=texts, count=st.integers(1, 4), cut=st.integers(0, 5))
    def write(self, index: int, text: str, count: int, cut: int) -> None:
        log = self.world.logs[index]
        if log.content is None:
            log = self.log(index)
        self.write_lines(log, text, count, cut)

    @rule(index=which, text=texts, count=lines)
    def write_to_the_old_file(self, index: int, text: str, count: int) -> None:
        log = self.world.logs[index]
        if log.old and self.world.now - log.old[-1][2] <= 5 and log.old[-1][1].owed_to is None:
            self.write_lines(log, text, count, to_old=True)

    @rule(index=which, text=texts, count=lines, creates=st.booleans())
    def rotate(self, index: int, text: str, count: int, creates: bool) -> None:
        log = self.log(index)
        self.write_lines(log, text, count)
        if self.is_known(log):
            log.rotate()
            if creates:
                log.create()

    @rule(index=which, text=texts, before=lines, meanwhile=lines, halfway=st.booleans(), looks=st.booleans())
    def copy_truncate(self, index: int, text: str, before: int, meanwhile: int, halfway: bool, looks: bool) -> None:
        log = self.log(index)
        self.write_lines(log, text, before)
        if not self.is_known(log):
            return

        def in_between() -> None:
            self.write_lines(log, text, meanwhile)
            if looks:
                self.world.look()

        log.copy_truncate(in_between, halfway=halfway)

    @rule(index=which, text=texts, count=lines)
    def truncate(self, index: int, text: str, count: int) -> None:
        log = self.log(index)
        log.truncate()
        self.write_lines(log, text, count)

    @rule(index=which, text=texts, count=lines, recreates=st.booleans())
    def delete(self, index: int, text: str, count: int, recreates: bool) -> None:
        log = self.log(index)
        self.write_lines(log, text, count)
        log.delete()
        if recreates:
            log.create()

    @rule(index=which)
    def compress(self, index: int) -> None:
        self.log(index).compress()

    @rule()
    def hide_or_bring_back_the_folder(self) -> None:
        if self.world.is_hidden:
            self.world.unhide()
        else:
            self.world.hide()

    @rule(seconds=st.sampled_from([2, 6, 40]))
    def pass_time(self, seconds: int) -> None:
        if not (self.world.is_hidden and seconds > 6):
            self.world.pass_time(seconds)
            self.world.look()

    @rule()
    def look(self) -> None:
        self.world.look()

    @rule(index=which, text=texts, count=lines, batches=st.integers(0, 2))
    def look_slowly(self, index: int, text: str, count: int, batches: int) -> None:
        self.write_lines(self.log(index), text, count)
        self.world.look(batches=batches)

    @rule()
    def save(self) -> None:
        self.world.save()

    @precondition(lambda self: not self.world.is_hidden)
    @rule(index=which, text=texts, count=lines, batches=st.none() | st.integers(0, 3), saves=st.booleans())
    def crash(self, index: int, text: str, count: int, batches: int | None, saves: bool) -> None:
        self.write_lines(self.log(index), text, count)
        self.world.look(batches=batches)
        if saves or not self.world.checkpoint.exists():
            self.world.save()
        self.world.crash()

    def is_known(self, log: Log) -> bool:
        """A log in a folder is known once it was seen: what came and went before that, nobody asked for."""
        assert log.content is not None
        return log is self.world.log or log.content.seen


def run(folder: Path, histories: int, phases: Sequence[Phase] = tuple(Phase), part: int = 0) -> None:
    class Here(Histories):
        pass

    if ASKED is None:
        seed(part)(Here)

    Here.folder = folder / "world"
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
        ),
    )


@pytest.fixture(autouse=True)
def fast_and_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine does not crash with the reader: what is written need not reach the disk.
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    # The world stamps its files to the nanosecond.
    monkeypatch.setattr(search, "CLOCK_GRAIN_NS", 0)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_line_comes_once_in_every_history(part: int, tmp_path: Path) -> None:
    run(tmp_path, HISTORIES // PARTS, part=part)


def _trust_the_size(patch: pytest.MonkeyPatch) -> None:
    def opens(self: Fingerprint, data: bytes) -> bool:
        return len(data) >= self.length

    patch.setattr(Fingerprint, "opens", opens)


def _let_go_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Source, "retire", Source.finish)


def _do_not_wait_for_line_ends(patch: pytest.MonkeyPatch) -> None:
    feed = LineDecoder.feed
    patch.setattr(LineDecoder, "feed", lambda self, data: feed(self, data) + self.flush())


def _resume_where_it_read(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Chunk, "position", lambda self, last: self.tail.position)


@pytest.mark.parametrize(
    "break_it",
    [
        _trust_the_size,
        _let_go_at_once,
        _do_not_wait_for_line_ends,
        pytest.param(_resume_where_it_read, marks=pytest.mark.slow),
    ],
)
def test_a_broken_reader_fails_the_oracle(
    break_it: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_it(monkeypatch)
    with pytest.raises((AssertionError, BaseExceptionGroup)):
        run(tmp_path, 1000, phases=[Phase.generate])
