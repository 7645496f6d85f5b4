"""The fit of the combination: windows that differ are told apart, and every weight keeps its sign."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.decision.basis import Basis
from core.decision.combination import TERM_SIGNS, Combination
from core.decision.terms import TERMS
from core.training.combine import Windows, fit_combination
from core.training.dataset import BaselineView, Example
from tests.helpers.evidence import rows_of

BURST, SEVERE, CHRONIC = (
    next(place for place, term in enumerate(TERMS) if term.name == name)
    for name in ("burst", "severe:unseen", "chronic")
)
LINEAR = 0


def windows(seed: int = 0, count: int = 150) -> Windows:
    """Windows of four events: in an incident one is severe, in healthy ones all that is severe is chronic."""
    draw = np.random.default_rng(seed)
    anomalous = np.arange(count) % 3 == 0
    terms = np.zeros((count, 4, len(TERMS)), np.float32)
    terms[:, :, LINEAR] = draw.normal(size=(count, 4))
    terms[:, :, BURST] = draw.uniform(0.0, 1.0, (count, 4))
    terms[:, 0, SEVERE] = anomalous | (draw.random(count) < 0.3)
    terms[:, 0, CHRONIC] = -(terms[:, 0, SEVERE] * ~anomalous)
    flat = terms.reshape(-1, len(TERMS))
    bases = np.repeat(draw.integers(0, 4, count), 4)
    return Windows(flat, bases, np.repeat(np.arange(count), 4), anomalous)


@pytest.fixture(scope="module")
def fitted() -> Combination:
    return fit_combination(windows())


def peaks(found: Combination, of: Windows) -> np.ndarray:
    terms = of.terms * TERM_SIGNS
    strengths = (terms * found.weights[of.bases]).sum(axis=1) + found.biases[of.bases]
    return np.array([strengths[of.window == window].max() for window in range(len(of.anomalous))])


def test_incidents_are_told_from_healthy_windows_that_the_fit_has_not_seen(fitted: Combination) -> None:
    fresh = windows(seed=1)
    found = peaks(fitted, fresh)
    assert found[fresh.anomalous].min() > found[~fresh.anomalous].max()


def test_every_weight_keeps_the_sign_of_its_term(fitted: Combination) -> None:
    assert fitted.weights.shape == (len(Basis), len(TERMS))
    assert (fitted.weights * TERM_SIGNS >= 0.0).all()
    assert (fitted.weights[:, SEVERE] > 1.0).all()
    assert (fitted.weights[:, CHRONIC] < -1.0).all()
    Combination.from_plain(fitted.to_plain())


def test_what_says_nothing_has_no_weight_to_speak_of(fitted: Combination) -> None:
    absent = [place for place in range(len(TERMS)) if place not in (LINEAR, BURST, SEVERE, CHRONIC)]
    assert not fitted.weights[:, absent].any()
    assert (fitted.weights[:, LINEAR] >= 0.02).all()
    assert (fitted.weights[:, BURST] < 0.3 * fitted.weights[:, SEVERE]).all()


def test_what_would_lower_by_a_term_that_raises_is_left_out() -> None:
    plain = windows()
    terms = plain.terms.copy()
    terms[:, BURST] = 1.0 - plain.anomalous[plain.window]  # healthy windows alone have it
    found = fit_combination(replace(plain, terms=terms))
    assert found.weights[:, BURST] == pytest.approx(np.zeros(4), abs=1e-9)


def test_the_same_windows_give_the_same_weights(fitted: Combination) -> None:
    again = fit_combination(windows())
    np.testing.assert_array_equal(again.weights, fitted.weights)
    np.testing.assert_array_equal(again.biases, fitted.biases)


def test_a_basis_without_windows_takes_the_common_weights() -> None:
    plain = windows()
    found = fit_combination(replace(plain, bases=np.zeros_like(plain.bases)))
    assert (found.weights[1:, SEVERE] > 0.5).all()


def example(changes: list[dict[str, float]], targets: list[int], every: float = 30.0) -> Example:
    return Example("a", "b", BaselineView.KNOWN, rows_of(*changes, every=every), np.array(targets, np.int8))


def test_an_incident_is_one_window_and_healthy_log_one_for_each_two_minutes() -> None:
    found = Windows.of(
        [example([{}] * 12, [0] * 8 + [-1] + [1] * 3), example([{}] * 5, [0] * 5)], [np.zeros(12), np.zeros(5)]
    )
    assert found.anomalous.tolist() == [True, False, False, False, False]
    assert np.bincount(found.window).tolist() == [3, 4, 4, 4, 1]
    assert (np.diff(found.window) >= 0).all()


def test_of_a_long_window_the_events_with_the_most_evidence_are_kept() -> None:
    changes = [{"burst": float(row % 5 == 0), "reference": 2.0} for row in range(100)]
    healthy = Windows.of([example(changes, [0] * 100, every=1.0)], [np.zeros(100)])
    assert len(healthy.terms) == 12
    assert (healthy.terms[:, BURST] > 0).all()
    assert (healthy.bases == Basis.BASELINE).all()
    assert len(Windows.of([example(changes, [1] * 100)], [np.zeros(100)]).terms) == 40


def test_what_lowers_is_below_0_in_the_terms_of_windows() -> None:
    chronic = {"reports_failure": 1.0, "chronic": 1.0}
    found = Windows.of([example([chronic, {}], [0, 0])], [np.zeros(2)])
    assert sorted(found.terms[:, CHRONIC].tolist()) == [-1.0, 0.0]
