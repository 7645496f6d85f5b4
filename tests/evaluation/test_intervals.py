"""Intervals against values of published tables."""

from __future__ import annotations

import math

import pytest

from core.evaluation.intervals import EpisodeRate, Share, markdown_table, poisson_interval, wilson_interval


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.6889), (1, 0.0253, 5.5716), (5, 1.6235, 11.6683), (10, 4.7954, 18.3904), (100, 81.3640, 121.6272)],
)
def test_the_interval_of_a_count_is_the_exact_one_of_garwood(count: int, low: float, high: float) -> None:
    assert poisson_interval(count) == pytest.approx((low, high), abs=1e-3)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"), [(0, 10, 0.0, 0.2775), (9, 10, 0.5958, 0.9821), (81, 263, 0.2553, 0.3662)]
)
def test_the_interval_of_a_share_is_that_of_wilson(count: int, of: int, low: float, high: float) -> None:
    assert wilson_interval(count, of) == pytest.approx((low, high), abs=1e-4)


def test_a_rate_is_that_of_both_stretches_together() -> None:
    both = EpisodeRate(1, 4.0) + EpisodeRate(1, 6.0)
    assert both.per_hour == pytest.approx(0.2)
    assert both.interval == pytest.approx((0.0242, 0.7225), abs=1e-4)
    assert both.text() == "0.2 (0.0242 to 0.722)"
    assert EpisodeRate.from_plain(both.to_plain()) == both


def test_nothing_measured_is_no_number() -> None:
    assert math.isnan(EpisodeRate(0, 0.0).per_hour)
    assert math.isnan(EpisodeRate(0, 0.0).interval[1])
    assert math.isnan(Share(0, 0).share)
    assert (EpisodeRate(0, 0.0).text(), Share(0, 0).text()) == ("-", "0/0")


def test_a_share_says_count_and_interval() -> None:
    share = Share(4, 5) + Share(5, 5)
    assert share.text() == "9/10 (60 to 98 %)"
    assert Share.from_plain(share.to_plain()) == share


def test_a_markdown_table_has_a_head_and_a_line_for_each_row() -> None:
    assert markdown_table(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |\n"
