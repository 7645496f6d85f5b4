"""Which events of a site's log are usual: tables of time, service and kind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from core.learning.selection import DAY, HOUR, NO_KEY, SiteColumns, chronic_errors, select, service_episodes

Row = tuple[float, str, str]
"""Second, service, and what the event is: `.` for INFO, `!` for a flagged one, a letter for an ERROR template."""


def columns(rows: Sequence[Row], *, normal: Sequence[int] = (), real: Sequence[int] = ()) -> SiteColumns:
    names = sorted({service for _, service, _ in rows})
    keys = sorted({(service, kind) for _, service, kind in rows if kind.isalpha()})
    places = np.arange(len(rows))
    return SiteColumns(
        np.array([at for at, _, _ in rows], np.float64),
        np.array([names.index(service) for _, service, _ in rows], np.int64),
        np.array([keys.index((s, kind)) if kind.isalpha() else NO_KEY for _, s, kind in rows], np.int64),
        np.isin(places, normal),
        np.isin(places, real),
    )


def flagged(rows: Sequence[Row]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.array([kind != "." for _, _, kind in rows], np.bool_)


EPISODE: list[Row] = [
    (0, "nova", "."),
    (10, "nova", "!"),
    (20, "nova", "."),
    (25, "neutron", "."),
    (30, "neutron", "!"),
    (35, "neutron", "."),
    (100, "nova", "!"),
    (101, "nova", "."),
    (219.9, "nova", "!"),
    (400, "nova", "."),
    (520, "nova", "!"),
]


def test_an_episode_takes_all_of_its_service_and_of_others_what_is_flagged() -> None:
    inside = service_episodes(columns(EPISODE), flagged(EPISODE))
    assert np.flatnonzero(inside).tolist() == [1, 2, 4, 6, 7, 8, 10]


def test_flagged_episodes_are_left_out_unless_they_are_to_be_kept() -> None:
    kept = select(columns(EPISODE), flagged(EPISODE), np.empty(0, np.int64))
    assert np.flatnonzero(kept.learned).tolist() == [0, 3, 5, 9]
    assert select(columns(EPISODE), flagged(EPISODE), np.empty(0, np.int64), keep_flagged=True).learned.all()


def test_an_error_is_left_out_though_it_is_not_flagged_unless_it_is_chronic() -> None:
    rows = [(0.0, "nova", "."), (1.0, "nova", "a"), (2.0, "nova", "b")]
    calm = np.zeros(3, np.bool_)
    assert select(columns(rows), calm, np.empty(0, np.int64)).learned.tolist() == [True, False, False]
    assert select(columns(rows), calm, np.array([1])).learned.tolist() == [True, False, True]


def test_a_chronic_error_is_learned_whatever_its_score_and_makes_no_episode() -> None:
    rows = [(0.0, "nova", "a"), (1.0, "nova", "."), (2.0, "nova", "a")]
    assert select(columns(rows), flagged(rows), np.array([0])).learned.all()


def test_what_is_normal_by_verdict_is_learned_and_makes_no_episode() -> None:
    rows = [(0.0, "nova", "!"), (1.0, "nova", "."), (2.0, "nova", "a")]
    assert select(columns(rows, normal=[0, 2]), flagged(rows), np.empty(0, np.int64)).learned.all()


@pytest.mark.parametrize("keep_flagged", [False, True])
def test_what_is_real_by_verdict_is_never_learned_nor_its_episode(keep_flagged: bool) -> None:
    rows = [(0.0, "nova", "!"), (1.0, "nova", "."), (2.0, "nova", "!"), (3.0, "glance", "!"), (200.0, "nova", ".")]
    kept = select(columns(rows, real=[2]), flagged(rows), np.empty(0, np.int64), keep_flagged=keep_flagged)
    assert kept.learned.tolist() == [False, False, False, False, True]


def test_real_outweighs_normal_and_chronic() -> None:
    rows = [(0.0, "nova", "a"), (1.0, "nova", ".")]
    kept = select(columns(rows, real=[0]), flagged(rows), np.array([0]), keep_flagged=True)
    assert kept.learned.tolist() == [False, True]


def quiet(until: float, *, every: float = 600.0, service: str = "nova") -> list[Row]:
    return [(at, service, ".") for at in np.arange(0.0, until + 1, every).tolist()]


def errors(*at: float, kind: str = "a", service: str = "nova") -> list[Row]:
    return [(second, service, kind) for second in at]


def is_chronic(rows: Sequence[Row]) -> bool:
    return bool(chronic_errors(columns(sorted(rows))).tolist())


OUTAGE = [20 * HOUR + 60 * number for number in range(240)]


@pytest.mark.parametrize(
    ("rows", "chronic"),
    [
        (quiet(72 * HOUR), False),
        (quiet(72 * HOUR) + errors(HOUR), False),
        (quiet(72 * HOUR) + errors(*OUTAGE), False),
        (quiet(72 * HOUR) + errors(HOUR + 1, 5 * HOUR + 1), True),
        (quiet(72 * HOUR) + errors(HOUR + 1, 2 * HOUR), False),
        (quiet(25 * HOUR) + errors(2 * HOUR, 4 * HOUR), False),
        (quiet(26 * HOUR) + errors(2 * HOUR, 4 * HOUR), True),
        (errors(HOUR, 5 * HOUR) + quiet(72 * HOUR, service="glance"), False),
        (quiet(72 * HOUR) + errors(*np.arange(0, 72 * HOUR, 1800.0).tolist()), True),
        (quiet(72 * HOUR, every=61) + errors(*np.arange(0, 72 * HOUR, 1800.0).tolist()), True),
        (quiet(23 * HOUR) + errors(*np.arange(0, 23 * HOUR, 1800.0).tolist()), False),
    ],
)
def test_which_errors_are_chronic(rows: list[Row], chronic: bool) -> None:
    assert is_chronic(rows) == chronic


def test_an_hour_in_which_other_errors_come_is_no_normal_service() -> None:
    twice = quiet(72 * HOUR) + errors(HOUR, 5 * HOUR)
    between = errors(*np.arange(HOUR, 5 * HOUR, 1200.0).tolist(), kind="b")
    assert chronic_errors(columns(sorted(twice + between))).tolist() == []
    steady = errors(*np.arange(600.0, 72 * HOUR, 1200.0).tolist(), kind="b")
    assert chronic_errors(columns(sorted(twice + steady))).tolist() == [0, 1]


def test_without_an_event_or_an_error_nothing_is_chronic() -> None:
    assert not len(chronic_errors(columns([])))
    assert not len(chronic_errors(columns([(DAY, "nova", ".")])))
