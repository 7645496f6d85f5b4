"""The trailing five minutes, the rate and the clock of a stream, against plain sums."""

from __future__ import annotations

from itertools import pairwise
from math import exp, inf, log, log1p, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.features import window as module
from core.features.clock import StreamClock
from core.features.rate import Rate
from core.features.window import Aggregates, Window, WindowInputs, window_reason
from core.features.wording import ReasonText
from tests.helpers.stream import about

Row = tuple[float, int, float, float, int]
"""Seconds, template, surprisal, latency z, and the flags as bits."""

FLAGS = 5


def inputs(rows: list[Row]) -> WindowInputs:
    at, templates, surprisal, latency_z, bits = zip(*rows, strict=True)
    flags = [np.array([bool(each >> place & 1) for each in bits]) for place in range(FLAGS)]
    return WindowInputs(np.array(at), list(templates), np.array(surprisal), np.array(latency_z), *flags)


def plainly(rows: list[Row], limit: int | None = None) -> list[list[float]]:
    """Events and aggregates of the window of each event, written as they are defined."""
    held: list[Row] = []
    found, newest = [], -inf
    for row in rows:
        newest = max(newest, row[0])
        held = [*held, row]
        while held[0][0] < newest - 300.0 or (limit and len(held) > limit):
            held = held[1:]
        warnings, errors, new, replies, failed = (sum(each[4] >> place & 1 for each in held) for place in range(FLAGS))
        count, replied = len(held), max(replies, 1)
        found.append([
            count,
            warnings / count,
            errors / count,
            failed / replied,
            new / count,
            log1p(len({each[1] for each in held})) / 5,
            sum(each[2] for each in held) / count / 5,
            sum(min(max(each[3], -6.0), 6.0) for each in held) / replied / 2,
        ])  # fmt: skip
    return found


def rows_of(steps: list[tuple[int, int, float, float, int]]) -> list[Row]:
    at, rows = 0.0, []
    for step, *rest in steps:
        at += step
        rows.append((at, *rest))
    return rows  # type: ignore[return-value]


steps = st.lists(
    st.tuples(
        st.sampled_from([-50, -1, 0, 0, 1, 10, 100, 200, 299, 300, 301, 1_000]),
        st.integers(1, 4),
        st.sampled_from([0.0, 1.25, 16.0]),
        st.sampled_from([-9.0, 0.0, 0.5, 9.0]),
        st.integers(0, 31),
    ),
    min_size=1,
    max_size=40,
)


@given(steps, st.sets(st.integers(1, 39)), st.sampled_from([None, 1, 3]))
def test_a_window_holds_what_came_within_five_minutes_however_the_stream_is_split(
    drawn: list[tuple[int, int, float, float, int]], cuts: set[int], limit: int | None
) -> None:
    if limit:  # what is dropped early no longer holds what is behind it and older
        drawn = [(abs(step), *rest) for step, *rest in drawn]  # type: ignore[misc]
    rows, window, found = rows_of(drawn), Window(), []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MAX_EVENTS", limit or module.MAX_EVENTS)
        for first, end in pairwise([0, *sorted(cut for cut in cuts if cut < len(rows)), len(rows)]):
            held = window.learn(inputs(rows[first:end]))
            found += np.column_stack((held.events, held.aggregates)).tolist()
    expected = np.array(plainly(rows, limit))
    columns = slice(1 if limit else 0, None)  # a full window counts its rate: see below
    np.testing.assert_allclose(np.array(found)[:, columns], expected[:, columns], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_a_full_window_counts_its_rate_and_not_its_events(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVENTS", 100)
    rows: list[Row] = [(number * 0.1, 1, 0.0, 0.0, 0) for number in range(1_000)]
    window = Window()
    events = np.concatenate([window.learn(inputs(rows[n : n + size])).events for n in range(0, 1_000, size)])
    assert events[:100].tolist() == list(range(1, 101))
    np.testing.assert_allclose(events[100:], 100 * 300.0 / 10.0)


def test_a_full_window_of_one_second_counts_no_more_than_its_events_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_EVENTS", 10)
    found = Window().learn(inputs([(5.0, 1, 0.0, 0.0, 0)] * 50)).events
    assert found[9:].tolist() == [10.0] + [10 * 300.0] * 40


def test_totals_may_run_over_however_long_the_stream_goes_on() -> None:
    rows: list[Row] = [(10.0 * number, 1, 16.0, 3.0, 31) for number in range(50)]
    fresh, old = Window(), Window()
    old._totals[:] = np.iinfo(np.int64).max - 3
    np.testing.assert_array_equal(old.learn(inputs(rows)).aggregates, fresh.learn(inputs(rows)).aggregates)


def test_a_window_keeps_room_for_what_it_holds_alone() -> None:
    window = Window()
    for number in range(2_000):
        window.learn(inputs([(60.0 * number, number, 1.0, 0.0, 0)]))
    sizes = [len(each) for each in (window._newest_at, window._totals, window._next, window._newest)]
    assert max(sizes) < 40


def rates(times: list[float], events: list[float], cuts: tuple[int, ...] = ()) -> list[float]:
    rate, found = Rate(), []
    for first, end in pairwise([0, *cuts, len(times)]):
        found += rate.learn(np.array(times[first:end]), np.array(events[first:end])).tolist()
    return found


@pytest.mark.parametrize("cuts", [(), (1,), (3, 90)])
def test_the_rate_is_compared_with_the_last_hour_once_the_stream_is_ten_minutes_old(cuts: tuple[int, ...]) -> None:
    times = [1_000.0 + 10.0 * number for number in range(100)]
    found = rates(times, [30.0] * 100, cuts)
    assert found[:60] == [0.0] * 60
    for number in range(60, 100):
        total = sum(exp(-(times[number] - at) / 3600) for at in times[: number + 1])
        usual = total / (3600 * (1 - exp(-(times[number] - 1_000.0) / 3600)))
        assert found[number] == about(log(31 / (usual * 300 + 1)))


def test_a_clock_that_goes_back_takes_nothing_off_the_usual_rate() -> None:
    there, back = rates([0.0, 700.0, 700.0], [1.0, 2.0, 3.0]), rates([0.0, 700.0, 690.0], [1.0, 2.0, 3.0])
    usual = [(exp(-700 / 3600) + 2) / (3600 * (1 - exp(-age / 3600))) for age in (700, 690)]
    assert there[2] == about(log(4 / (usual[0] * 300 + 1)))
    assert back[2] == about(log(4 / (usual[1] * 300 + 1)))


@pytest.mark.parametrize(
    ("stamps", "at", "gaps", "restarts"),
    [
        ([5.0, 7.0, 7.5], [5.0, 7.0, 7.5], [0.0, 2.0, 0.5], [0]),
        ([nan, nan, 9.0], [0.0, 0.0, 9.0], [0.0, 0.0, 9.0], [0]),
        ([5.0, nan, 6.0], [5.0, 5.0, 6.0], [0.0, 0.0, 1.0], [0]),
        ([100.0, 40.0, 39.0], [100.0, 40.0, 39.0], [0.0, 60.0, 1.0], [0]),
        ([100.0, 39.9, 40.0], [100.0, 39.9, 40.0], [0.0, 60.1, 0.1], [0, 1]),
        ([100.0, nan, 20.0], [100.0, 100.0, 20.0], [0.0, 0.0, 80.0], [0, 2]),
    ],
)
@pytest.mark.parametrize("cut", [1, 2, 3])
def test_an_event_happened_at_its_stamp_or_with_the_one_before_it(
    stamps: list[float], at: list[float], gaps: list[float], restarts: list[int], cut: int
) -> None:
    clock = StreamClock()
    found: tuple[list[float], list[float], list[int]] = ([], [], [])
    for first, part in ((0, stamps[:cut]), (cut, stamps[cut:])):
        if part:
            times = clock.advance(np.array(part))
            found[0].extend(times.at.tolist())
            found[1].extend(times.gaps.tolist())
            found[2].extend(first + row for row in times.restarts)
    assert found == (at, about(gaps), restarts)


USUAL = Aggregates(0.0, 0.0, 0.0, 0.0, 0.0, 0.5, 0.3, 0.0)


@pytest.mark.parametrize(
    ("change", "text", "value", "usual"),
    [
        ({"server_error_share": 0.25}, "5xx 25 % of replies, usually 0.1 (5 min)", 0.25, 0.001),
        ({"error_share": 0.0123}, "errors 1.23 % of events, usually 0.1 (5 min)", 0.0123, 0.001),
        ({"new_template_share": 0.005}, "unseen templates 0.5 % of events, usually 0.1 (5 min)", 0.005, 0.001),
        ({"warning_share": 0.3}, "warnings 30 % of events, usually 5 (5 min)", 0.3, 0.05),
        ({"warning_share": 0.2}, None, None, None),
        ({"error_share": 0.004}, None, None, None),
        ({"error_share": 0.5, "server_error_share": 0.5}, "5xx 50 % of replies, usually 0.1 (5 min)", 0.5, 0.001),
        ({"error_share": 0.5, "warning_share": 0.5}, "errors 50 % of events, usually 0.1 (5 min)", 0.5, 0.001),
        ({"rate_ratio": log(3)}, "3 times the usual rate of events (5 min)", 3.0, 1.0),
        ({"rate_ratio": -log(4), "mean_latency_z": 2.0}, "0.25 times the usual rate of events (5 min)", 0.25, 1.0),
        ({"rate_ratio": 0.7}, None, None, None),
        ({"mean_latency_z": 0.6}, "replies slower than usual (5 min)", 0.6, 0.0),
        ({"mean_latency_z": 0.5}, None, None, None),
        ({"mean_latency_z": -inf}, None, None, None),
    ],
)
def test_the_first_aggregate_that_stands_out_is_worded(
    change: dict[str, float], text: str | None, value: float | None, usual: float | None
) -> None:
    found = window_reason(USUAL._replace(**change))
    if text is None:
        assert found is None
    else:
        assert found == ReasonText(text, about(value), usual)
