"""The threshold of a contestant that has no calibration, chosen on hand-made outcomes."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import UsageError
from core.evaluation.choice import choose_threshold
from core.training.measure import Outcome, summarise


def stream(scores: list[float], onset: float | None = None, step: float = 100.0) -> Outcome:
    return Outcome("run", step * np.arange(len(scores), dtype=np.float64), np.array(scores), onset)


def test_the_threshold_keeps_to_the_allowed_false_episodes_at_a_third_of_the_margin() -> None:
    healthy = [stream([-3.0] * 40 + [level]) for level in (-2.0, 0.0, 1.0)]
    incidents = [stream([-3.0, level], onset=100.0) for level in (4.0, 5.0)]
    chosen = choose_threshold([*healthy, *incidents], false_per_hour=0.1)
    assert chosen == pytest.approx(2.0)


def test_the_threshold_keeps_to_the_false_episodes_allowed_where_one_stream_has_many_high_scores() -> None:
    busy = stream([3.0] * 20 + [-9.0] * 4 + [2.9], step=20.0)  # two episodes, seen as one from above 2.9
    outcomes = [busy, stream([-9.0, 2.0]), stream([-9.0, 3.5], onset=100.0)]
    hours = sum(outcome.hours for outcome in outcomes[:-1])
    summary = summarise(outcomes, choose_threshold(outcomes, false_per_hour=1.0 / hours))
    assert summary.found == 1
    assert summary.false_episodes <= 1


def test_the_threshold_is_the_highest_score_where_no_false_episode_is_allowed() -> None:
    assert choose_threshold([stream([9.0, 9.0]), stream([0.0, 5.0], onset=100.0)], false_per_hour=0.0) == 9.0


@pytest.mark.parametrize("onset", [None, 0.0])
def test_a_threshold_needs_both_a_healthy_stream_and_an_incident(onset: float | None) -> None:
    with pytest.raises(UsageError, match="needs a healthy stream and an incident"):
        choose_threshold([stream([0.1, 0.9], onset=onset)])
