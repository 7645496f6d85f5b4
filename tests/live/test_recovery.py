"""A stream that fails goes on where it broke: every line is shown once, and one that always fails without a score."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import cast

import pytest

from core.events import Item, LogLine, Notice, ScoredEvent, Update
from core.live.followed import FollowedStream
from core.live.recovery import ATTEMPTS, Recovery
from core.pipeline import Pipeline
from core.reading import Follower, Start
from tests.helpers.events import scored_event

# What waits for something that does not come is stopped in the end.
pytestmark = pytest.mark.timeout(600)

AT_ONCE = (0.0,)


class BrokenError(Exception):
    """What the pipeline of these tests fails with."""


class FakePipeline:
    """Gives each line a score of 0.1, and fails as it is told."""

    fit = 1.0

    def __init__(self, check: Callable[[LogLine], None]) -> None:
        self._check = check
        self.scored = 0

    def prepare(self, items: Sequence[LogLine | Notice] | None) -> Sequence[LogLine | Notice]:
        """Take what was read."""
        return items or ()

    def judge(self, _: object) -> None:
        """Ask no network."""

    def finish(self, prepared: Sequence[LogLine | Notice], _: object) -> list[Item]:
        """Score lines."""
        return [item if isinstance(item, Notice) else self._score(item) for item in prepared]

    def quiet(self) -> list[Item]:
        """Hold nothing back."""
        return []

    def _score(self, line: LogLine) -> ScoredEvent:
        self._check(line)
        self.scored += 1
        return scored_event(source=line.source, line=line.number, message=line.text)


class FakeModel:
    """Makes such pipelines."""

    def __init__(self, check: Callable[[LogLine], None]) -> None:
        self._check = check

    def load(self) -> Callable[[], FakePipeline]:
        """Load nothing."""
        return lambda: FakePipeline(self._check)


def followed(log: Path, check: Callable[[LogLine], None]) -> FollowedStream:
    def follow(stop: threading.Event, again: bool) -> Follower:
        start = Start.RESUME if again else Start.START
        return Follower([log], stop, start=start, checkpoint=log.with_suffix(".checkpoint"))

    return FollowedStream(cast("Callable[[], Callable[[], Pipeline]]", FakeModel(check).load), follow)


def items_until(stream: FollowedStream, last: str) -> tuple[list[Item], list[Update]]:
    """Run the stream until an item has this text; return all its items, and the updates that told of a failure."""
    stop = threading.Event()
    items: list[Item] = []
    failed: list[Update] = []
    for update in Recovery(stream, pauses=AT_ONCE)(stop):
        items += update.items
        failed += [update] if update.phase == "failed" else []
        if any(last in text for text in texts(update.items)):
            stop.set()
    return items, failed


def texts(items: Sequence[Item]) -> list[str]:
    return [item.event.message if isinstance(item, ScoredEvent) else item.text for item in items]  # type: ignore[union-attr]


def test_after_a_failure_every_line_is_shown_once(tmp_path: Path) -> None:
    log = tmp_path / "nova.log"
    log.write_text("".join(f"line {number}\n" for number in range(3)))
    left = ["line 4"]

    def check(line: LogLine) -> None:
        if line.text in left:
            left.remove(line.text)
            raise BrokenError
        if line.text == "line 2":
            with log.open("a") as file:
                file.write("line 3\nline 4\nline 5\n")

    items, failed = items_until(followed(log, check), "line 5")
    scored = [item.event.message for item in items if isinstance(item, ScoredEvent)]
    assert scored == [f"line {number}" for number in range(6)]
    assert [update.detail for update in failed] == ["BrokenError; next try in 0 ms"]


def test_a_line_that_always_fails_is_shown_without_a_score(tmp_path: Path) -> None:
    log = tmp_path / "nova.log"
    log.write_text("before\npoison\n")

    def check(line: LogLine) -> None:
        if line.text == "poison":
            if log.stat().st_size < 20:
                with log.open("a") as file:
                    file.write("after the poison\n")
            raise BrokenError

    items, failed = items_until(followed(log, check), "after the poison")
    assert len(failed) >= ATTEMPTS
    assert "not scored: poison" in texts(items)


class Flaky:
    """Fails as often as it is told, each time before it gives anything."""

    def __init__(self, failures: int) -> None:
        self._failures = failures
        self.given_up = 0

    def __call__(self, stop: threading.Event) -> Iterator[Update]:
        """Fail, or give one event."""
        self._failures -= 1
        if self._failures >= 0:
            raise ValueError("the device is gone\nfor good")
        yield Update((scored_event(),), "live", 1, 1, 0, 1.0)

    def give_up(self) -> None:
        """Count."""
        self.given_up += 1


def test_a_failure_is_told_in_one_line_and_tried_again_until_it_works() -> None:
    stream = Flaky(failures=5)
    updates = list(Recovery(stream, pauses=AT_ONCE)(threading.Event()))
    assert [update.phase for update in updates] == ["failed"] * 5 + ["live"]
    assert updates[0].detail.startswith("the device is gone; next try")
    assert stream.given_up == 1


@pytest.mark.parametrize("leave", [True, False], ids=["leaving", "hurrying"])
def test_a_pause_ends_when_the_operator_wants_it_to(*, leave: bool) -> None:
    stop = threading.Event()
    recovery = Recovery(Flaky(failures=1), pauses=(3_600.0,))
    updates = recovery(stop)
    assert next(updates).detail.endswith("next try in 1 h 00 min")
    threading.Timer(0.05, stop.set if leave else recovery.hurry).start()
    assert [update.phase for update in updates] == ([] if leave else ["live"])
