"""What a threshold means by the calibration, and how that is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core.decision.calibration import DEFAULT_THRESHOLD, Calibration
from core.errors import ArtifactError

CALIBRATION = Calibration(np.array([0.0, 0.5, 1.0]), np.array([8.0, 0.1, 0.0]), np.array([1.0, 0.9, 0.3]), 0.6)
PLAIN = {
    "threshold": 0.6,
    "curve": [
        {"threshold": 0.0, "false_episodes_per_hour": 8.0, "recall": 1.0},
        {"threshold": 0.5, "false_episodes_per_hour": 0.1, "recall": 0.9},
        {"threshold": 1.0, "false_episodes_per_hour": 0.0, "recall": 0.3},
    ],
}


@pytest.mark.parametrize(
    ("threshold", "false_per_hour", "recall"),
    [(0.0, 8.0, 1.0), (0.25, 4.05, 0.95), (0.5, 0.1, 0.9), (0.75, 0.05, 0.6), (1.0, 0.0, 0.3), (2.0, 0.0, 0.3)],
)
def test_between_two_thresholds_their_figures_are_drawn_straight(
    threshold: float, false_per_hour: float, recall: float
) -> None:
    assert CALIBRATION.at(threshold) == pytest.approx((false_per_hour, recall))


def test_a_calibration_is_kept_as_plain_numbers_and_read_back() -> None:
    assert CALIBRATION.to_plain() == PLAIN
    again = Calibration.from_plain(PLAIN)
    assert again.to_plain() == PLAIN
    assert again.threshold == 0.6
    assert Calibration(np.zeros(2), np.zeros(2), np.zeros(2)).threshold == DEFAULT_THRESHOLD == 0.5


def changed(**change: Any) -> dict[str, Any]:
    return {**PLAIN, **change}


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "calibration.json does not fit (KeyError('curve')): train"),
        ({"curve": PLAIN["curve"]}, "calibration.json does not fit (KeyError('threshold')): train"),
        (changed(threshold="much"), "calibration.json does not fit (ValueError("),
        (changed(curve=None), "calibration.json does not fit (TypeError("),
        (changed(curve=[{"threshold": 1}]), "calibration.json does not fit (KeyError('false_episodes_per_hour')"),
        (changed(curve=[]), "calibration.json: the thresholds do not rise: train"),
        (changed(curve=PLAIN["curve"][:1]), "calibration.json: the thresholds do not rise: train"),  # type: ignore[index]
        (changed(curve=PLAIN["curve"][::-1]), "calibration.json: the thresholds do not rise: train"),  # type: ignore[index]
        (changed(curve=PLAIN["curve"][:1] * 2), "calibration.json: the thresholds do not rise: train"),  # type: ignore[index]
    ],
)  # fmt: skip
def test_a_calibration_that_does_not_fit_is_refused_in_one_line(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        Calibration.from_plain(plain)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_two_thresholds_are_a_curve() -> None:
    curve = PLAIN["curve"][:2]  # type: ignore[index]
    assert Calibration.from_plain(changed(curve=curve)).at(0.25) == pytest.approx((4.05, 0.95))
