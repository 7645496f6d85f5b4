"""Curves fitted on healthy streams: what a score promises is what the streams have."""

from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.scale import Curve, episodes_per_hour
from core.support.arrays import Float64
from core.training.curves import FittedCurve, Healthy, count_episodes, episode_peaks, fit_curve

HOUR = 3_600.0
HOURS = 400.0
PER_HOUR = 20.0
"""Events that say something, at random times; the strength of each is exponential."""


def healthy(seed: int, hours: float = HOURS, theta: float = 1.0) -> Healthy:
    """A stream with many events that say nothing, and 20 an hour that do: exp(-s / theta) of them reach s."""
    draw = np.random.default_rng(seed)
    at = np.sort(
        np.concatenate((np.arange(0.0, hours * HOUR, 20.0), draw.uniform(0.0, hours * HOUR, int(hours * PER_HOUR))))
    )
    strengths = np.full(len(at), -np.inf)
    meant = draw.choice(len(at), int(hours * PER_HOUR), replace=False)
    strengths[meant] = draw.exponential(theta, len(meant))
    return Healthy(at, strengths)


@pytest.fixture(scope="module")
def fitted() -> FittedCurve:
    return fit_curve([healthy(1), healthy(2)])


def strength_at(curve: Curve, score: float) -> float:
    if score > curve.scores[-1]:
        return float(curve.strengths[-1] + (score - curve.scores[-1]) / curve.tail)
    return float(np.interp(score, curve.scores, curve.strengths))


@pytest.mark.parametrize("score", [0.2, 0.25, 0.3, 0.4, 0.5])
@pytest.mark.parametrize("seeds", [(1, 2), (3, 4)], ids=["of the fit", "fresh"])
def test_a_score_is_reached_as_often_as_it_says(fitted: FittedCurve, score: float, seeds: tuple[int, int]) -> None:
    found = count_episodes([healthy(seed) for seed in seeds], strength_at(fitted.curve, score))
    expected = episodes_per_hour(score) * 2 * HOURS
    assert abs(found - expected) <= 4.0 * sqrt(expected) + 1.0


@pytest.mark.parametrize("theta", [0.5, 1.0, 4.0])
def test_the_tail_goes_on_as_the_healthy_strengths_fall(theta: float) -> None:
    found = fit_curve([healthy(7, theta=theta)]).curve
    expected = 1.0 / (theta * log(10.0) * 5.0)
    assert 0.5 * expected < found.tail < 2.0 * expected  # the mean of five values
    slope = np.diff(found.scores)[-8:].sum() / np.diff(found.strengths)[-8:].sum()
    assert slope == pytest.approx(expected, rel=0.4)


def test_the_tail_is_the_mean_of_what_lies_above_the_last_count_and_of_one_more() -> None:
    at = np.arange(0.0, 100 * HOUR, 60.0)
    strengths = np.full(len(at), -1.0)
    strengths[::500] = np.arange(12.0)  # twelve episodes, and five is the least that is counted
    found = fit_curve([Healthy(at, strengths)])
    assert found.curve.strengths[-1] == 7.0
    theta = (sum(range(1, 5)) + 1.0) / 5.0
    assert found.curve.tail == pytest.approx(1.0 / (theta * log(10.0) * 5.0))
    assert found.counted_to == pytest.approx(0.5 - np.log10(5 / found.hours / 0.1) / 5)
    assert found.hours == pytest.approx(100.0, rel=1e-3)


def test_where_nothing_was_counted_the_tail_goes_on_from_what_was(fitted: FittedCurve) -> None:
    plain = fitted.to_plain()
    assert plain["hours"] == pytest.approx(2 * HOURS, rel=1e-3)
    assert plain["counted_to"] == pytest.approx(0.5 - np.log10(5 / (2 * HOURS) / 0.1) / 5, abs=0.01)
    assert plain.keys() == {"strengths", "scores", "tail", "hours", "counted_to"}


def test_below_what_can_be_counted_a_score_is_linear_in_the_logarithm_of_the_share() -> None:
    draw = np.random.default_rng(3)
    at = np.arange(0.0, 200 * HOUR, 5.0)
    curve = fit_curve([Healthy(at, draw.exponential(1.0, len(at)))]).curve
    first = strength_at(curve, 0.2)
    for share in (0.9, 0.5, 0.1, 0.03):
        assert curve(np.array(-log(share))) == pytest.approx(0.2 * -log(share) / first, abs=0.01)
    assert curve(np.array(0.0)) <= 0.002


def test_a_log_that_is_busy_for_hours_keeps_to_what_its_curve_says() -> None:
    draw = np.random.default_rng(0)
    at = np.arange(0.0, 100 * HOUR, 10.0)
    busy = at // HOUR % 10 == 0
    strengths = np.where(busy, 5.0 + draw.exponential(1.0, len(at)), draw.exponential(1.0, len(at)) - 3.0)
    strengths[~busy & (draw.random(len(at)) < 0.99)] = -np.inf
    stream = Healthy(at, strengths)
    curve = fit_curve([stream]).curve
    for score in (0.2, 0.3, 0.4, 0.5):
        for more in (0.0, 0.5, 1.0, 2.0, 4.0):
            found = count_episodes([stream], strength_at(curve, score) + more)
            assert found <= episodes_per_hour(score) * 100 * 1.3 + 1


STREAM = st.lists(
    st.tuples(st.sampled_from([0.0, 1.0, 50.0, 130.0, 9_000.0]), st.sampled_from([-np.inf, -2.0, 0.0, 1.0, 1.5, 30.0])),
    min_size=1,
    max_size=200,
)


@settings(max_examples=60)
@given(streams=st.lists(STREAM, min_size=1, max_size=3))
def test_whatever_was_healthy_the_curve_rises_and_can_be_read_back(streams: list[list[tuple[float, float]]]) -> None:
    healthy_streams = []
    for stream in streams:
        gaps, strengths = (np.array(each) for each in zip(*stream, strict=True))
        healthy_streams.append(Healthy(np.cumsum(gaps), strengths))
    curve = fit_curve(healthy_streams).curve
    assert np.diff(curve.strengths).min() > 1e-5
    assert np.diff(curve.scores).min() > 1e-5
    again = Curve.from_plain(curve.to_plain())
    scores = again(np.linspace(-5.0, 500.0, 40))
    assert (np.diff(scores) >= 0.0).all()
    assert scores[-1] > scores[0] or scores[-1] in {0.0, 1.0}


@pytest.mark.parametrize(("hours", "score"), [(100.0, 0.7), (1.0, 0.3), (0.1, 0.3)])
def test_where_no_event_is_meant_whatever_comes_is_as_rare_as_one_in_all_the_hours(hours: float, score: float) -> None:
    at = np.arange(0.0, hours * HOUR + 1.0, 10.0)
    found = fit_curve([Healthy(at, np.full(len(at), -np.inf))])
    assert found.curve(np.array(0.0)) == pytest.approx(score, abs=1e-3)
    assert found.counted_to == pytest.approx(score, abs=1e-3)
    assert found.curve(np.array(1.0)) > score


def stamps(*seconds: float) -> Float64:
    return np.array(seconds)


def test_hours_leave_out_pauses_and_do_not_need_order() -> None:
    assert Healthy(stamps(0.0, 300.0, 100.0, 5_000.0), np.zeros(4)).hours == pytest.approx(600.0 / HOUR)


def test_the_peaks_are_the_highest_of_each_two_minutes_of_each_stream() -> None:
    one = Healthy(stamps(10.0, 100.0, 129.0, 130.0, 500.0), np.array([1.0, 3.0, 2.0, 7.0, -np.inf]))
    other = Healthy(stamps(0.0), np.array([5.0]))
    assert episode_peaks([one, other, Healthy(stamps(0.0), np.array([-np.inf]))]).tolist() == [3.0, 5.0, 7.0]
    assert [count_episodes([one, other], at) for at in (0.0, 3.0, 6.0, 8.0)] == [2, 2, 1, 0]


@pytest.mark.parametrize(("seconds", "count"), [(0, 1), (599, 1), (600, 2), (1_199, 2), (36_000, 61)])
def test_an_episode_that_goes_on_counts_again_every_ten_minutes(seconds: int, count: int) -> None:
    at = np.arange(seconds + 1.0)
    assert count_episodes([Healthy(at, np.ones(len(at)))], 1.0) == count
    assert count_episodes([Healthy(np.array([9e5, *at]), np.ones(len(at) + 1))], 1.0) == count + 1
