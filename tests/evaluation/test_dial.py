"""The table of the dial, and rows of clouds, on streams that are counted by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.evaluation.clouds import CloudRow, cloud_markdown, cloud_rows
from core.evaluation.dial import DialRow, JudgedStream, dial, dial_markdown
from core.evaluation.intervals import EpisodeRate, Share
from core.scale import episodes_per_hour


def stream(stamps: Sequence[float], scores: Sequence[float], *peaks: float, places: Sequence[int] = ()) -> JudgedStream:
    own = np.array(places or range(len(stamps)), np.int64)
    return JudgedStream("a", np.array(stamps, np.float64), np.array(scores, np.float64), own, peaks)


@pytest.mark.parametrize(
    ("score", "per_hour"), [(0.5, 0.1), (0.3, 1.0), (0.2, 3.1623), (0.4, 0.31623), (0.7, 0.01), (1.0, 0.00031623)]
)
def test_each_tenth_of_a_score_is_half_a_decade(score: float, per_hour: float) -> None:
    assert episodes_per_hour(score) == pytest.approx(per_hour, rel=1e-4)


def test_flagged_events_less_than_two_minutes_apart_are_one_false_episode() -> None:
    stamps = [0.0, 119.0, 238.0, 358.0, 600.0]
    assert stream(stamps, [0.9, 0.9, 0.1, 0.9, 0.9]).false_episodes(0.5).count == 3
    assert stream(stamps, [0.9, 0.9, 0.9, 0.1, 0.1]).false_episodes(0.5).count == 1


def test_a_pause_counts_five_minutes_and_a_left_out_incident_nothing() -> None:
    assert stream([0.0, 60.0, 36_000.0], [0.0] * 3).hours == pytest.approx(360 / 3600)
    assert stream([0.0, 60.0, 200.0, 260.0], [0.0] * 4, places=[0, 1, 7, 8]).hours == pytest.approx(120 / 3600)


def test_a_row_says_whether_what_was_promised_lies_within_what_was_counted() -> None:
    # 40 h in steps of 5 minutes; 4 episodes: 0.1 an hour, as promised at 0.5. Ten times what 0.7 promises.
    stamps = np.arange(481) * 300.0
    scores = np.where(np.isin(np.arange(481), (50, 150, 250, 350)), 0.75, 0.1)
    rows = {row.threshold: row for row in dial([stream(stamps.tolist(), scores.tolist(), 0.55, 0.9)])}
    assert rows[0.5].false.count == 4
    assert rows[0.5].false.hours == pytest.approx(40.0)
    assert rows[0.5].ratio == pytest.approx(1.0)
    assert rows[0.5].is_inside
    assert rows[0.7].ratio == pytest.approx(10.0)
    assert not rows[0.7].is_inside
    assert rows[0.2].ratio == pytest.approx(0.0316, rel=1e-2)
    assert not rows[0.2].is_inside
    assert [rows[at].found.count for at in (0.5, 0.6, 0.8)] == [2, 1, 1]


def test_each_stream_is_counted_by_itself() -> None:
    late = stream([0.0, 60.0], [0.1, 0.9])
    early = stream([100.0, 160.0], [0.9, 0.1])
    (row,) = dial([late, early], [0.5])
    assert row.false.count == 2
    assert row.false.hours == pytest.approx(120 / 3600)


def test_a_row_survives_json_and_becomes_a_line_of_text() -> None:
    row = DialRow(0.5, EpisodeRate(4, 40.0), Share(9, 10))
    assert DialRow.from_plain(row.to_plain()) == row
    text = "| 0.5 | 0.1 | 40.0 | 4 | 0.1 (0.0272 to 0.256) | yes | 1.00 | 9/10 (60 to 98 %) |"
    assert dial_markdown([row]).splitlines()[2] == text


def test_clouds_are_rows_in_their_order_and_all_of_them_the_last() -> None:
    quiet, noisy = stream([0.0, 300.0], [0.1, 0.1], 0.9), stream([0.0, 300.0], [0.9, 0.9], 0.2, 0.6)
    rows = cloud_rows([quiet, noisy], 0.5)
    assert [(row.name, row.found, row.false.count) for row in rows] == [
        ("a", Share(1, 1), 0),
        ("a", Share(1, 2), 2),
        ("all", Share(2, 3), 2),
    ]
    assert rows[-1].false.hours == pytest.approx(600 / 3600)
    assert [CloudRow.from_plain(row.to_plain()) for row in rows] == rows
    assert len(cloud_markdown(rows).splitlines()) == 5
