"""The decision of a stream: what is calibrated by its own past, and what a score is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.decision.decision import Decided, Decision
from core.decision.record import StreamRecord
from core.events import CHANNELS
from tests.helpers.calibration import straight_calibration
from tests.helpers.evidence import rows_of
from tests.helpers.stream import about, batch_of, event, spread

CALIBRATION = straight_calibration()
QUIET_HOURS = 50.0


def quiet() -> StreamRecord:
    return StreamRecord(QUIET_HOURS)


def decide(decision: Decision, changes: Sequence[dict[str, float]], logits: Sequence[float]) -> Decided:
    return decision.decide(rows_of(*changes), np.array(logits, np.float32))


BY_BASIS = [{"reference": 0.0}, {"reference": 1.0}, {"reference": 2.0, "fit_share": 0.8}, {"reference": 2.0}]
LOW = [-8.0] * 4
"""Logits whose ramps are all 0: strength -8 + 0."""


def test_a_new_stream_has_the_scores_of_the_shipped_calibration_rounded() -> None:
    found = decide(Decision(CALIBRATION), [{}, {"burst": 0.123456}], [-5.0, -5.0])
    judged = CALIBRATION.judge(rows_of({}, {"burst": 0.123456}), np.full(2, -5.0))
    np.testing.assert_array_equal(found.scores, np.round(judged.scores, 4))
    np.testing.assert_array_equal(found.channels, np.round(judged.channels, 4))
    np.testing.assert_array_equal(found.strengths.terms, judged.strengths.terms)
    np.testing.assert_array_equal(found.made_by, judged.made_by)
    assert found.scores[1] > found.scores[0]
    assert found.scores.dtype == found.channels.dtype == np.float64


@pytest.mark.parametrize(
    ("site", "moved"), [(False, [True, True, True, False]), (True, [True] * 4)], ids=["a stream", "a site"]
)
def test_the_record_is_about_what_the_shipped_baseline_does_not_know_and_about_all_of_a_site(
    site: bool, moved: list[bool]
) -> None:
    logits = [-1.5] * 4
    shipped = decide(Decision(CALIBRATION), BY_BASIS, logits).scores
    found = decide(Decision(CALIBRATION, quiet(), site=site), BY_BASIS, logits).scores
    assert (found > shipped).tolist() == moved
    assert (found == shipped).tolist() == [not each for each in moved]


def test_features_that_came_with_the_event_are_scored_by_the_network_and_by_no_record() -> None:
    events = [event("one"), event("two")._replace(features=(0.0,) * 37)]
    found = Decision(CALIBRATION, quiet(), site=True).decide(
        batch_of(spread(events)), np.array([-1.0, -1.0], np.float32)
    )
    assert found.scores[1] == found.channels[1, 0] == about(round(5 / 12, 4))
    assert np.isnan(found.channels[1, 1:]).all()


def test_what_a_stream_shows_is_in_its_record() -> None:
    decision = Decision(CALIBRATION)
    assert decision.record.hours == 0.0
    decision.decide(rows_of(*[{}] * 120, every=60.0), np.full(120, -5.0, np.float32))
    assert decision.record.hours == about(119 / 60, rel=0.01)


def test_a_record_that_is_given_goes_on() -> None:
    record = quiet()
    assert Decision(CALIBRATION, record).record is record


def test_what_each_detector_gave_is_by_the_shipped_calibration() -> None:
    one = decide(Decision(CALIBRATION), BY_BASIS, LOW)
    other = decide(Decision(CALIBRATION, quiet(), site=True), BY_BASIS, LOW)
    np.testing.assert_array_equal(one.channels, other.channels)
    assert one.channels.shape == (4, len(CHANNELS))


def test_without_following_the_shipped_calibration_holds_throughout() -> None:
    found = decide(Decision(CALIBRATION, quiet(), site=True, follow=False), BY_BASIS, [-1.5] * 4)
    np.testing.assert_array_equal(found.scores, decide(Decision(CALIBRATION), BY_BASIS, [-1.5] * 4).scores)
