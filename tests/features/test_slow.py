"""What took too long: once, again and again, and many kinds at once."""

from __future__ import annotations

from math import isnan

import pytest

from core.baseline import Chains, CompiledBaseline
from core.events import LogEvent
from core.features.batch import FeatureBatch
from core.features.reference import BASELINE
from core.features.slow import NOT_SLOW, Slowness, SlowTracker, slow_again_reason, slow_reason
from core.features.wording import ReasonText
from tests.helpers.stream import UNKNOWN, about, batch_of, event, facts, learned, reply, spread


def spawn(seconds: float, at: float = 0.0) -> LogEvent:
    return event(f"Took {seconds:.2f} seconds to spawn the instance", at)


def usual(count: int) -> list[LogEvent]:
    return [spawn(20.0 * (0.9 + 0.2 * (number * 7 % 10) / 9)) for number in range(count)]


KNOWN = learned(spread(usual(60)))


def found(events: list[LogEvent], baseline: CompiledBaseline = UNKNOWN) -> list[Slowness]:
    batch: FeatureBatch = batch_of(events, baseline)
    return [batch.record(Slowness, row) for row in range(len(batch))]


def test_one_far_out_stands_out_by_the_stream_s_own_thirty_values() -> None:
    *_, early = found(spread([*usual(29), spawn(3_600.5)]))
    assert (early.slow_nats, early.slow_kind) == (0.0, 0)
    *_, slow = found(spread([*usual(30), spawn(3_600.5)]))
    assert slow.slow_nats == slow.duration_nats > 15.0
    assert (slow.slow_s, slow.usual_slow_s) == (3_600.5, about(20.0, rel=0.06))
    assert (slow.latency_nats, slow.stage_nats, slow.slow_again_nats) == (0.0, 0.0, 0.0)


def test_before_that_the_baseline_tells() -> None:
    def by_baseline(of: LogEvent) -> Slowness:
        return SlowTracker(KNOWN).advance(of, facts(of), Chains().link(of, 0.0), BASELINE, 0.0)

    slow, slower = by_baseline(spawn(3_600.5)), by_baseline(spawn(36_000.0))
    assert slow.slow_nats > 20.0
    assert slower.slow_nats > slow.slow_nats + 2.0


def test_three_times_the_usual_stands_out() -> None:
    assert found(spread([*usual(30), spawn(60.0)]))[-1].slow_nats > 9.0
    assert max(each.slow_nats for each in found(spread(usual(200)))) < 6.0


def test_what_is_slow_again_and_again_adds_up_and_what_is_slow_once_does_not() -> None:
    slow = found(spread([*usual(40), *[spawn(30.0) for _ in range(6)]]))[40:]
    again = [each.slow_again_nats for each in slow]
    assert again[0] == 0.0
    assert again == sorted(again)
    assert again[-1] > 2 * slow[0].slow_nats
    assert [each.slow_times for each in slow] == [1, 2, 3, 4, 5, 6]
    far_apart = found([*spread(usual(40)), *[spawn(30.0, 7_200.0 * (number + 1)) for number in range(6)]])[40:]
    assert max(each.slow_again_nats for each in far_apart) < slow[0].slow_nats / 20


def test_an_outage_does_not_soon_become_usual() -> None:
    slow = found(spread([*usual(100), *[spawn(3_600.0) for _ in range(50)]]))
    assert slow[-1].slow_nats > slow[100].slow_nats / 2
    assert slow[-1].usual_slow_s < 25.0


def test_many_routes_at_once_add_up_and_one_of_them_counts_once() -> None:
    def replies(seconds: float) -> list[LogEvent]:
        return [reply(path=f"things{chr(97 + number)}", seconds=seconds) for number in range(12)]

    def outage(seconds: float) -> list[Slowness]:
        return found(spread([*replies(0.2) * 35, *replies(seconds)], every=0.1))[-12:]

    slow = outage(0.4)
    assert [each.slow_kinds for each in slow] == list(range(1, 13))
    assert slow[-1].slow_again_nats == 0.0
    assert slow[-1].slow_many_nats > 5 * slow[0].slow_nats
    assert slow[-1].latency_nats == slow[-1].slow_nats
    reason = slow_again_reason(slow[-1])
    assert reason is not None
    assert reason.text.endswith("one of 12 steps that were slow within 1 s")


def test_a_stage_of_a_request_may_be_slow_and_what_a_user_did_is_none() -> None:
    def request(name: int, gap: float) -> list[LogEvent]:
        at = name * 1_000.0
        chain = f"{name:032d}"
        return [
            event("Attempting claim", at, request=chain, instance="i1"),
            event("Creating image", at + gap, request=chain, instance="i1"),
        ]

    events = [each for name in range(40) for each in request(name, 2.0)]
    *_, first, second = found([*events, *request(300, 200.0)])
    assert second.slow_nats == second.stage_nats > 9.0
    assert first.stage_nats == 0.0


def test_when_the_clock_is_set_back_what_was_slow_lately_is_forgotten_and_what_is_usual_is_not() -> None:
    slow = found([*spread(usual(40), start=100_000.0), spawn(30.0, 100_050.0), spawn(30.0, 10.0)])
    assert slow[-1].slow_nats > 4.0
    assert slow[-1].slow_again_nats == 0.0


SLOW = Slowness(0.0, 12.0, 0.0, 12.0, 2, 3_600.5, 18.6, 9.0, 5.0, 4, 600.0, 1, 600.0)


@pytest.mark.parametrize(
    ("slow", "text"),
    [
        (SLOW, "took 3,600 s, usually 18.6, for the 4th time in 10 min"),
        (SLOW._replace(slow_times=2), "took 3,600 s, usually 18.6, for the 2nd time in 10 min"),
        (SLOW._replace(slow_times=11), "took 3,600 s, usually 18.6, for the 11th time in 10 min"),
        (
            SLOW._replace(slow_kinds=12, slow_many_nats=10.0),
            "took 3,600 s, usually 18.6, one of 12 steps that were slow within 10 min",
        ),
        (SLOW._replace(slow_kind=1), "reply took 3,600 s, usually 18.6, for the 4th time in 10 min"),
        (SLOW._replace(slow_kind=3), "came after 3,600 s, usually 18.6, for the 4th time in 10 min"),
        (SLOW._replace(slow_again_nats=0.0, slow_many_nats=0.0), None),
        (NOT_SLOW, None),
    ],
)
def test_what_is_slow_again_is_worded(slow: Slowness, text: str | None) -> None:
    assert slow_again_reason(slow) == (text and ReasonText(text, 3_600.5, 18.6))


def test_what_is_slow_is_worded() -> None:
    assert slow_reason(SLOW) == ReasonText("took 3,600 s, usually 18.6", 3_600.5, 18.6)
    assert slow_reason(NOT_SLOW) is None
    assert isnan(NOT_SLOW.slow_s)
