"""The calibration: scores of all detectors and of each, what a threshold means, and how it is kept."""

from __future__ import annotations

from dataclasses import replace
from math import e
from typing import Any

import numpy as np
import pytest

from core.decision.basis import Basis
from core.decision.calibration import JOINT, SLOW_MEASURES, Calibration, Meaning, ShippedScores
from core.decision.combination import Combination
from core.errors import ArtifactError
from core.events import CHANNELS, Channel
from core.features.batch import FeatureBatch
from core.scale import DEFAULT_THRESHOLD, Curve
from tests.helpers.evidence import rows_of, weights_of
from tests.helpers.stream import about, batch_of, event, spread

NONE, STREAM, BASELINE = 0.0, 1.0, 2.0
SLOW = CHANNELS.index(Channel.SLOW)


def line(low: float, high: float) -> Curve:
    """A strength of 0 scores `low`, one of 10 `high`."""
    return Curve(np.array([0.0, 10.0]), np.array([low, high]), (high - low) / 10.0)


def by_basis(*curves: Curve) -> dict[Basis, Curve]:
    """One for all, or one each for none, stream and baseline."""
    none, stream, baseline = curves if len(curves) > 1 else curves * 3
    return {Basis.NONE: none, Basis.STREAM: stream, Basis.PARTIAL: line(0.9, 0.95), Basis.BASELINE: baseline}


SAME = dict.fromkeys(Basis, Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 1.0))
CALIBRATION = Calibration(
    Combination(weights_of(network__linear=1.0, burst=2.0, severe__known=3.0), np.array([0.5, 0.25, 0.0, 0.0])),
    by_basis(line(0.0, 0.5), line(0.1, 0.6), line(0.2, 0.7)),
    {
        "slow_nats": by_basis(line(0.2, 1.0), line(0.2, 0.9), line(0.2, 0.8)),
        "slow_again_nats": by_basis(line(0.25, 0.75)),
        "slow_many_nats": by_basis(line(-0.3, 0.7)),
    },
    SAME,
    {
        Channel.NETWORK: by_basis(line(0.25, 0.5)),
        Channel.BURST: by_basis(line(0.3, 0.4), line(0.4, 0.5), line(0.5, 0.6)),
        Channel.FAILURE: by_basis(line(0.0, 1.0)),
    },
    np.array([0.0, 0.5, 1.0]),
    np.array([1.0, 0.9, 0.3]),
    0.6,
)


@pytest.mark.parametrize(
    ("threshold", "false_per_hour", "recall"),
    [
        (0.0, 10**0.5, 1.0), (0.1, 10**0.5, 0.98), (0.2, 10**0.5, 0.96), (0.25, 10**0.25, 0.95), (0.3, 1.0, 0.94),
        (0.5, 0.1, 0.9), (0.75, 10**-2.25, 0.6), (1.0, 10**-3.5, 0.3),
    ],
)  # fmt: skip
def test_a_threshold_means_a_rate_and_a_recall(threshold: float, false_per_hour: float, recall: float) -> None:
    found = CALIBRATION.at(threshold)
    assert isinstance(found, Meaning)
    assert found == about((false_per_hour, recall))


def judge(
    *changes: dict[str, float], logits: tuple[float, ...] = (), calibration: Calibration = CALIBRATION
) -> ShippedScores:
    return calibration.judge(rows_of(*changes), np.array(logits or (0.0,) * len(changes)))


@pytest.mark.parametrize(
    ("change", "logit", "score", "made_by"),
    [
        ({"reference": NONE}, 4.0, 0.225, JOINT),
        ({"reference": STREAM}, 4.0, 0.1 + 0.2125, JOINT),
        ({"reference": BASELINE}, 4.0, 0.4, JOINT),
        ({"reference": BASELINE, "fit_share": 0.8}, 0.0, 0.9, JOINT),
        ({"reference": BASELINE, "burst": 1.5}, 4.0, 0.2 + 0.05 * (4.0 + 3.0), JOINT),
        ({"reference": BASELINE, "slow_nats": 5.0}, 0.0, 0.3, SLOW),
        ({"reference": NONE, "slow_nats": 5.0}, 0.0, 0.4, SLOW),
        ({"reference": BASELINE, "slow_nats": 5.0}, 4.0, 0.4, JOINT),
        ({"reference": BASELINE, "slow_nats": 3.0, "slow_again_nats": 5.0}, 0.0, 0.3, SLOW),
        ({"reference": BASELINE, "slow_nats": 3.0, "slow_again_nats": 5.0, "slow_many_nats": 9.0}, 0.0, 0.4, SLOW),
        ({"reference": BASELINE, "slow_nats": 20.0}, 0.0, 1.0 - 0.1 / e**3, SLOW),
        ({"reference": NONE}, -9.0, 0.0, JOINT),
    ],
)
def test_the_strongest_makes_the_score_slowness_less_a_fifth_each_by_the_curve_of_its_reference(
    change: dict[str, float], logit: float, score: float, made_by: int
) -> None:
    found = judge(change, logits=(logit,))
    assert found.scores == about(np.array([score]))
    assert found.made_by.tolist() == [made_by]


def test_where_two_are_as_strong_the_detectors_together_made_the_score() -> None:
    calibration = replace(
        CALIBRATION, joint=by_basis(line(0.25, 0.75)), slow={n: by_basis(line(0.45, 0.95)) for n in SLOW_MEASURES}
    )
    found = judge({"reference": 2.0, "slow_nats": 4.0, "slow_again_nats": 4.0}, logits=(4.0,), calibration=calibration)
    assert found.made_by.tolist() == [JOINT]
    found = judge({"reference": 2.0, "slow_nats": 4.0, "slow_again_nats": 4.0}, logits=(3.0,), calibration=calibration)
    assert found.made_by.tolist() == [SLOW]


def test_the_last_curve_makes_up_for_the_number_of_measures() -> None:
    late = replace(
        CALIBRATION, combined=by_basis(*[Curve(np.array([0.0, 1.0]), np.array([0.0, s]), s) for s in (0.5, 0.6, 0.7)])
    )
    for reference, share in zip((NONE, STREAM, BASELINE), (0.5, 0.6, 0.7), strict=True):
        change = {"reference": reference, "slow_nats": 4.0}
        assert judge(change, logits=(2.0,), calibration=late).scores == about(
            share * judge(change, logits=(2.0,)).scores
        )


def channels(change: dict[str, float], logit: float = 0.0) -> dict[str, float]:
    (found,) = judge(change, logits=(logit,)).channels
    return {channel.value: score for channel, score in zip(CHANNELS, found.tolist(), strict=True) if score == score}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, {"network": 0.25}),
        ({"burst": 0.5}, {"network": 0.25, "burst": 0.31}),
        ({"burst": 0.5, "reference": BASELINE}, {"network": 0.25, "burst": 0.51}),
        ({"reports_failure": 1.0}, {"network": 0.25, "failure": 0.3}),
        ({"timed_out": 3.0}, {"network": 0.25}),
        ({"slow_nats": 5.0}, {"network": 0.25, "slow": 0.6}),
        ({"slow_nats": 5.0, "slow_again_nats": 9.0}, {"network": 0.25, "slow": 0.7}),
        ({"slow_again_nats": 9.0, "slow_many_nats": 9.0}, {"network": 0.25, "slow": 0.7}),
        ({"slow_many_nats": 1.0}, {"network": 0.25, "slow": 0.0}),
        ({"slow_nats": 50.0}, {"network": 0.25, "slow": 1.0}),
    ],
)
def test_each_detector_that_spoke_has_a_score_of_its_own(change: dict[str, float], expected: dict[str, float]) -> None:
    assert channels(change) == about(expected)


@pytest.mark.parametrize("reference", [NONE, STREAM, BASELINE])
def test_the_network_s_own_score_is_that_of_its_logit_whatever_the_reference(reference: float) -> None:
    assert channels({"reference": reference}, 6.0)["network"] == about(0.4)
    assert CALIBRATION.network_curve(np.array([[6.0]])) == about(np.array([[0.4]]))


def given_batch() -> FeatureBatch:
    events = [event("one", level="ERROR"), event("two", level="ERROR")._replace(features=(1.0,) * 37), event("three")]
    return batch_of(spread(events))


def test_an_event_that_brings_its_features_is_scored_by_the_network_s_curve_alone() -> None:
    found = CALIBRATION.judge(given_batch(), np.array([2.0, 8.0, 2.0]))
    assert found.scores[1] == about(0.45)
    assert np.isnan(found.channels[1, 1:]).all()
    assert found.channels[1, 0] == found.scores[1]
    assert found.scores[0] != found.channels[0, 0]
    assert found.made_by.tolist() == [JOINT] * 3


@pytest.mark.parametrize("score", [0.25, 0.3, 0.5, 0.75, 1.0])
def test_the_logit_at_which_the_network_gives_a_score_is_the_inverse_of_its_curve_without_bounds(score: float) -> None:
    bent = {**CALIBRATION.channels, Channel.NETWORK: by_basis(replace(line(0.25, 0.5), tail=0.1))}
    calibration = replace(CALIBRATION, channels=bent)
    assert calibration.network_curve.unbounded(np.array(calibration.logit_at(score))) == about(score)


def test_beyond_the_last_of_several_knots_the_logit_goes_on_with_the_tail() -> None:
    curve = Curve(np.array([0.0, 2.0, 3.0]), np.array([0.1, 0.2, 0.4]), 0.05)
    calibration = replace(CALIBRATION, channels={Channel.NETWORK: dict.fromkeys(Basis, curve)})
    assert [calibration.logit_at(score) for score in (0.15, 0.4, 0.5)] == about([1.0, 3.0, 5.0])


def test_below_the_lowest_knot_the_logit_goes_on_as_between_the_lowest_two() -> None:
    assert CALIBRATION.logit_at(0.1) == about(-6.0)


def test_a_calibration_is_kept_as_plain_numbers_and_read_back() -> None:
    plain = CALIBRATION.to_plain()
    assert set(plain) == {"threshold", "combination", "joint", "slow", "combined", "channels", "recall"}
    assert plain["recall"] == {"thresholds": [0.0, 0.5, 1.0], "recall": [1.0, 0.9, 0.3]}
    assert set(plain["joint"]) == {"none", "stream", "partial", "baseline"}
    again = Calibration.from_plain(plain)
    assert again.to_plain() == plain
    assert again.threshold == plain["threshold"] == 0.6
    batch = rows_of({"burst": 2.0, "slow_nats": 3.0}, {"reference": 2.0, "reports_failure": 1.0})
    for one, other in zip(again.judge(batch, np.ones(2))[:2], CALIBRATION.judge(batch, np.ones(2))[:2], strict=True):
        np.testing.assert_allclose(one, other)
    assert replace(CALIBRATION, threshold=0.5).threshold == DEFAULT_THRESHOLD == 0.5


def changed(**change: Any) -> dict[str, Any]:
    return {**CALIBRATION.to_plain(), **change}


def recall(thresholds: list[float], found: list[float]) -> dict[str, Any]:
    return changed(recall={"thresholds": thresholds, "recall": found})


NO_RISE = "calibration.json: the thresholds do not rise: train"


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "calibration.json does not fit (KeyError('recall')): train"),
        (changed(threshold="much"), "calibration.json does not fit (ValueError("),
        (changed(threshold=None), "calibration.json does not fit (TypeError("),
        (changed(recall=None), "calibration.json does not fit (TypeError("),
        (recall([0.0], [1.0]), NO_RISE),
        (recall([], []), NO_RISE),
        (recall([0.0, 1.0], [1.0]), NO_RISE),
        (recall([1.0, 0.0], [1.0, 0.0]), NO_RISE),
        (recall([0.5, 0.5], [1.0, 0.0]), NO_RISE),
        (changed(slow={}), "calibration.json does not fit (KeyError('slow_nats')): train"),
        (changed(joint={}), "calibration.json does not fit (KeyError('none')): train"),
        (changed(combined={}), "calibration.json does not fit (KeyError('none')): train"),
        (changed(channels={"thunder": {}}), "calibration.json does not fit (ValueError("),
        (changed(channels={"burst": {}}), "calibration.json does not fit (KeyError('none')): train"),
        (changed(combination={}), "calibration.json does not fit (KeyError('none')): train"),
    ],
)
def test_a_calibration_that_does_not_fit_is_refused_in_one_line(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        Calibration.from_plain(plain)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)


def test_two_thresholds_are_enough() -> None:
    assert Calibration.from_plain(recall([0.0, 0.5], [1.0, 0.8])).at(0.25).recall == about(0.9)
