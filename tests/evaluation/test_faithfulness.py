"""Faithfulness of reasons, with a combination of detectors that is known."""

from __future__ import annotations

import numpy as np
import pytest

from core.evaluation.faithfulness import Withheld, faithfulness
from core.evaluation.intervals import Share
from core.events import Channel
from core.support.arrays import Float64, Int64
from tests.helpers.calibration import straight_calibration
from tests.helpers.evidence import rows_of

NO = np.nan
CHANNELS = np.array([[0.9, 0.1, NO], [NO, 0.8, 0.7], [0.6, NO, NO], [0.2, 0.1, NO], [0.3, NO, 0.9]])
"""[events, detectors]"""
HIGHEST = np.nanmax(CHANNELS, axis=1)


def highest_of_the_rest(rows: Int64, channels: Int64) -> Float64:
    """Score as the highest detector that is left."""
    left = CHANNELS[rows]
    left[np.arange(len(rows)), channels] = NO
    scores: Float64 = np.nan_to_num(left, nan=0.0).max(axis=1)
    return scores


def test_an_event_that_stays_flagged_without_its_top_reason_counts_against_it() -> None:
    found = faithfulness(HIGHEST, CHANNELS, np.array([0, 1, 0, 0, 2]), highest_of_the_rest, 0.5)
    # Events 0, 1, 2 and 4 are flagged; event 1 has a second detector that flags it too.
    assert found.without_top == Share(3, 4)
    # Event 2 has no other detector that spoke.
    assert found.without_other == Share(0, 3)
    assert not found.holds


def test_reasons_that_name_another_detector_than_the_one_that_scored_are_seen() -> None:
    found = faithfulness(HIGHEST, CHANNELS, np.array([1, 2, 0, -1, 0]), highest_of_the_rest, 0.5)
    assert found.without_top == Share(1, 4)
    assert found.without_other.count == 2


def test_a_flagged_event_without_a_reason_is_counted_apart() -> None:
    found = faithfulness(HIGHEST, CHANNELS, np.array([0, -1, 0, -1, 2]), highest_of_the_rest, 0.5)
    assert (found.unexplained, found.without_top) == (1, Share(3, 3))
    assert found.holds


def test_where_nothing_is_flagged_nothing_is_scored_again() -> None:
    def never(rows: Int64, channels: Int64) -> Float64:
        pytest.fail(f"asked for {rows} without {channels}")

    assert not faithfulness(HIGHEST, CHANNELS, np.zeros(5, np.int64), never, 0.95).holds


@pytest.mark.parametrize(
    ("channel", "weaker"), [(Channel.FAILURE, True), (Channel.NETWORK, True), (Channel.BURST, False)]
)
def test_an_event_scores_less_without_what_a_detector_said_of_it(channel: Channel, weaker: bool) -> None:
    calm, failed = {"level": 3.0}, {"level": 6.0, "severe": 1.0, "reports_failure": 1.0, "new_template": 1.0}
    batch, logits = rows_of(calm, failed, calm), np.array([-3.0, 1.0, -3.0])
    calibration = straight_calibration()
    before = calibration.judge(batch, logits).scores[1]
    places = np.array([list(Channel).index(channel)])
    (after,) = Withheld(calibration, batch, logits)(np.array([1]), places)
    assert (after < before) == weaker
    assert weaker or after == pytest.approx(before)
