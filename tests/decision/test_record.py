"""The stream's own record: how the scores of a stream move with what it has shown."""

from __future__ import annotations

from itertools import pairwise
from math import exp, log10
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision.record import EPISODE_LEVELS, StreamRecord
from core.errors import ArtifactError
from core.scale import episodes_per_hour
from core.support.arrays import Float64, Mask
from tests.helpers.stream import about

HOUR = 3_600.0
GRID = np.round(np.linspace(0.0, 1.0, 101), 2)


def all_of(count: int) -> Mask:
    return np.ones(count, np.bool_)


def course(record: StreamRecord, at: float) -> Float64:
    """What the record makes of scores at second `at`, without a trace."""
    again = StreamRecord.from_plain(record.to_plain())
    return again.apply(np.full(len(GRID), at), GRID.copy(), all_of(len(GRID)))


def shown(events: dict[float, float], hours: float, every: float = 30.0) -> StreamRecord:
    """The record of so many hours of scores of 0, but for those at some seconds."""
    at = np.unique([*np.arange(0.0, hours * HOUR + 1, every), *events])
    record = StreamRecord()
    record.apply(at, np.array([events.get(second, 0.0) for second in at.tolist()]), all_of(len(at)))
    return record


def counts(record: StreamRecord) -> list[float]:
    found: list[float] = record.to_plain()["counts"]
    return found


def test_the_levels_go_from_where_episodes_run_together_to_below_the_shipped_threshold() -> None:
    assert EPISODE_LEVELS[0] == 0.2
    assert EPISODE_LEVELS[-1] == 0.48
    assert np.diff(EPISODE_LEVELS) == about([0.02] * 14)


def test_a_stream_begins_at_the_shipped_calibration() -> None:
    np.testing.assert_allclose(course(StreamRecord(), 0.0), GRID, atol=1e-12)


def test_a_quiet_stream_raises_what_was_shipped_by_how_quiet_it_is() -> None:
    quiet = StreamRecord(hours=50.0)
    moved = course(quiet, 0.0)
    for level in (0.2, 0.3, 0.4):
        expected = level + 50 / 60 * log10(episodes_per_hour(level) * 50 + 1) / 5
        assert moved[level == GRID] == about(np.array([expected]))
    beyond = 0.48 + 50 / 60 * log10(episodes_per_hour(0.48) * 50 + 1) / 5
    expected = beyond + (0.5 - 0.48) / (1 - 0.48) * (1 - beyond)
    assert moved[GRID == 0.5] == about(np.array([expected]))
    assert (np.diff(moved) > 0).all()
    assert (moved[(GRID >= 0.2) & (GRID < 0.9)] > GRID[(GRID >= 0.2) & (GRID < 0.9)]).all()


def test_what_is_too_common_to_be_counted_is_never_raised() -> None:
    np.testing.assert_allclose(course(StreamRecord(hours=500.0), 0.0)[GRID < 0.2], GRID[GRID < 0.2], atol=1e-12)


def test_a_noisy_stream_lowers_them() -> None:
    noisy = StreamRecord(hours=50.0, counts=tuple(50 * 10 * episodes_per_hour(level) for level in EPISODE_LEVELS))
    moved = course(noisy, 0.0)
    assert (moved[GRID > 0] < GRID[GRID > 0]).all()
    assert moved[GRID == 0.4] == about(np.array([0.4 - 50 / 60 * 0.2]), abs=0.01)


def test_a_stream_as_noisy_as_shipped_leaves_the_scores_as_they_are() -> None:
    usual = StreamRecord(hours=500.0, counts=tuple(500 * episodes_per_hour(level) for level in EPISODE_LEVELS))
    moved = course(usual, 0.0)
    assert ((moved - GRID < 1e-3) & (moved - GRID > -0.02)).all()  # between two levels as often as the lower one
    counted = np.isin(GRID, EPISODE_LEVELS) | (GRID >= 0.48) | (GRID <= 0.2)
    np.testing.assert_allclose(moved[counted], GRID[counted], atol=1e-3)


@pytest.mark.parametrize("score", [0.2, 0.21, 0.2199, 0.3, 0.4599])
@pytest.mark.parametrize("every", [20.0, 100.0, 150.0, 600.0])
def test_what_never_ends_is_noise_and_not_one_episode(score: float, every: float) -> None:
    at = np.arange(0.0, 50 * HOUR, every)
    record = StreamRecord()
    moved = record.apply(at, np.full(len(at), score), all_of(len(at)))
    assert moved[-1] < score - 0.03


RECORDS = st.builds(StreamRecord, st.floats(0.0, 500.0), st.tuples(*[st.floats(0.0, 2_000.0)] * len(EPISODE_LEVELS)))


@given(record=RECORDS)
def test_what_scores_higher_goes_on_to_whatever_was_counted_except_at_0_and_at_1(record: StreamRecord) -> None:
    moved = course(record, 0.0)
    assert ((moved >= 0.0) & (moved <= 1.0)).all()
    inside = (moved[1:] > 0.0) & (moved[1:] < 1.0)
    assert (np.diff(moved)[inside] > 0.0).all()


STREAM = st.lists(
    st.tuples(
        st.sampled_from([-200.0, 0.0, 0.1, 30.0, 59.9, 60.0, 119.0, 121.0, 900.0, 9_000.0]),
        st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.36, 0.48, 0.499, 0.5, 0.8, 1.0]),
        st.booleans(),
    ),
    min_size=1,
    max_size=80,
)


@given(stream=STREAM, cuts=st.sets(st.integers(1, 79), max_size=6), hours=st.sampled_from([0.0, 40.0]))
def test_any_split_of_the_events_gives_the_same_scores(
    stream: list[tuple[float, float, bool]], cuts: set[int], hours: float
) -> None:
    gaps, scores, own = (np.array(each) for each in zip(*stream, strict=True))
    at = 1e6 + np.cumsum(gaps)
    whole, split = StreamRecord(hours), StreamRecord(hours)
    expected = whole.apply(at, scores, own)
    bounds = [0, *sorted(cut for cut in cuts if cut < len(at)), len(at)]
    parts = [split.apply(at[a:b], scores[a:b], own[a:b]) for a, b in pairwise(bounds)]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    assert split.to_plain() == whole.to_plain()


@given(stream=STREAM)
def test_what_the_record_is_not_about_is_neither_moved_nor_counted(stream: list[tuple[float, float, bool]]) -> None:
    gaps, scores, _ = (np.array(each) for each in zip(*stream, strict=True))
    record = StreamRecord(40.0)
    none = np.zeros(len(gaps), np.bool_)
    np.testing.assert_array_equal(record.apply(np.cumsum(gaps), scores, none), scores)
    assert not any(counts(record))


def test_the_scores_that_came_in_are_left_as_they_were() -> None:
    scores = np.array([0.3, 0.4])
    StreamRecord(40.0).apply(np.zeros(2), scores, all_of(2))
    assert scores.tolist() == [0.3, 0.4]


@pytest.mark.parametrize(
    ("events", "at_30", "at_20"),
    [
        ({}, 0.0, 0.0),
        ({100.0: 0.3}, 1.0, 1.0),
        ({100.0: 0.299}, 0.0, 1.0),
        ({100.0: 0.199}, 0.0, 0.0),
        ({100.0: 0.3, 219.0: 0.3}, 1.0, 1.0),
        ({100.0: 0.3, 220.0: 0.3}, 2.0, 2.0),
        ({100.0: 0.3, 200.0: 0.25, 300.0: 0.3}, 2.0, 2.0),
        ({100.0: 0.5}, 0.0, 0.0),
        ({100.0: 0.499}, 1.0, 1.0),
        ({100.0: 0.9, 219.0: 0.3}, 0.0, 0.0),
        ({100.0: 0.9, 220.0: 0.3}, 1.0, 1.0),
        ({100.0: 0.9, 200.0: 0.6, 310.0: 0.3}, 0.0, 0.0),
        ({100.0: 0.3, 150.0: 0.9, 200.0: 0.3}, 1.0, 1.0),
        ({100.0 + 90.0 * n: 0.3 for n in range(7)}, 1.0, 1.0),
        ({100.0 + 90.0 * n: 0.3 for n in range(8)}, 2.0, 2.0),
        ({100.0 + 100.0 * n: 0.3 for n in range(7)}, 2.0, 2.0),
    ],
    ids=["nothing", "one", "lower", "below all levels", "one episode", "two", "run together below",
         "an incident", "nearly one", "in the episode of one", "after it", "in a longer one", "before one",
         "nine minutes", "more than ten minutes", "ten minutes"],
)  # fmt: skip
def test_episodes_are_counted_at_each_level_that_they_reach(
    events: dict[float, float], at_30: float, at_20: float
) -> None:
    found = counts(shown(events, 0.5))
    moved = StreamRecord(100.0, tuple(found))
    assert round(found[5]) == at_30
    runs_together = events == {100.0: 0.3, 200.0: 0.25, 300.0: 0.3}
    assert round(found[0]) == (1.0 if runs_together else at_20)
    if runs_together:  # there are no fewer episodes of 0.2 than of 0.3 for all that
        same = StreamRecord(100.0, (at_20, *found[1:]))
        assert course(moved, 0.0)[GRID == 0.2] == about(course(same, 0.0)[GRID == 0.2], abs=1e-3)


def test_a_clock_that_is_set_back_by_much_begins_a_new_episode() -> None:
    record = StreamRecord()
    record.apply(np.array([10_000.0, 5_000.0, 5_010.0]), np.full(3, 0.3), all_of(3))
    assert counts(record)[0] == 2.0
    record = StreamRecord()
    record.apply(np.array([10_000.0, 9_000.0]), np.array([0.9, 0.3]), all_of(2))
    assert counts(record)[0] == 1.0


@pytest.mark.parametrize(
    ("gaps", "hours"),
    [
        ([60.0] * 60, 1.0), ([300.0] * 12, 1.0), ([600.0] * 12, 1.0), ([86_400.0], 1 / 12), ([-60.0] * 5, 0.0),
        ([1.0] * 59, 0.0),
    ],
)  # fmt: skip
def test_hours_are_those_of_the_log_and_a_pause_counts_for_five_minutes(gaps: list[float], hours: float) -> None:
    record = StreamRecord()
    at = np.cumsum([50_000.0, *gaps])
    record.apply(at, np.zeros(len(at)), all_of(len(at)))
    assert record.hours == about(hours, rel=0.01)


def test_the_course_is_made_again_after_a_minute_of_log() -> None:
    record = StreamRecord()
    at = np.array([0.0, 59.9, 60.0, 61.0, 360.0])
    moved = record.apply(at, np.array([0.3, 0.3, 0.31, 0.31, 0.31]), all_of(5))
    assert moved[:2].tolist() == [about(0.3), about(0.3)]
    assert abs(moved[2] - 0.31) > 1e-6
    assert moved[2] == moved[3] != moved[4]


def test_what_was_seen_fades_within_weeks() -> None:
    record = StreamRecord(100.0, (64.0,) * len(EPISODE_LEVELS))
    at = np.arange(0.0, 24 * HOUR + 1, 60.0)
    record.apply(at, np.zeros(len(at)), all_of(len(at)))
    kept = exp(-1 / 7)
    assert counts(record)[3] == about(64.0 * kept, rel=1e-4)
    assert record.hours == about(100.0 * kept + 168.0 * (1 - kept), rel=1e-3)


def test_the_time_between_two_runs_is_not_known_and_fades_nothing() -> None:
    record = StreamRecord(100.0, (64.0,) * len(EPISODE_LEVELS))
    record.apply(np.array([1e9]), np.zeros(1), all_of(1))
    assert (record.hours, counts(record)[0]) == (100.0, 64.0)


def test_a_record_is_kept_as_plain_numbers_and_goes_on() -> None:
    record = shown({1_000.0: 0.3, 5_000.0: 0.45}, 3.0)
    plain = record.to_plain()
    assert set(plain) == {"hours", "counts"}
    assert len(plain["counts"]) == len(EPISODE_LEVELS)
    again = StreamRecord.from_plain(plain)
    assert again.to_plain() == plain
    np.testing.assert_allclose(course(again, 0.0), course(record, 0.0))
    assert StreamRecord(1.23456789, (1.23456789,) * 15).to_plain() == {"hours": 1.2346, "counts": [1.2346] * 15}


GOOD = [0.0] * len(EPISODE_LEVELS)


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "the record of a stream cannot be read ('hours')"),
        ({"hours": 1.0}, "the record of a stream cannot be read ('counts')"),
        ({"hours": "x", "counts": GOOD}, "the record of a stream cannot be read (could not"),
        ({"hours": None, "counts": GOOD}, "the record of a stream cannot be read (float()"),
        ({"hours": 1.0, "counts": None}, "the record of a stream cannot be read ("),
        ({"hours": 1.0, "counts": GOOD[1:]}, "the record of a stream has values out of range"),
        ({"hours": 1.0, "counts": [*GOOD, 0.0]}, "the record of a stream has values out of range"),
        ({"hours": -1.0, "counts": GOOD}, "the record of a stream has values out of range"),
        ({"hours": float("nan"), "counts": GOOD}, "the record of a stream has values out of range"),
        ({"hours": 1e9, "counts": GOOD}, "the record of a stream has values out of range"),
        ({"hours": 1.0, "counts": [-0.1, *GOOD[1:]]}, "the record of a stream has values out of range"),
        ({"hours": 1.0, "counts": [*GOOD[1:], float("inf")]}, "the record of a stream has values out of range"),
    ],
)
def test_a_record_that_cannot_be_is_refused_in_one_line(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        StreamRecord.from_plain(plain)
    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith(": learn it again")
