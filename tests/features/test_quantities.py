"""Quantities against what is usual of them, and how that is worded."""

from __future__ import annotations

from math import exp, isnan, log, nan, sqrt
from statistics import fmean

import pytest

from core.baseline import LogNormal
from core.events import LogEvent
from core.features.quantities import (
    NO_QUANTITIES,
    Quantities,
    QuantityTracker,
    duration_reason,
    latency_reason,
    size_reason,
    status_reason,
)
from core.features.reference import BASELINE, NONE, STREAM, Reference
from core.features.wording import ReasonText
from core.features.zscore import UNKNOWN, RunningZScore
from tests.helpers.stream import UNKNOWN as NO_BASELINE
from tests.helpers.stream import about, batch_of, event, facts, learned, reply, spread

USUAL = LogNormal(log(2.0), 0.5)
"""About 2, seldom more than 5."""


def drawn_towards(logs: list[float], floor: float) -> float:
    """Deviation of these values and four more at `floor` from their mean."""
    mean = fmean(logs)
    return max(sqrt((sum((each - mean) ** 2 for each in logs) + 4 * floor**2) / (len(logs) + 4)), floor / 2)


@pytest.mark.parametrize(
    ("value", "z"),
    [(2.0 - 0.001, 0.0), (2.0 * exp(0.5) - 0.001, 1.0), (2.0 * exp(-1.0) - 0.001, -2.0), (2.0 * exp(5) - 0.001, 10.0)],
)
def test_the_first_value_is_compared_with_the_baseline_and_not_clipped(value: float, z: float) -> None:
    found = RunningZScore(USUAL).score(value, BASELINE)
    assert found == (about(z), about(1.999))


def test_zero_is_a_value() -> None:
    z, usual = RunningZScore(LogNormal(log(0.0005), 0.5)).score(0.0, BASELINE)
    assert z == about(log(2) / 0.5)
    assert usual == 0.0


def test_what_is_usual_moves_from_the_baseline_to_the_values_of_the_stream() -> None:
    quantity = RunningZScore(USUAL)
    for count in range(1, 101):
        quantity.learn(8.0, 0.0, BASELINE)
        weight = count / (count + 50)
        mean = log(2.0) + weight * (log(8.001) - log(2.0))
        z, usual = quantity.score(4.0, BASELINE)
        assert usual == about(exp(mean) - 0.001)
        assert z == about((log(4.001) - mean) / 0.5)  # equal values do not narrow what the baseline has


def test_values_that_differ_widen_what_is_usual() -> None:
    quantity = RunningZScore(LogNormal(log(2.0), 0.1))
    logs = []
    for number in range(200):
        value = 2.0 * exp(1.0 if number % 2 else -1.0)
        quantity.learn(value, 0.0, BASELINE)
        logs.append(log(value + 0.001))
    weight = 200 / 250
    mean = log(2.0) + weight * (fmean(logs) - log(2.0))
    z, _ = quantity.score(4.0, BASELINE)
    assert z == about((log(4.001) - mean) / (weight * drawn_towards(logs, 0.1)))


@pytest.mark.parametrize("baseline", [USUAL, None])
@pytest.mark.parametrize("reference", [NONE, STREAM])
def test_away_from_the_baseline_twenty_values_of_the_stream_are_needed(
    baseline: LogNormal | None, reference: Reference
) -> None:
    quantity = RunningZScore(baseline)
    values = [2.0 + 0.1 * number for number in range(20)]
    for value in values:
        assert quantity.score(value, reference) == UNKNOWN
        quantity.learn(value, 0.0, reference)
    logs = [log(value + 0.001) for value in values]
    z, usual = quantity.score(6.0, reference)
    assert usual == about(exp(fmean(logs)) - 0.001)
    assert z == about((log(6.001) - fmean(logs)) / drawn_towards(logs, 0.5))


def test_a_quantity_that_the_baseline_lacks_is_compared_with_the_stream_at_home_too() -> None:
    quantity = RunningZScore(None)
    for _ in range(20):
        assert quantity.score(1.0, BASELINE) == UNKNOWN
        quantity.learn(1.0, 0.0, BASELINE)
    assert quantity.score(1.0, BASELINE)[0] == about(0.0)
    assert quantity.score(exp(0.5) + 0.0006, BASELINE)[0] == about(2.0, abs=0.3)


@pytest.mark.parametrize(("z", "learned_as"), [(10.0, 3.0), (-10.0, -3.0), (3.0, 3.0), (-3.0, -3.0), (2.5, 2.5)])
def test_a_value_far_out_is_learned_as_one_three_deviations_out(z: float, learned_as: float) -> None:
    far, plain = RunningZScore(USUAL), RunningZScore(USUAL)
    value = 2.0 * exp(0.5 * z) - 0.001
    far.learn(value, far.score(value, BASELINE)[0], BASELINE)
    plain.learn(2.0 * exp(0.5 * learned_as) - 0.001, 0.0, BASELINE)
    assert far.score(3.0, BASELINE) == about(plain.score(3.0, BASELINE))


HEALTHY = [
    *[reply(seconds=0.2, size=100) for _ in range(40)],
    *[reply(seconds=0.2, size=20, status=404) for _ in range(9)],
    *[event("Took 20.0 seconds to spawn the instance") for _ in range(30)],
]
KNOWN = learned(spread(HEALTHY))


def score(of: LogEvent, tracker: QuantityTracker | None = None, reference: Reference = BASELINE) -> Quantities:
    return (tracker or QuantityTracker(KNOWN)).score(facts(of), reference)


def test_a_reply_is_compared_with_its_route_in_time_and_with_its_status_too_in_size() -> None:
    found = score(reply(seconds=0.8, size=200))
    assert found.latency_z == about(log(0.801 / 0.201) / (0.175 * (1 + 1 / 49) ** 0.5))
    assert (found.latency_s, found.usual_latency_s) == (0.8, about(0.2))
    assert (found.size, found.usual_size) == (200.0, about(100.0))
    refused = score(reply(size=200, status=404))
    assert refused.usual_size == about(20.0)
    assert refused.size_z > found.size_z > 1
    assert refused.usual_latency_s == about(0.2)
    assert found.duration_z == 0.0
    assert isnan(found.duration_s)
    assert isnan(found.usual_duration_s)


@pytest.mark.parametrize(
    ("status", "surprisal"), [(200, log(50 / 40.5)), (404, log(50 / 9.5)), (500, log(50 / 0.5)), (403, log(50 / 0.5))]
)
def test_a_status_is_as_surprising_as_seldom_its_route_gives_it(status: int, surprisal: float) -> None:
    assert score(reply(status=status)).status_surprisal == about(surprisal)
    assert score(reply(status=status), reference=STREAM).status_surprisal == 0.0
    assert score(reply(status=status)).own_status_surprisal == 0.0


def test_away_from_the_baseline_a_status_is_as_surprising_as_seldom_the_route_gave_it_in_this_stream() -> None:
    tracker = QuantityTracker(KNOWN)

    def own(status: int, path: str = "servers", reference: Reference = STREAM) -> float:
        return score(reply(path=path, status=status), tracker, reference).own_status_surprisal

    assert own(200) == own(500) == about(log(1 / 0.5))
    for status in (200, 200, 200, 404):
        of = reply(status=status)
        tracker.learn(facts(of), score(of, tracker, STREAM), STREAM)
    assert (own(200), own(404), own(500)) == about((log(5 / 3.5), log(5 / 1.5), log(5 / 0.5)))
    assert own(200, "elsewhere") == about(log(2))
    assert own(404, reference=NONE) == own(404, reference=BASELINE) == 0.0
    assert own(404, "elsewhere", BASELINE) > 0.0  # a route that the baseline lacks
    assert score(reply(status=404), tracker, STREAM).status_surprisal == 0.0


def test_a_status_that_a_busy_route_never_gave_has_a_limit() -> None:
    tracker, of = QuantityTracker(NO_BASELINE), facts(reply())
    tracker._own_statuses[of.route][200] = 10**9
    assert tracker.score(facts(reply(status=500)), STREAM).own_status_surprisal == 16.0


def test_a_status_of_a_route_that_the_baseline_lacks_says_nothing() -> None:
    found = score(reply(path="elsewhere", status=500))
    assert (found.status_surprisal, found.latency_z, found.size_z) == (0.0, 0.0, 0.0)
    assert isnan(found.usual_latency_s)


def test_a_duration_is_compared_with_its_template() -> None:
    found = score(event("Took 41.8 seconds to spawn the instance"))
    assert (found.duration_s, found.usual_duration_s) == (41.8, about(20.0))
    assert found.duration_z > 1
    assert (found.latency_z, found.size_z, found.status_surprisal) == (0.0, 0.0, 0.0)
    assert isnan(found.latency_s)


def test_a_message_without_numbers_has_no_quantities() -> None:
    assert score(event("Something happened")) is NO_QUANTITIES
    assert [isnan(value) for value in NO_QUANTITIES[4:10]] == [True] * 6
    assert NO_QUANTITIES[:4] == (0.0,) * 4


def test_the_stream_s_own_replies_are_learned_by_route_size_and_template() -> None:
    tracker = QuantityTracker(NO_BASELINE)
    events = [reply(seconds=0.5, size=70), event("Took 5.0 seconds to boot"), event("Nothing to see")]
    for _ in range(20):
        for of in events:
            tracker.learn(facts(of), score(of, tracker, reference=STREAM), STREAM)
    slow = score(reply(seconds=5.0, size=700), tracker, reference=STREAM)
    assert (slow.usual_latency_s, slow.usual_size) == (about(0.5), about(70.0))
    other = score(reply(seconds=5.0, size=700, status=500), tracker, reference=STREAM)
    assert other.usual_latency_s == about(0.5)
    assert isnan(other.usual_size)
    assert score(event("Took 9.0 seconds to boot"), tracker, reference=STREAM).usual_duration_s == about(5.0)
    assert isnan(score(event("Took 9.0 seconds to die"), tracker, reference=STREAM).usual_duration_s)


@pytest.mark.parametrize(
    ("of", "quantity"),
    [
        (reply(seconds=0.0), "latency_s"),
        (reply(seconds=0.5), "latency_s"),
        (reply(size=0), "size"),
        (event("Took 0.0 seconds to spawn the instance"), "duration_s"),
        (event("Took 0.5 seconds to spawn the instance"), "duration_s"),
    ],
)
def test_nothing_and_less_than_one_are_values_too(of: LogEvent, quantity: str) -> None:
    tracker = QuantityTracker(KNOWN)
    found = score(of, tracker)
    assert getattr(found, quantity) < 1.0
    tracker.learn(facts(of), found, BASELINE)
    again = score(of, tracker)
    assert getattr(found, f"usual_{quantity}") != getattr(again, f"usual_{quantity}")


def test_the_features_of_a_slow_reply_are_clipped_and_its_evidence_is_not() -> None:
    batch = batch_of([*spread(HEALTHY), reply(100.0, seconds=3_600.0)], KNOWN)
    found = batch.record(Quantities, len(HEALTHY))
    assert found.latency_z == 6.0
    assert (found.latency_s, found.usual_latency_s) == (3_600.0, about(0.2, abs=0.01))


FOUND = Quantities(2.0, 2.0, 1.0, 2.0, 12.5, 0.2, 4_000.0, 321.0, 41.8, 19.8, 0.0)


@pytest.mark.parametrize(
    ("word", "found", "expected"),
    [
        (latency_reason, FOUND, ReasonText("reply took 12.5 s, usually 0.2", 12.5, 0.2)),
        (latency_reason, FOUND._replace(latency_z=-2.0), ReasonText("reply took 12.5 s, usually 0.2", 12.5, 0.2)),
        (latency_reason, FOUND._replace(latency_z=1.0), None),
        (size_reason, FOUND, ReasonText("reply of 4,000 bytes, usually 321", 4_000.0, 321.0)),
        (size_reason, FOUND._replace(size_z=-1.0), None),
        (duration_reason, FOUND, ReasonText("took 41.8 s, usually 19.8", 41.8, 19.8)),
        (duration_reason, FOUND._replace(duration_z=0.9), None),
        *[(word, NO_QUANTITIES, None) for word in (latency_reason, size_reason, duration_reason)],
        *[
            (word, FOUND._replace(usual_latency_s=nan, usual_size=nan, usual_duration_s=nan), None)
            for word in (latency_reason, size_reason, duration_reason)
        ],
    ],
)
def test_a_quantity_is_worded_before_what_is_usual_of_it(
    word: object, found: Quantities, expected: ReasonText | None
) -> None:
    assert callable(word)
    assert word(found) == expected


@pytest.mark.parametrize(
    ("status", "surprisal", "text"),
    [
        (0, 9.0, None),
        (200, 3.0, "status 200, unusual for this route"),
        (404, 3.0, "status 404, unusual for this route"),
        (404, 2.9, "status 404"),
        (400, 0.0, "status 400"),
        (399, 0.0, None),
        (200, 0.0, None),
    ],
)
def test_a_status_is_worded_where_it_is_unusual_or_an_error(status: int, surprisal: float, text: str | None) -> None:
    found = status_reason(FOUND._replace(status_surprisal=surprisal), status)
    assert found == (text and ReasonText(text, float(status)))
