"""How often a template comes within a minute, against the busiest minute before."""

from __future__ import annotations

from math import isnan, log, log1p

import pytest

from core.features.burst import NO_BURST, Burst, MinuteCounter, burst_reason
from core.features.wording import ReasonText
from tests.helpers.stream import about, batch_of, event, learned


def counted(minutes: list[int], log_peak: float = 0.0) -> tuple[MinuteCounter, list[Burst]]:
    """Count so many events in each minute; what is said of each."""
    counter, found = MinuteCounter(log_peak), []
    for minute, count in enumerate(minutes):
        for number in range(count):
            at = 60.0 * minute + 59.0 * number / max(count - 1, 1)
            found.append(counter.score(at))
            counter.learn(at)
    return counter, found


@pytest.mark.parametrize(
    ("minutes", "log_peak", "burst", "usual"),
    [
        ([6], 0.0, log(7 / 6), 6 * 6 / 7),
        ([20], 0.0, log(21 / 6), 20 * 6 / 21),
        ([20], log1p(9), log(21 / 10), 20 * 10 / 21),
        ([5, 20], 0.0, log(21 / 6), 20 * 6 / 21),
        ([20, 20], 0.0, log(21 / 6), 20 * 6 / 21),  # from 0 what is usual rises by 5 a minute at most
        ([20, 20, 20], 0.0, log(21 / 13), 20 * 13 / 21),  # and from 5 by half and 5
        ([20, 20, 20, 20], 0.0, log(21 / 21) + log(21 / 21), None),
        ([100, 1, 100], 0.0, log(101 / 6), 100 * 6 / 101),
        ([1, 1, 1], 0.0, 0.0, None),
        ([2], log1p(1), 0.0, None),
    ],
)
def test_the_last_event_of_a_minute_is_compared_with_the_busiest_one_before(
    minutes: list[int], log_peak: float, burst: float, usual: float | None
) -> None:
    _, found = counted(minutes, log_peak)
    assert found[-1].burst == about(burst)
    if usual is None:
        assert found[-1] is NO_BURST
    else:
        assert (found[-1].minute_count, found[-1].usual_minute_count) == (minutes[-1], about(usual))


def test_what_the_baseline_has_within_a_minute_is_no_burst() -> None:
    busy = [event("Busy", 60.0 + number) for number in range(50)]
    assert batch_of(busy, learned(busy)).column("minute_count").max() == 0
    assert batch_of(busy, learned(busy[:20])).record(Burst, 49) == (about(log(51 / 21)), 50, about(50 * 21 / 51))


def test_a_burst_is_said_of_no_event_before_it_is_one() -> None:
    _, found = counted([8])
    assert found[:5] == [NO_BURST] * 5
    assert [burst.minute_count for burst in found[5:]] == [6, 7, 8]


@pytest.mark.parametrize(("count", "is_burst"), [(2, False), (3, True)])
def test_two_events_are_no_burst_however_seldom_they_are(count: int, is_burst: bool) -> None:
    counter = MinuteCounter(0.0)
    counter._log_usual = 0.1
    for number in range(count - 1):
        counter.learn(float(number))
    assert (counter.score(5.0).burst > 0) is is_burst


def test_a_new_minute_begins_at_once() -> None:
    counter, _ = counted([50])
    assert counter.score(59.9).minute_count == 51
    assert counter.score(60.0) is NO_BURST


def test_no_burst_has_no_usual_count() -> None:
    assert (NO_BURST.burst, NO_BURST.minute_count) == (0.0, 0)
    assert isnan(NO_BURST.usual_minute_count)


@pytest.mark.parametrize(
    ("burst", "expected"),
    [
        (Burst(1.2, 40, 12.0), ReasonText("40 times within a minute, usually 12", 40, 12.0)),
        (Burst(1.0, 40, 14.7), None),
        (NO_BURST, None),
    ],
)
def test_a_burst_is_worded_with_its_counts(burst: Burst, expected: ReasonText | None) -> None:
    assert burst_reason(burst) == expected
