"""Chronic failures: when a template that reports one has become usual, and that an outage has not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import LogEvent
from core.features.template import FailureRecord, Novelty
from tests.helpers.stream import UNKNOWN, about, batch_of, event, learned, spread

HOUR = 3_600.0
DAY = 24 * HOUR
START = 1_000_000 * HOUR
"""A whole hour."""


def record(failures: Sequence[float], served: Sequence[int] = ()) -> FailureRecord:
    """A template that came at these seconds; `served` counts the normal events of the service up to each."""
    found = FailureRecord()
    for at, count in zip(failures, served or [0] * len(failures), strict=True):
        found.learn(START + at, count)
    return found


def chronic(failures: Sequence[float], at: float, served: Sequence[int] = ()) -> bool:
    return record(failures, served).is_chronic(START + at)


HOURLY = [HOUR * hour for hour in range(24)]
EVERY_MINUTE_FOR_22_HOURS = [60.0 * minute for minute in range(22 * 60)]


@pytest.mark.parametrize(
    ("failures", "served", "at", "expected"),
    [
        ([], [], 5 * DAY, False),
        ([0.0], [0], 2 * DAY, False),
        (HOURLY, [0] * 24, DAY - 1.0, False),
        (HOURLY, [0] * 24, DAY, True),
        (EVERY_MINUTE_FOR_22_HOURS, range(22 * 60), 22 * HOUR, False),
        (EVERY_MINUTE_FOR_22_HOURS, range(22 * 60), DAY - 1.0, False),
        (EVERY_MINUTE_FOR_22_HOURS, range(22 * 60), DAY, True),
        ([0.0, *[12 * HOUR + HOUR * n for n in range(11)]], [0] * 12, DAY, False),
        ([0.0, *[12 * HOUR + HOUR * n for n in range(12)]], [0] * 13, DAY, True),
        (HOURLY, [0] * 24, 24 * HOUR + 11 * HOUR, True),
        (HOURLY, [0] * 24, 24 * HOUR + 12 * HOUR, False),
        (HOURLY, [0] * 24, 90 * DAY, False),
        ([0.0, HOUR], [0, 1], DAY, True),
        ([0.0, HOUR], [0, 1], DAY - 1.0, False),
        ([0.0, HOUR], [0, 1], 90 * DAY, True),
        ([0.0, HOUR], [1, 1], DAY, False),
        ([0.0, HOUR - 1.0], [0, 1], DAY, False),
        ([0.0, 0.5 * HOUR, HOUR, 1.5 * HOUR], [0, 1, 2, 3], DAY, False),
    ],
    ids=["never", "once", "each hour, not a day old", "each hour, a day old", "an outage", "just under a day",
         "a day old", "11 hours", "12 hours", "12 left", "11 left", "long gone", "two runs", "two runs of today",
         "two runs long ago", "no service between", "too close for two runs", "one long run"],
)  # fmt: skip
def test_a_failure_is_chronic_by_its_hours_or_by_its_runs_once_it_is_a_day_old(
    failures: Sequence[float], served: Sequence[int], at: float, expected: bool
) -> None:
    assert chronic(failures, at, served) is expected


SECONDS = st.lists(st.floats(0.0, 3 * DAY), max_size=60).map(sorted)


@given(failures=SECONDS, at=st.floats(0.0, DAY, exclude_max=True))
def test_nothing_that_is_younger_than_a_day_is_chronic(failures: list[float], at: float) -> None:
    first = failures[0] if failures else 0.0
    assert not chronic(failures, first + at - 1e-3, range(len(failures)))


@given(failures=SECONDS, later=st.floats(0.0, 2 * DAY))
def test_without_normal_service_between_the_hours_of_the_last_day_decide(failures: list[float], later: float) -> None:
    at = (failures[-1] if failures else 0.0) + later
    hours = {int(second // HOUR) for second in failures}
    recent = [hour for hour in hours if int(at // HOUR) - 24 < hour <= int(at // HOUR)]
    old = bool(failures) and (START + at) - (START + failures[0]) >= DAY
    assert chronic(failures, at) is (old and len(recent) >= 12)


@given(failures=st.lists(st.floats(0.0, 3 * DAY), min_size=2, max_size=20), back=st.floats(0.0, DAY))
def test_a_clock_that_is_set_back_makes_no_runs_and_breaks_nothing(failures: list[float], back: float) -> None:
    found = record(failures, range(len(failures)))
    assert found.is_chronic(START + failures[-1] - back) in {True, False}
    found.learn(START - 10 * DAY, 100)
    assert not record([DAY, 0.0], [0, 5]).is_chronic(START + 3 * DAY)


def failure(at: float, level: str = "ERROR") -> LogEvent:
    return event("The backup could not be written", at, level=level)


def novelty(events: Sequence[LogEvent]) -> list[Novelty]:
    batch = batch_of(events, UNKNOWN)
    return [batch.record(Novelty, row) for row in range(len(batch))]


def nightly() -> list[LogEvent]:
    """Four nights, each with a failure that normal service goes before."""
    return [each for night in range(4) for each in (event("Usual", night * DAY), failure(night * DAY + 1.0))]


def test_an_error_of_each_night_is_chronic_from_its_third_on_and_then_no_longer_new() -> None:
    found = novelty(nightly())[1::2]
    assert [each.chronic for each in found] == [False, False, True, True]
    assert [each.judged for each in found] == [False, False, True, True]
    assert not any(each.new_template or each.known for each in found)
    assert (found[3].rarity, found[3].familiarity) == (about(1 / 4), 2)


def test_the_same_without_a_level_of_failure_has_no_such_record() -> None:
    assert not any(each.chronic for each in novelty([each._replace(level="INFO") for each in nightly()]))


def test_an_outage_of_22_hours_is_not_usual_at_its_end() -> None:
    events = [each for at in range(0, 22 * 3_600, 60) for each in (event("Usual", at), failure(at + 1.0))]
    assert not any(each.chronic for each in novelty(events))


def test_a_failure_that_the_baseline_knows_can_be_chronic_too() -> None:
    usual = spread([event("Usual"), failure(0.0)] * 30)
    batch = batch_of(nightly(), learned(usual))
    found = [batch.record(Novelty, row) for row in range(8)][1::2]
    assert [each.chronic for each in found] == [False, False, True, True]
    assert all(each.known and not each.new_template for each in found)


def test_one_service_s_failures_are_not_those_of_another() -> None:
    events = [*nightly()[:-1], failure(3 * DAY + 1.0)._replace(service="nova-api")]
    assert [each.chronic for each in novelty(events)][5::2] == [True, False]
