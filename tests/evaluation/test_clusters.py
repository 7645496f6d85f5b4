"""Clusters of errors, chronic ones, quiet time and ties, counted by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pytest

from core.evaluation.chronic import chronic_events
from core.evaluation.clusters import (
    Ties,
    UnlabelledLog,
    cluster_starts,
    is_quiet,
    log_figures,
    quiet_hours,
    ties,
)
from core.evaluation.intervals import Share
from core.support.arrays import Mask

HOUR, DAY = 3600.0, 86_400.0


class Row(NamedTuple):
    """One event."""

    at: float
    score: float = 0.0
    severe: bool = False
    server_error: bool = False
    template: int = 1
    service: int = 0
    learned: bool = False
    judged: bool = True


def log(*rows: Row) -> UnlabelledLog:
    at, scores, severe, server_error, templates, services, learned, judged = zip(*rows, strict=True)
    return UnlabelledLog(
        np.array(at, np.float64),
        np.array(scores, np.float64),
        np.array(severe, np.bool_),
        np.array(server_error, np.bool_),
        np.array(templates, np.int64),
        np.array(services, np.int64),
        np.array(learned, np.bool_),
        np.array(judged, np.bool_),
    )


def chronic(*rows: Row) -> list[float]:
    """Stamps of the chronic events, in hours."""
    given = log(*rows).in_time_order()
    found: Mask = chronic_events(given.timestamps, given.severe, given.templates, given.services, given.learned)
    hours: list[float] = (given.timestamps[found] / HOUR).tolist()
    return hours


def error(at: float, template: int = 9, **more: bool | float) -> Row:
    return Row(at, severe=True, template=template, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stamps", "starts"),
    [
        ([0.0, 120.0, 240.0], [0.0]),
        ([0.0, 120.0, 241.0], []),
        ([0.0, 1.0], []),
        ([0.0, 500.0, 501.0, 502.0, 503.0, 900.0, 910.0, 920.0], [500.0, 900.0]),
        ([], []),
    ],
)
def test_three_errors_each_within_two_minutes_of_the_one_before_are_a_cluster(
    stamps: Sequence[float], starts: Sequence[float]
) -> None:
    assert cluster_starts(np.array(stamps, np.float64)).tolist() == starts


@pytest.mark.parametrize(("at", "found"), [(100.0, 1), (160.0, 1), (160.1, 0), (99.0, 0)])
def test_a_cluster_is_found_by_what_is_flagged_within_a_minute_after_its_first_line(at: float, found: int) -> None:
    errors = [error(100.0), error(105.0), error(200.0)]
    assert log_figures(log(*errors, Row(at, 0.6)), 0.5).clusters == Share(found, 1)


@pytest.mark.parametrize(("at", "before"), [(40.0, 1), (39.9, 0), (99.9, 1), (100.0, 0)])
def test_a_find_is_marked_where_the_minute_before_was_flagged_too(at: float, before: int) -> None:
    errors = [error(100.0, score=0.9), error(105.0), error(200.0)]
    figures = log_figures(log(Row(at, 0.6), *errors), 0.5)
    assert (figures.clusters, figures.flagged_before) == (Share(1, 1), before)


def test_quiet_is_ten_minutes_from_trouble_on_either_side() -> None:
    stamps = np.array([0.0, 400.0, 401.0, 1000.0, 1599.0, 1600.0])
    assert is_quiet(stamps, np.array([1000.0])).tolist() == [True, True, False, False, False, True]
    assert is_quiet(stamps, np.zeros(0)).all()


def test_quiet_time_leaves_out_trouble_with_its_margins_and_what_is_a_pause() -> None:
    minutes = np.arange(0.0, 3601.0, 60.0)
    assert quiet_hours(minutes, np.zeros(0)) == pytest.approx(1.0)
    assert quiet_hours(minutes, np.array([1800.0])) == pytest.approx((3600 - 1200) / 3600)
    assert quiet_hours(minutes, np.array([1500.0, 1800.0])) == pytest.approx((3600 - 1500) / 3600)
    assert quiet_hours(minutes, np.array([0.0, 3600.0])) == pytest.approx((3600 - 1200) / 3600)
    assert quiet_hours(np.array([0.0, DAY]), np.zeros(0)) == pytest.approx(300 / 3600)
    # Of the five minutes that the pause counts, the first two are within ten minutes of the trouble.
    assert quiet_hours(np.array([0.0, DAY]), np.array([-480.0])) == pytest.approx(180 / 3600)
    assert quiet_hours(np.array([5.0]), np.zeros(0)) == 0.0


def test_what_is_flagged_in_quiet_time_is_counted_as_episodes_per_quiet_hour() -> None:
    rows = [Row(60.0 * minute) for minute in range(61)]
    rows[5] = rows[5]._replace(score=0.7)
    rows[6] = rows[6]._replace(score=0.7)  # the same episode
    rows[30] = rows[30]._replace(server_error=True, score=0.9)
    rows[39] = rows[39]._replace(score=0.9)  # within ten minutes of the 5xx
    rows[40] = rows[40]._replace(score=0.55)
    figures = log_figures(log(*rows), 0.5)
    assert figures.quiet.count == 2
    assert figures.quiet.hours == pytest.approx(2400 / 3600)
    assert figures.flagged == {0.1: 5, 0.2: 5, 0.3: 5, 0.4: 5, 0.5: 5, 0.6: 4, 0.7: 4, 0.8: 2}
    assert [row.false.count for row in figures.dial] == [2, 2, 2, 2, 1, 1, 0]


def test_only_the_judged_part_is_judged_and_trouble_in_the_past_still_disturbs_it() -> None:
    past = [Row(60.0 * minute, np.nan, severe=minute >= 8, judged=False) for minute in range(11)]
    later = [Row(660.0 + 60.0 * minute, 0.9) for minute in range(20)]
    figures = log_figures(log(*past, *later), 0.5)
    assert (figures.events, figures.clusters, figures.flagged[0.8]) == (20, Share(0, 0), 20)
    assert figures.quiet.hours == pytest.approx((1800 - 1200) / 3600)
    assert figures.quiet.count == 1


def test_a_log_without_stamps_or_without_a_judged_event_has_no_hours() -> None:
    assert log_figures(log(Row(np.nan, 0.6)), 0.5).quiet.hours == 0.0
    assert log_figures(log(Row(1.0, 0.6, judged=False)), 0.5).events == 0


def test_an_event_without_a_stamp_is_where_the_one_before_it_is() -> None:
    ordered = log(Row(np.nan), Row(5.0), Row(np.nan), Row(3.0)).in_time_order()
    assert ordered.timestamps.tolist() == [3.0, 5.0, 5.0, 5.0]


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ([0.0, 0.0, 0.45, 0.45, 0.3], Ties(0.4, 0.45)),
        ([0.2, 0.3], Ties(0.5, 0.3)),
        ([0.0, 0.0], Ties(0.0, None)),
        ([], Ties(0.0, None)),
    ],
)
def test_a_tie_is_the_share_of_the_score_but_0_that_most_events_have(scores: Sequence[float], found: Ties) -> None:
    assert ties(np.array(scores, np.float64)) == found


def test_an_error_of_12_of_the_last_24_hours_is_chronic_once_it_is_a_day_old() -> None:
    normal = [Row(HOUR * hour) for hour in range(60)]
    every_second = [error(HOUR * hour + 60.0) for hour in range(0, 50, 2)]
    assert chronic(*normal, *every_second)[0] == pytest.approx(24 + 1 / 60)
    every_third = [error(HOUR * hour + 60.0) for hour in range(0, 50, 3)]
    # 8 or 9 of 24 hours; but after an hour of normal service each is a run of its own.
    assert chronic(*[row._replace(service=1) for row in normal], *every_third) == []


def test_hours_in_which_nothing_was_logged_are_no_hours_of_the_log() -> None:
    # 12 hours of a day, then the machine sleeps for a week.
    rows = [error(HOUR * hour) for hour in range(13)]
    assert chronic(*rows, error(8 * DAY)) == [8 * 24.0]


def test_an_error_of_two_earlier_runs_is_chronic_where_normal_service_lies_between() -> None:
    runs = [error(0.0), error(60.0), error(6 * HOUR), error(30 * HOUR), error(30 * HOUR + 60.0)]
    normal = [Row(HOUR * hour + 1.0) for hour in range(31)]
    assert chronic(*runs, *normal) == pytest.approx([30.0, 30.0 + 1 / 60])
    silent = [row._replace(service=1) for row in normal]  # the service itself logs nothing in between
    assert chronic(*runs, *silent) == []
    # Other errors of the service, each of its own template: they never stop for an hour.
    disturbed = [error(HOUR / 2 * part, template=100 + part) for part in range(61)]
    assert chronic(*runs, *normal, *disturbed) == []


def test_the_running_outage_does_not_make_itself_chronic() -> None:
    normal = [Row(HOUR * hour + 1.0) for hour in range(60)]
    assert chronic(error(0.0), *normal, *(error(50 * HOUR + 10.0 * again) for again in range(9))) == []


def test_nothing_younger_than_a_day_is_chronic() -> None:
    normal = [Row(HOUR * hour + 1.0) for hour in range(24)]
    assert chronic(*normal, *(error(HOUR * hour, learned=True) for hour in range(24))) == []


def test_a_learned_error_is_chronic_once_it_is_a_day_old() -> None:
    assert chronic(error(0.0, learned=True), error(DAY, learned=True), error(DAY + 1.0, template=8)) == [24.0]


def test_the_same_template_of_another_service_is_another_one() -> None:
    assert chronic(error(0.0, learned=True), error(DAY, learned=True, service=1)) == []


def test_chronic_errors_are_in_no_cluster() -> None:
    first = error(0.0, learned=True)
    later = [error(DAY + second, learned=True) for second in range(3)]
    figures = log_figures(log(first, *later), 0.5)
    assert (figures.clusters, figures.chronic) == (Share(0, 0), 3)
    assert log_figures(log(*later), 0.5).clusters == Share(0, 1)
