"""Whatever happens to the files, every line comes once: histories drawn at random, and an oracle for each line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.reading.collector import Collector
from tests.support.logworld import Log, World

HISTORIES = int(os.environ.get("TAILSIGHT_HISTORIES", "3000"))
STEPS = 25

which = st.integers(0, 2)
# Long enough to leave the first KiB and the mark behind, with what a cut can divide.
texts = st.sampled_from(["x", "é" * 3, "→" * 40, "y" * 130, "\x1b[31mred\x1b[0m", "z" * 700])


class Histories(RuleBasedStateMachine):
    """Writers, logrotate and an operator, in any order."""

    collector: type[Collector] = Collector
    folder: Path

    @initialize(
        batch_lines=st.sampled_from([1, 3, 2000]),
        read_bytes=st.sampled_from([16, 100, 4096]),
        exists=st.booleans(),
    )
    def begin(self, batch_lines: int, read_bytes: int, exists: bool) -> None:
        self.world = World(self.folder, collector=self.collector, batch_lines=batch_lines, read_bytes=read_bytes)
        self.serial = 0
        if exists:
            self.world.log.create()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.close()

    def log(self, index: int) -> Log:
        return self.world.logs[0 if self.world.is_hidden else index]

    def line(self, log: Log, text: str) -> bytes:
        self.serial += 1
        return f"{self.serial} {log.path.name} {text}\n".encode()

    @rule(index=which, text=texts, count=st.integers(1, 4), cut=st.integers(0, 5))
    def write(self, index: int, text: str, count: int, cut: int) -> None:
        log = self.world.logs[index]
        if log.content is None:
            return
        if log.content.data and not log.content.data.endswith(b"\n"):
            log.append(b" completed\n")
        data = b"".join(self.line(log, text) for _ in range(count))
        log.append(data[: len(data) - cut])

    @rule(index=which)
    def create(self, index: int) -> None:
        log = self.log(index)
        if log.content is None:
            log.create()

    @rule(index=which, text=texts, completes=st.booleans())
    def write_to_the_old_file(self, index: int, text: str, completes: bool) -> None:
        log = self.world.logs[index]
        if log.old and self.world.now - log.old[-1][2] <= 5 and log.old[-1][1].owed_to is None:
            content = log.old[-1][1]
            if content.data and not content.data.endswith(b"\n"):
                log.append(b" completed\n", to_old=True)
            if completes:
                log.append(self.line(log, text), to_old=True)

    @rule(index=which, creates=st.booleans())
    def rotate(self, index: int, creates: bool) -> None:
        log = self.log(index)
        if self.is_known(log):
            log.rotate()
            if creates:
                log.create()

    @rule(index=which, text=texts, writes=st.booleans(), halfway=st.booleans(), looks=st.booleans())
    def copy_truncate(self, index: int, text: str, writes: bool, halfway: bool, looks: bool) -> None:
        log = self.log(index)
        if not self.is_known(log):
            return

        def meanwhile() -> None:
            if writes and log.content is not None and (not log.content.data or log.content.data.endswith(b"\n")):
                log.append(self.line(log, text))
            if looks:
                self.world.look()

        log.copy_truncate(meanwhile, halfway=halfway)

    @rule(index=which)
    def truncate(self, index: int) -> None:
        log = self.log(index)
        if log.content is not None:
            log.truncate()

    @rule(index=which, recreates=st.booleans())
    def delete(self, index: int, recreates: bool) -> None:
        log = self.log(index)
        if log.content is not None:
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

    @rule(batches=st.integers(0, 2))
    def look_slowly(self, batches: int) -> None:
        self.world.look(batches=batches)

    @rule()
    def save(self) -> None:
        self.world.save()

    @precondition(lambda self: self.world.checkpoint.exists() and not self.world.is_hidden)
    @rule(looks=st.booleans())
    def crash(self, looks: bool) -> None:
        if looks:
            self.world.look()
        self.world.crash()

    def is_known(self, log: Log) -> bool:
        """A log in a folder is known once it was seen: what came and went before that, nobody asked for."""
        return log.content is not None and (log is self.world.log or log.content.seen)


def run(machine: type[Histories], folder: Path, histories: int) -> None:
    class Here(machine):  # type: ignore[valid-type,misc]
        pass

    Here.folder = folder / "world"
    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=histories,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=(Phase.generate,) if machine is not Histories else tuple(Phase),
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_line_comes_once_in_every_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # The machine does not crash with the reader: what is written need not reach the disk.
    monkeypatch.setattr(os, "fsync", lambda fd: None)
    run(Histories, tmp_path, HISTORIES)
