"""The flagging decision: one meaning for one event and for columns of them."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision.flagging import Flag, FlaggingPolicy, alerting_column, flagged_column, reaches
from core.decision.verdicts import VerdictKind
from core.support.printable import two_digits
from tests.helpers.events import scored_event

scores = st.none() | st.integers(0, 10_000).map(lambda score: score / 10_000)
thresholds = st.integers(0, 100).map(lambda threshold: threshold / 100)
verdicts = st.sampled_from([None, *VerdictKind])


@pytest.mark.parametrize(
    ("score", "muted", "flag", "alerting"),
    [
        (0.7, False, Flag(flagged=True, muted=False), True),
        (0.6999, False, Flag(flagged=False, muted=False), False),
        (0.7, True, Flag(flagged=True, muted=True), False),
        (0.1, True, Flag(flagged=False, muted=True), False),
        (None, False, Flag(flagged=False, muted=False), False),
    ],
)
def test_flagged_muted_and_alerting(*, score: float | None, muted: bool, flag: Flag, alerting: bool) -> None:
    policy = FlaggingPolicy(0.7, lambda _: muted)
    assert policy.flag(scored_event(score)) == flag
    assert policy.is_alerting(scored_event(score)) == flag.alerting == alerting


def test_an_event_without_a_score_is_not_flagged_at_zero() -> None:
    assert not FlaggingPolicy(0.0).flag(scored_event(None)).flagged


@given(st.lists(st.tuples(scores, st.booleans(), verdicts)), thresholds)
def test_columns_decide_as_single_events_do(
    rows: list[tuple[float | None, bool, VerdictKind | None]], threshold: float
) -> None:
    column = np.array([nan if score is None else score for score, *_ in rows], np.float64)
    muted = np.array([muted for _, muted, _ in rows], np.bool_)
    normal = np.array([verdict is VerdictKind.NORMAL for *_, verdict in rows], np.bool_)
    flags = [Flag(reaches(score, threshold), muted, verdict) for score, muted, verdict in rows]
    assert flagged_column(column, threshold).tolist() == [flag.flagged for flag in flags]
    assert alerting_column(column, muted, normal, threshold).tolist() == [flag.alerting for flag in flags]


@given(scores.filter(lambda score: score is not None), thresholds)
def test_what_is_shown_as_the_threshold_is_flagged(score: float, threshold: float) -> None:
    assert (float(two_digits(score)) >= threshold) == reaches(score, threshold)
