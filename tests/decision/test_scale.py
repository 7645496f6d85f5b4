"""The unit of a score, and the curves that make one of a strength."""

from __future__ import annotations

from math import e, log
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from core.errors import ArtifactError
from core.scale import DEFAULT_THRESHOLD, Curve, bounded, episodes_per_hour, score_of_nats, score_of_rate
from tests.helpers.stream import about


@pytest.mark.parametrize(
    ("score", "per_hour"),
    [(0.5, 0.1), (0.3, 1.0), (0.4, 1 / 3.1623), (0.7, 0.01), (0.2, 3.1623), (0.6, 0.031623), (1.0, 10**-3.5)],
)
def test_a_score_stands_for_a_rate_and_a_rate_for_a_score(score: float, per_hour: float) -> None:
    assert episodes_per_hour(score) == about(per_hour, rel=1e-4)
    assert score_of_rate(np.array([per_hour])) == about(np.array([score]), abs=1e-4)


@given(score=st.floats(-0.5, 2.0))
def test_rate_and_score_are_inverse_and_a_tenth_is_half_a_decade(score: float) -> None:
    assert score_of_rate(np.array(episodes_per_hour(score))) == about(score, abs=1e-12)
    assert episodes_per_hour(score) / episodes_per_hour(score + 0.1) == about(10**0.5)
    assert DEFAULT_THRESHOLD == 0.5


CURVE = Curve(np.array([-1.0, 1.0, 2.0]), np.array([0.1, 0.3, 0.5]), 0.25)


@pytest.mark.parametrize(
    ("strength", "score"),
    [
        (-1.0, 0.1), (0.0, 0.2), (1.0, 0.3), (1.5, 0.4), (2.0, 0.5), (3.0, 0.75), (3.6, 0.9), (4.0, 1.0 - 0.1 / e),
        (4.8, 1.0 - 0.1 / e**3), (-1.5, 0.05), (-2.0, 0.0), (-9.0, 0.0),
    ],
)  # fmt: skip
def test_a_curve_is_straight_between_its_knots_and_goes_on_beyond_them(strength: float, score: float) -> None:
    assert CURVE(np.array([[strength]])) == about(np.array([[score]]))


@pytest.mark.parametrize(
    ("score", "kept"),
    [(-0.5, 0.0), (0.0, 0.0), (0.3, 0.3), (0.9, 0.9), (0.91, 1.0 - 0.1 / e**0.1), (1.0, 1.0 - 0.1 / e), (50.0, 1.0)],
)
def test_a_score_is_kept_up_to_nine_tenths_and_from_there_on_draws_near_to_1(score: float, kept: float) -> None:
    assert bounded(np.array([score])) == about(np.array([kept]))


def test_a_score_bends_without_a_step_or_a_corner() -> None:
    slopes = np.diff(bounded(np.array([0.9 - 1e-4, 0.9, 0.9 + 1e-4]))) / 1e-4
    assert slopes == about(np.ones(2), abs=1e-3)


@pytest.mark.parametrize(
    ("nats", "score"),
    [(log(10.0), 0.5), (log(1e3), 0.9), (log(1e3) + 1.0, 0.9580), (log(0.1), 0.1), (0.0, 0.3), (-9.0, 0.0)],
)
def test_what_chance_brings_seldom_scores_as_a_rate_does_rounded(nats: float, score: float) -> None:
    assert score_of_nats(nats) == score


def test_without_bounds_it_goes_on_as_it_was() -> None:
    assert CURVE.unbounded(np.array([-9.0, 0.0, 10.0])) == about(np.array([-0.7, 0.2, 2.5]))


STEPS = st.lists(st.tuples(st.floats(0.01, 10.0), st.floats(0.001, 0.2)), min_size=1, max_size=8)


def curve(steps: list[tuple[float, float]], tail: float) -> Curve:
    strengths, scores = np.cumsum([(-3.0, -0.1), *steps], axis=0).T
    return Curve(strengths, scores, tail)


@given(steps=STEPS, tail=st.floats(0.001, 1.0), strengths=st.lists(st.floats(-50.0, 50.0), min_size=2, max_size=20))
def test_what_is_stronger_scores_higher_except_at_0_and_within_rounding_of_1(
    steps: list[tuple[float, float]], tail: float, strengths: list[float]
) -> None:
    assume(len(set(strengths)) > 1)
    rising = np.unique(np.round(strengths, 6))
    scores = curve(steps, tail)(rising)
    assert ((scores >= 0.0) & (scores <= 1.0)).all()
    assert (np.diff(scores) >= 0.0).all()
    inside = (scores > 0.0) & (scores < 0.9999)
    assert (np.diff(scores)[inside[1:] & inside[:-1]] > 0.0).all()
    assert (np.diff(curve(steps, tail).unbounded(rising)) > 0.0).all()


@given(steps=STEPS, tail=st.floats(0.001, 1.0))
def test_a_curve_is_kept_as_plain_numbers_and_read_back(steps: list[tuple[float, float]], tail: float) -> None:
    one = curve(steps, tail)
    again = Curve.from_plain(one.to_plain())
    at = np.linspace(-20.0, 20.0, 50)
    np.testing.assert_allclose(again(at), one(at), atol=1e-3)
    assert again.to_plain() == one.to_plain()


PLAIN = {"strengths": [0.0, 1.0], "scores": [0.1, 0.2], "tail": 0.1}
DOES_NOT_RISE = "calibration.json has a curve that does not rise: train"


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "calibration.json does not fit (KeyError('strengths')): train"),
        ({**PLAIN, "tail": None}, "calibration.json does not fit (TypeError("),
        ({**PLAIN, "scores": ["a", 1]}, "calibration.json does not fit (ValueError("),
        ({**PLAIN, "strengths": [0.0, 0.0]}, DOES_NOT_RISE),
        ({**PLAIN, "strengths": [1.0, 0.0]}, DOES_NOT_RISE),
        ({**PLAIN, "scores": [0.2, 0.2]}, DOES_NOT_RISE),
        ({**PLAIN, "scores": [0.1, 0.2, 0.3]}, DOES_NOT_RISE),
        ({"strengths": [0.0], "scores": [0.1], "tail": 0.1}, DOES_NOT_RISE),
        ({"strengths": [], "scores": [], "tail": 0.1}, DOES_NOT_RISE),
        ({**PLAIN, "tail": 0.0}, DOES_NOT_RISE),
        ({**PLAIN, "tail": -1.0}, DOES_NOT_RISE),
        ({**PLAIN, "tail": float("inf")}, DOES_NOT_RISE),
        ({**PLAIN, "scores": [0.1, float("inf")]}, DOES_NOT_RISE),
        ({**PLAIN, "strengths": [0.0, float("nan")]}, DOES_NOT_RISE),
    ],
)
def test_a_curve_that_does_not_rise_is_refused_in_one_line(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        Curve.from_plain(plain)
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize("calibration", [{}, {"channels": None}, {"channels": {"network": {}}}])
def test_a_calibration_without_the_network_s_curve_is_refused(calibration: dict[str, Any]) -> None:
    with pytest.raises(ArtifactError, match=r"calibration\.json does not fit"):
        Curve.of_network(calibration)
    assert Curve.of_network({"channels": {"network": {"baseline": PLAIN}}}).tail == 0.1
