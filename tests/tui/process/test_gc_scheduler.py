"""When full collections run, with a clock that a test moves."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui.process.gc_scheduler import INPUT_PAUSE_SECONDS, INTERVAL_SECONDS, LATEST_SECONDS, GcScheduler


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def collections() -> list[float]:
    return []


@pytest.fixture
def scheduler(clock: Clock, collections: list[float]) -> Iterator[GcScheduler]:
    thresholds = gc.get_threshold()
    scheduler = GcScheduler(clock, lambda: collections.append(clock.now))
    scheduler.start()
    yield scheduler
    gc.set_threshold(*thresholds)


def test_the_interpreter_collects_young_objects_only(scheduler: GcScheduler) -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[2] > 1_000_000
    assert gc.get_threshold()[0] < 10_000


def test_a_full_collection_runs_once_when_it_is_due(
    scheduler: GcScheduler, clock: Clock, collections: list[float]
) -> None:
    scheduler.run_if_due()
    assert collections == []
    clock.now += INTERVAL_SECONDS
    scheduler.run_if_due()
    scheduler.run_if_due()
    assert collections == [clock.now]


def test_keys_do_not_wait_for_a_collection(scheduler: GcScheduler, clock: Clock, collections: list[float]) -> None:
    clock.now += INTERVAL_SECONDS
    scheduler.note_input()
    scheduler.run_if_due()
    assert collections == []
    clock.now += INPUT_PAUSE_SECONDS
    scheduler.run_if_due()
    assert collections == [clock.now]


def test_a_collection_runs_in_the_end_even_if_keys_never_stop(
    scheduler: GcScheduler, clock: Clock, collections: list[float]
) -> None:
    clock.now += LATEST_SECONDS
    scheduler.note_input()
    scheduler.run_if_due()
    assert collections == [clock.now]


def test_without_a_start_no_collection_runs(clock: Clock, collections: list[float]) -> None:
    scheduler = GcScheduler(clock, lambda: collections.append(clock.now))
    clock.now += LATEST_SECONDS
    scheduler.run_if_due()
    assert collections == []
