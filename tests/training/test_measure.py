"""Metrics: incidents, false episodes, ranking and single events, on hand-made outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from core.training.measure import (
    Outcome,
    bootstrap_rate,
    event_figures,
    failed_request_precision,
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
    healthy = stream([0.9, 0.1, 0.9, 0.9], step=120.0)
    summary = summarise([healthy, stream([0.9, 0.9], onset=50.0)], 0.5)
    assert summary.false_episodes == 3  # within an episode the gaps are under 120 s
    assert summary.hours == pytest.approx(3 * 120 / 3600)


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
