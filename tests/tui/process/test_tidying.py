"""When the collector walks over everything, with a clock that a test moves."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from tui.process.tidying import EVERY_SECONDS, LATEST_SECONDS, UNTOUCHED_SECONDS, Tidying


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
def tidying(clock: Clock, collections: list[float]) -> Iterator[Tidying]:
    thresholds = gc.get_threshold()
    tidying = Tidying(clock, lambda: collections.append(clock.now))
    tidying.begin()
    yield tidying
    gc.set_threshold(*thresholds)


def test_the_interpreter_collects_in_full_no_more_but_young_garbage_as_before(tidying: Tidying) -> None:
    assert gc.isenabled()
    assert gc.get_threshold()[2] > 1_000_000
    assert gc.get_threshold()[0] < 10_000


def test_it_is_tidied_once_when_it_is_time(tidying: Tidying, clock: Clock, collections: list[float]) -> None:
    tidying.tidy()
    assert collections == []
    clock.now += EVERY_SECONDS
    tidying.tidy()
    tidying.tidy()
    assert collections == [clock.now]


def test_an_operator_at_work_is_not_held_up(tidying: Tidying, clock: Clock, collections: list[float]) -> None:
    clock.now += EVERY_SECONDS
    tidying.touch()
    tidying.tidy()
    assert collections == []
    clock.now += UNTOUCHED_SECONDS
    tidying.tidy()
    assert collections == [clock.now]


def test_an_operator_who_never_pauses_is_held_up_in_the_end(
    tidying: Tidying, clock: Clock, collections: list[float]
) -> None:
    clock.now += LATEST_SECONDS
    tidying.touch()
    tidying.tidy()
    assert collections == [clock.now]


def test_an_app_within_another_program_leaves_its_collector_alone(clock: Clock, collections: list[float]) -> None:
    tidying = Tidying(clock, lambda: collections.append(clock.now))
    clock.now += LATEST_SECONDS
    tidying.tidy()
    assert collections == []
