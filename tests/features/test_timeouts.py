"""Requests and instances after which no event came in time: when, whether that is novel, and how it is worded."""

from __future__ import annotations

from math import isnan, log1p, nan
from typing import Any

import pytest

from core.baseline import Chains, CompiledBaseline
from core.events import LogEvent
from core.features import timeouts as module
from core.features.timeouts import (
    NO_TIMEOUTS,
    FollowRate,
    Timeouts,
    TimeoutTracker,
    context_reason,
    overdue_count,
    repeated_timeouts_reason,
    timeout_reason,
)
from core.features.wording import ReasonText
from tests.helpers.stream import about, batch_of, event, facts, learned

ASK, ANSWER = "Attempting claim", "Claim successful"
TIMEOUT_S = 30.0


def claims(count: int, wait: float = 1.0, *, instance: bool = False) -> list[LogEvent]:
    events = []
    for n in range(count):
        owner = {"instance": f"i{n}"} if instance else {"request": f"r{n}"}
        events += [event(ASK, 100.0 * n, **owner), event(ANSWER, 100.0 * n + wait, **owner)]  # type: ignore[arg-type]
    return events


KNOWN = learned(claims(30))


def overdue(count: int) -> Any:
    return about(log1p(count) / 3)


class Case:
    """A stream of claims."""

    def __init__(self, baseline: CompiledBaseline = KNOWN) -> None:
        self.chains, self.tracker = Chains(), TimeoutTracker(baseline)

    def say(self, message: str, at: float, request: str = "", instance: str = "") -> Timeouts:
        of = event(message, at, request=request, instance=instance)
        template = facts(of).template.id
        self.chains.link(of, at)
        found = self.tracker.advance(self.chains, at)
        self.tracker.learn(of, template, self.chains.learn(of, template, at), at)
        return found

    def follow(self, count: int, start: float = -100_000.0) -> Case:
        for n in range(count):
            self.say(ASK, start + 100.0 * n, f"f{start}{n}")
            self.say(ANSWER, start + 100.0 * n + 1.0, f"f{start}{n}")
        return self


@pytest.mark.parametrize(
    ("count", "wait", "followed", "timeout_s"),
    [
        (30, 1.0, 30, TIMEOUT_S),
        (30, 100.0, 30, 2.0 + 1.5 * 100.0),
        (29, 1.0, 29, None),
        (30, 240.0, 30, None),
        (30, 239.0, 30, 2.0 + 1.5 * 239.0),
        (400, 1.0, 399, TIMEOUT_S),
        (400, 1.0, 398, None),
    ],
)
@pytest.mark.parametrize("instance", [False, True])
def test_a_template_is_timed_where_an_event_always_follows_it_soon(
    count: int, wait: float, followed: int, timeout_s: float | None, instance: bool
) -> None:
    events = [each for n, each in enumerate(claims(count, wait, instance=instance)) if n // 2 < followed or n % 2 == 0]
    compiled = learned(sorted(events, key=lambda each: each.timestamp or 0.0))
    ask = facts(event(ASK)).template.id
    by_instance, by_request = compiled.instance_timeouts.get(ask), compiled.request_timeouts.get(ask)
    assert (by_instance if instance else by_request) == timeout_s
    assert (by_request if instance else by_instance) is None
    assert facts(event(ANSWER)).template.id not in {**compiled.request_timeouts, **compiled.instance_timeouts}


@pytest.mark.parametrize(
    ("at", "found"),
    [(29.9, False), (30.0, False), (30.1, True)],
)
def test_a_request_times_out_when_nothing_came_for_its_time(at: float, found: bool) -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    timeouts = case.say("Something else", at)
    assert timeouts == (Timeouts(overdue(1), 1, at, 0) if found else NO_TIMEOUTS)


@pytest.mark.parametrize("message", [ANSWER, ASK, "Something else"])
def test_any_event_of_the_request_is_an_answer(message: str) -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    case.say(message, 29.0, "a")
    assert case.say("Something else", 40.0) is NO_TIMEOUTS


def test_an_event_of_another_request_is_no_answer() -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    case.say(ANSWER, 29.0, "b")
    assert case.say("Something else", 40.0).timed_out == 1


def test_an_instance_is_timed_by_what_follows_in_instances() -> None:
    case = Case(learned(claims(30, instance=True)))
    case.say(ASK, 0.0, "a", "i")
    case.say(ANSWER, 1.0, "a")
    assert case.say("Something else", 31.0).timed_out == 1
    assert case.say(ASK, 40.0, "b") == (overdue(1), 0, about(nan, nan_ok=True), 0)
    assert case.say("Something else", 80.0).timed_out == 0


def test_what_is_not_timed_never_times_out() -> None:
    case = Case()
    case.say(ANSWER, 0.0, "a")
    case.say(ASK, 0.0)
    assert case.say("Something else", 5_000.0) is NO_TIMEOUTS


def test_several_timeouts_at_once_count_each_and_tell_the_age_of_the_first() -> None:
    case = Case()
    for n in range(3):
        case.say(ASK, 2.0 * n, f"a{n}")
    assert case.say("Something else", 50.0) == (overdue(3), 3, 50.0, 0)
    assert case.say("Something else", 51.0)[:2] == (overdue(3), 0)


def test_timeouts_are_overdue_for_five_minutes_after_they_were_found() -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    case.say("Something else", 40.0)
    case.say(ASK, 100.0, "b")
    found = [(at, overdue_count(case.say("Something else", at))) for at in (140.0, 340.0, 340.1, 440.0, 440.1)]
    assert found == [(140.0, 2), (340.0, 2), (340.1, 1), (440.0, 1), (440.1, 0)]


def test_no_more_is_overdue_than_its_feature_can_say() -> None:
    case = Case()
    for n in range(9_000):
        case.say(ASK, 0.0, f"a{n}")
    found = case.say("Something else", 40.0)
    assert (found.timed_out, found.overdue_requests) == (9_000, 3.0)


@pytest.mark.parametrize(("followed", "repeated"), [(2, [0, 0, 0]), (3, [0, 0, 3])])
def test_timeouts_are_novel_once_an_event_has_followed_three_times(followed: int, repeated: list[int]) -> None:
    case, found = Case().follow(followed), []
    for n in range(3):
        case.say(ASK, 50.0 * n, f"a{n}")
        found.append(case.say("Something else", 50.0 * n + 40.0).repeated)
    assert found == repeated


def test_what_was_answered_does_not_hide_what_was_not() -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    case.say(ASK, 1.0, "b")
    case.say(ANSWER, 2.0, "a")
    assert case.say("Something else", 50.0)[1:3] == (1, 49.0)


def test_templates_are_followed_each_at_its_own_rate() -> None:
    other, answer = "Requesting image", "Image found"
    begun = [
        (event(other, 100.0 * n, request=f"o{n}"), event(answer, 100.0 * n + 1.0, request=f"o{n}")) for n in range(30)
    ]
    case = Case(learned(claims(30), [each for pair in begun for each in pair])).follow(300)
    found = []
    for n in range(3):
        case.say(ASK, 100.0 * n, f"a{n}")
        case.say(other, 100.0 * n, f"b{n}")
        found.append(case.say("Something else", 100.0 * n + 40.0)[1::2])
    assert found == [(2, 0), (2, 0), (2, 3)]  # nothing ever followed the other one here: only the first is novel


def test_timeouts_that_one_event_finds_are_one() -> None:
    case = Case().follow(300)
    for n in range(3):
        case.say(ASK, float(n), f"a{n}")
    assert case.say("Something else", 100.0)[1::2] == (3, 0)


@pytest.mark.parametrize(("every", "repeated"), [(100.0, [0, 0, 3, 4, 4]), (151.0, [0, 0, 0, 0, 0])])
def test_novel_timeouts_count_within_five_minutes(every: float, repeated: list[int]) -> None:
    case, found = Case().follow(300), []
    for n in range(5):
        case.say(ASK, every * n, f"a{n}")
        found.append(case.say("Something else", every * n + 40.0).repeated)
    assert found == repeated


def test_an_event_that_finds_no_timeout_is_not_told_of_those_before() -> None:
    case = Case().follow(300)
    for n in range(4):
        case.say(ASK, 50.0 * n, f"a{n}")
    assert case.say("Something else", 195.0).repeated == 4
    assert case.say("Something else", 196.0).repeated == 0


def test_nothing_is_overdue_after_the_clock_was_set_back() -> None:
    case = Case()
    case.say(ASK, 0.0, "a")
    case.say("Something else", 40.0)
    case.say(ASK, 50.0, "b")
    case.tracker.restart()
    assert case.say("Something else", 5_000.0) is NO_TIMEOUTS


def test_the_soonest_of_too_many_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 5)
    case = Case()
    for n in range(11):
        case.say(ASK, float(n) / 10, f"a{n}")
    assert case.say("Something else", 100.0).oldest_s == about(99.9)


def novel(rate: FollowRate, times: list[float]) -> list[bool]:
    return [rate.time_out(at) for at in times]


def test_a_timeout_is_no_more_novel_once_one_in_twenty_did_not_follow() -> None:
    rate = FollowRate()
    rate.followed = 38
    # those of the last five minutes do not count yet
    assert novel(rate, [0.0, 1.0, 2.0, 300.0]) == [True] * 4
    assert novel(rate, [301.0, 301.5]) == [True] * 2  # 1 of 39, 2 of 40
    assert novel(rate, [302.5]) == [False]  # 3 of 41


def test_a_timeout_of_exactly_five_minutes_ago_does_not_count_yet() -> None:
    rate = FollowRate()
    rate.followed = 3
    assert novel(rate, [0.0, 300.0]) == [True, True]
    assert novel(rate, [300.1]) == [False]


def test_a_template_that_nothing_followed_here_has_no_novel_timeout() -> None:
    rate = FollowRate()
    assert novel(rate, [0.0, 1.0]) == [False, False]
    rate.followed = 2
    assert novel(rate, [2.0]) == [False]
    rate.followed = 3
    assert novel(rate, [3.0]) == [True]


def test_too_many_timeouts_within_five_minutes_count_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LIMIT", 2)
    rate = FollowRate()
    rate.followed = 19
    assert novel(rate, [0.0, 1.0, 2.0, 3.0]) == [True, True, True, False]


def test_a_real_stream_counts_the_requests_that_time_out() -> None:
    events = [*claims(30), event(ASK, 3_000.0, request="x"), event("Nothing", 3_031.0), event("Nothing", 3_032.0)]
    found = [batch_of(events, KNOWN).record(Timeouts, row) for row in (-3, -2, -1)]
    assert [(each.timed_out, overdue_count(each)) for each in found] == [(0, 0), (1, 1), (0, 1)]
    assert [isnan(each.oldest_s) for each in found] == [True, False, True]
    assert found[1].oldest_s == 31.0


def some(count: int, timed_out: int = 0, oldest_s: float = nan, repeated: int = 0) -> Timeouts:
    return Timeouts(log1p(count) / 3, timed_out, oldest_s, repeated)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            some(3, timed_out=2, oldest_s=61.5),
            ReasonText("a request went silent 61.5 s ago where something always follows", 61.5),
        ),
        (some(1), ReasonText("1 request went silent within 5 min, usually 0", 1, 0.0)),
        (some(4), ReasonText("4 requests went silent within 5 min, usually 0", 4, 0.0)),
        (NO_TIMEOUTS, None),
    ],
)
def test_timeouts_are_worded(found: Timeouts, expected: ReasonText | None) -> None:
    assert timeout_reason(found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (
            some(5, timed_out=1, repeated=4),
            ReasonText("4 requests went silent within 5 min where something always follows", 4.0, 0.0),
        ),
        (some(5, timed_out=1), None),
    ],
)
def test_repeated_timeouts_are_worded(found: Timeouts, expected: ReasonText | None) -> None:
    assert repeated_timeouts_reason(found) == expected


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (NO_TIMEOUTS, "the events just before it"),
        (some(1), "the events just before it, while 1 request went silent"),
        (some(7), "the events just before it, while 7 requests went silent"),
    ],
)
def test_the_context_is_worded_with_what_timed_out(found: Timeouts, text: str) -> None:
    assert context_reason(found) == ReasonText(text)
