"""Metrics: incidents, false episodes, calibration and the choice of a threshold, on hand-made outcomes."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.decision.calibration import Calibration
from core.errors import ArtifactError
from core.network.model import Transformer
from core.training.calibrate import apply_calibration, calibrated, choose_logit, choose_scale, sigmoid
from core.training.measure import (
    Outcome,
    bootstrap_rate,
    calibration_curve,
    event_figures,
    expected_calibration_error,
    failed_request_precision,
    reliability,
    summarise,
)


def stream(scores: list[float], onset: float | None = None, step: float = 100.0, **known: object) -> Outcome:
    stamps = np.arange(len(scores)) * step
    return Outcome("run", stamps, np.array(scores), onset, **known)  # type: ignore[arg-type]


def test_an_incident_is_found_by_an_event_at_or_after_its_onset_only() -> None:
    summary = summarise([stream([0.9, 0.1, 0.1], onset=100.0), stream([0.1, 0.1, 0.5], onset=100.0)], 0.5)
    assert (summary.incidents, summary.found) == (2, 1)
    assert summary.delay == 100.0


def test_false_episodes_are_counted_in_healthy_streams_alone() -> None:
    healthy = stream([0.9, 0.1, 0.9, 0.9], step=60.0)
    summary = summarise([healthy, stream([0.9, 0.9], onset=50.0)], 0.5)
    assert summary.false_episodes == 3  # the gap of an episode is under 60 s
    assert summary.hours == pytest.approx(3 * 60 / 3600)


def test_a_pause_counts_for_five_minutes_at_most() -> None:
    assert stream([0.0, 0.0], step=7_200.0).hours == pytest.approx(300 / 3600)


def test_before_the_client_includes_the_same_time() -> None:
    early = stream([0.1, 0.9, 0.1], onset=100.0, client_failure=100.0)
    late = stream([0.1, 0.1, 0.9], onset=100.0, client_failure=150.0)
    assert summarise([early, late], 0.5).before_client == 1


def test_ranking_looks_at_failed_requests_after_the_onset_and_all_before_it() -> None:
    failed = np.array([True, False, True, False])
    outcome = stream([0.9, 0.1, 0.8, 0.95], onset=200.0, failed=failed)
    # Left out: a failed request's event before the onset, and what is not known to have failed after it.
    assert failed_request_precision([outcome]) == 1.0


def test_the_threshold_keeps_to_the_allowed_false_episodes_at_a_third_of_the_margin() -> None:
    healthy = [stream([-3.0] * 40 + [level]) for level in (-2.0, 0.0, 1.0)]
    incidents = [stream([-3.0, level], onset=100.0) for level in (4.0, 5.0)]
    logit = choose_logit([*healthy, *incidents], false_per_hour=0.1)
    assert logit == pytest.approx(2.0)


def test_the_threshold_keeps_to_the_false_episodes_allowed_where_one_stream_has_many_high_scores() -> None:
    busy = stream([3.0] * 20 + [-9.0] * 4 + [2.9], step=20.0)  # two episodes, seen as one from above 2.9
    outcomes = [busy, stream([-9.0, 2.0]), stream([-9.0, 3.5], onset=100.0)]
    hours = sum(outcome.hours for outcome in outcomes[:-1])
    summary = summarise(outcomes, choose_logit(outcomes, false_per_hour=1.0 / hours))
    assert summary.found == 1
    assert summary.false_episodes <= 1


def test_the_threshold_is_the_highest_logit_where_no_false_episode_is_allowed() -> None:
    assert choose_logit([stream([9.0, 9.0]), stream([0.0, 5.0], onset=100.0)], false_per_hour=0.0) == 9.0


def test_the_scale_makes_scores_read_as_probabilities() -> None:
    draw = np.random.default_rng(0)
    truth = draw.random(20_000) < 0.3
    honest = np.log(0.3 / 0.7) + draw.normal(size=20_000)
    probability = sigmoid(honest)
    truth = draw.random(20_000) < probability
    factor = choose_scale(honest * 4, truth.astype(np.int8), centre=0.0)
    assert factor == pytest.approx(0.25, rel=0.2)


def test_scores_that_tell_all_apart_are_not_drawn_together() -> None:
    logits = np.concatenate((np.full(5_000, -4.0), np.full(50, 4.0)))
    truth = np.concatenate((np.zeros(5_000), np.ones(50)))
    factor = choose_scale(logits, truth.astype(np.int8), centre=0.0)
    assert sigmoid(factor * np.array([-4.0]))[0] < 0.01
    assert sigmoid(factor * np.array([4.0]))[0] > 0.99


def test_a_network_with_applied_calibration_gives_the_calibrated_scores() -> None:
    torch.manual_seed(0)
    model = Transformer().eval()
    inputs = (torch.randn(1, 5, 14), torch.zeros(1, 5, 8), torch.zeros(1, 5, 6, dtype=torch.int64))
    rest = (torch.randn(1, 5, 9), torch.arange(5.0, dtype=torch.float64)[None])
    with torch.inference_mode():
        raw = model(*inputs, *rest)[0].double().numpy()
        apply_calibration(model, 0.3, 2.0)
        folded = model(*inputs, *rest)[0].double().numpy()
    (wanted,) = calibrated([stream(raw.tolist())], 0.3, 2.0)
    np.testing.assert_allclose(sigmoid(folded), wanted.scores, atol=1e-6)


def test_the_curve_falls_and_is_read_back() -> None:
    draw = np.random.default_rng(1)
    outcomes = [stream(draw.random(50).tolist()) for _ in range(5)]
    outcomes += [stream(draw.random(50).tolist(), onset=1_000.0) for _ in range(5)]
    curve = calibration_curve(outcomes)
    assert (np.diff(curve.false_episodes_per_hour) <= 1e-9).all()
    assert (np.diff(curve.recall) <= 1e-9).all()
    again = Calibration.from_plain(curve.to_plain())
    assert again.at(0.5) == pytest.approx(curve.at(0.5))


@pytest.mark.parametrize(
    "plain", [{}, {"curve": [], "threshold": 0.5}, {"curve": [{"threshold": 1}], "threshold": 0.5}]
)
def test_a_calibration_that_does_not_fit_is_one_line(plain: dict[str, object]) -> None:
    with pytest.raises(ArtifactError, match=r"calibration\.json"):
        Calibration.from_plain(plain)


def test_calibration_error_is_the_distance_of_scores_from_shares() -> None:
    scores, truth = np.full(1_000, 0.8), np.arange(1_000) < 600
    assert expected_calibration_error(scores, truth, bins=1) == pytest.approx(0.2)
    assert expected_calibration_error(np.full(10, 0.01), np.zeros(10, np.bool_)) == 0.0


def test_a_bin_tells_its_mean_score_and_its_share_of_anomalies() -> None:
    scores, truth = np.array([0.01, 0.2, 0.4, 0.8, 1.0]), np.array([True, False, True, True, True])
    low, high = reliability(scores, truth, bins=2)
    assert low == pytest.approx({"score": 0.3, "share": 0.5, "events": 2})
    assert high == pytest.approx({"score": 0.9, "share": 1.0, "events": 2})


def test_the_interval_of_a_rate_holds_the_rate() -> None:
    healthy = [stream([0.9 if n % 3 == 0 else 0.1] + [0.1] * 20) for n in range(30)]
    low, high = bootstrap_rate(healthy, 0.5)
    assert low < summarise(healthy, 0.5).false_per_hour < high


def test_the_confusion_matrix_adds_up() -> None:
    figures = event_figures(np.array([True, True, False, False]), np.array([0.9, 0.1, 0.8, 0.2]), 0.5)
    assert [figures[name] for name in ("true_positives", "false_positives", "false_negatives", "true_negatives")] == [
        1,
        1,
        1,
        1,
    ]
    assert (figures["f1"], figures["accuracy"]) == (0.5, 0.5)
