"""How many failures came within two minutes."""

from __future__ import annotations

import pytest

from core.features.failures import NO_FAILURES, Failures, FailureTracker, failures_reason
from core.features.wording import ReasonText
from tests.helpers.stream import batch_of, event, reply


@pytest.mark.parametrize(
    ("before", "at", "count"),
    [([], 0.0, 1), ([0.0], 119.9, 2), ([0.0], 120.0, 1), ([0.0, 1.0], 120.5, 2), ([0.0, 0.0, 0.0], 0.0, 4)],
)
def test_a_failure_counts_those_of_the_last_two_minutes_and_itself(before: list[float], at: float, count: int) -> None:
    tracker = FailureTracker()
    for second in before:
        tracker.learn(second, fails=True)
    tracker.learn(0.0, fails=False)
    assert tracker.score(at, fails=True) == Failures(count)
    assert tracker.score(at, fails=True) == Failures(count)
    assert tracker.score(at, fails=False) is NO_FAILURES


def test_errors_and_replies_of_5xx_of_all_services_are_failures() -> None:
    events = [
        event("a", 0.0, level="ERROR"),
        event("b", 1.0),
        reply(2.0, status=503),
        event("c", 3.0, level="CRITICAL"),
    ]
    assert batch_of(events).column("recent_failures").tolist() == [1, 0, 2, 3]


@pytest.mark.parametrize(("count", "expected"), [(0, None), (1, None), (2, ReasonText("2 failures within 2 min", 2.0))])
def test_several_failures_are_worded(count: int, expected: ReasonText | None) -> None:
    assert failures_reason(Failures(count)) == expected
