"""Where an event stands in its request, instance or process, and how that is worded."""

from __future__ import annotations

from math import isnan, log, nan

import pytest

from core.baseline import Chains
from core.baseline.chains import START
from core.events import LogEvent
from core.features.novelty import TemplateNovelty
from core.features.reference import BASELINE, NONE, STREAM, Reference
from core.features.transition import (
    NO_PREVIOUS,
    TransitionEvidence,
    TransitionTracker,
    stage_reason,
    transition_reason,
    trouble_reason,
)
from core.features.wording import ReasonText
from tests.helpers.stream import about, batch_of, event, facts, learned, template_id

BEGIN, BUILD, DONE = "Starting instance", "Building instance", "Instance spawned successfully"


def spawn(
    request: str, at: float = 0.0, *, build_s: float = 4.0, messages: tuple[str, ...] = (BEGIN, BUILD, DONE)
) -> list[LogEvent]:
    return [event(message, at + build_s * n, request=request) for n, message in enumerate(messages)]


HEALTHY = [each for n in range(30) for each in spawn(str(n), 100.0 * n)]
KNOWN = learned(HEALTHY)


class Case:
    """A stream of a few events."""

    def __init__(self, at: float = -1_000.0) -> None:
        self.chains, self.tracker, self.templates = Chains(), TransitionTracker(KNOWN), TemplateNovelty(KNOWN)
        self.tracker.restart(at)

    def play(
        self, events: list[LogEvent], reference: Reference = BASELINE, *, wrong: bool = False
    ) -> list[TransitionEvidence]:
        found = []
        for each in events:
            at = each.timestamp or 0.0
            state = self.templates.state(each.service, facts(each).template)
            link = self.chains.link(each, at)
            transition = self.tracker.score(each, state, link, reference, at)
            assert self.tracker.score(each, state, link, reference, at)[2:6] == transition[2:6]
            self.chains.learn(each, state.id, at)
            self.tracker.learn(each, state, link, transition, wrong=wrong)
            found.append(transition)
        return found


def test_gaps_are_those_of_the_request_and_of_the_instance() -> None:
    events = [event(BEGIN, 1.0, request="a", instance="i"), event(BUILD, 3.0, request="b", instance="i")]
    events += [event(DONE, 8.0, request="a"), event(DONE, 9.0)]
    gaps = [(each.request_gap, each.instance_gap) for each in Case().play(events)]
    assert isnan(gaps[0][0])
    assert isnan(gaps[0][1])
    assert isnan(gaps[1][0])
    assert gaps[1][1] == 2.0
    assert gaps[2][0] == 7.0
    assert isnan(gaps[2][1])
    assert all(map(isnan, gaps[3]))


@pytest.mark.parametrize(
    ("events", "previous"),
    [
        ([event(BEGIN, request="a")], START),
        ([event(BEGIN, instance="i")], NO_PREVIOUS),
        ([event(BEGIN)], NO_PREVIOUS),
        ([event(BEGIN, request="a"), event(BUILD, request="a")], template_id(BEGIN)),
        ([event(BEGIN, instance="i"), event(BUILD, instance="i")], template_id(BEGIN)),
        ([event(BEGIN), event(BUILD)], template_id(BEGIN)),
        ([event(BEGIN, pid=1), event(BUILD, pid=2)], NO_PREVIOUS),
        ([event(BEGIN), event(BUILD, service="nova-api")], NO_PREVIOUS),
        # a request goes before its instance, and neither is part of the process
        (
            [event(BEGIN, instance="i"), event(DONE, request="a"), event(BUILD, request="a", instance="i")],
            template_id(DONE),
        ),
        ([event(BEGIN, instance="i"), event(BUILD, request="new", instance="i")], template_id(BEGIN)),
        ([event(BEGIN), event(DONE, request="a"), event(BUILD)], template_id(BEGIN)),
        ([event(BEGIN), event(DONE, instance="i"), event(BUILD)], template_id(BEGIN)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("reference", list(Reference))
def test_the_previous_event_is_that_of_the_request_or_else_the_instance_or_else_the_process(
    events: list[LogEvent], previous: int, reference: Reference
) -> None:
    assert Case().play(events, reference)[-1].previous == previous


@pytest.mark.parametrize(
    ("messages", "surprisal", "is_new"),
    # 90 messages; of 30 times each follower: (30 + 5 / 3) / (30 + 5); an unseen one log((30 + 5) / 0.05) and its own
    [
        ((BEGIN,), -log((30 + 5 / 3) / 35), False),
        ((BEGIN, BUILD), -log((30 + 5 / 3) / 35), False),
        ((BEGIN, DONE), log(35 / 0.05) + log(3), True),
        ((BUILD,), log(35 / 0.05) + log(3), True),
        ((DONE, BUILD), 0.0, False),  # nothing is known after the last one of a spawn
        ((BEGIN, "Never seen before"), 0.0, False),
        (("Never seen before", BUILD), 0.0, False),
    ],
)
def test_a_transition_is_as_surprising_as_in_the_baseline(
    messages: tuple[str, ...], surprisal: float, is_new: bool
) -> None:
    found = Case().play(spawn("x", messages=messages))[-1]
    assert (found.transition_surprisal, found.new_transition) == (about(surprisal), is_new)


@pytest.mark.parametrize(("at", "is_new"), [(0.0, False), (59.9, False), (60.0, True)])
def test_a_request_that_is_first_seen_in_the_first_minute_may_have_begun_before(at: float, is_new: bool) -> None:
    (found,) = Case(at=0.0).play([event(BUILD, at, request="x")])
    assert found.new_transition is is_new
    assert Case(at=0.0).play([event(BEGIN, 0.0, request="x"), event(DONE, 1.0, request="x")])[1].new_transition


@pytest.mark.parametrize("reference", [NONE, STREAM])
def test_away_from_the_baseline_nothing_is_said_of_transitions(reference: Reference) -> None:
    found = Case().play(spawn("x", messages=(BEGIN, DONE), build_s=500.0), reference)[-1]
    assert (found.transition_surprisal, found.new_transition, found.stage_z) == (0.0, False, 0.0)
    assert isnan(found.stage_s)
    assert isnan(found.usual_stage_s)
    assert found.request_gap == 500.0


def test_the_gap_between_two_stages_is_compared_with_the_baseline() -> None:
    case = Case()
    first, second, third = case.play(spawn("x", build_s=16.0))
    assert (first.stage_z, isnan(first.stage_s)) == (0.0, True)
    assert (second.stage_s, second.usual_stage_s) == (16.0, about(4.0))
    assert second.stage_z == about(log(16.001 / 4.001) / (0.25 * (1 + 1 / 30) ** 0.5))
    assert third.stage_z == about(second.stage_z)
    later = case.play(spawn("y", 100.0, build_s=16.0))[1]
    assert later.usual_stage_s > second.usual_stage_s  # it is learned
    assert 0 < later.stage_z < second.stage_z


def test_a_gap_that_the_baseline_does_not_have_is_not_compared() -> None:
    found = Case().play(spawn("x", messages=(BEGIN, DONE), build_s=500.0))[-1]
    assert (found.stage_z, isnan(found.stage_s)) == (0.0, True)


@pytest.mark.parametrize(
    ("wrong", "later", "in_trouble"),
    [
        (event(BUILD, request="a", instance="i"), event(DONE, request="a"), True),
        (event(BUILD, request="a", instance="i"), event(DONE, instance="i"), True),
        (event(BUILD, request="a", instance="i"), event(DONE, request="b", instance="i"), True),
        (event(BUILD, request="a", instance="i"), event(DONE, request="a", instance="j"), True),
        (event(BUILD, request="a", instance="i"), event(DONE, request="b", instance="j"), False),
        (event(BUILD, request="a"), event(DONE), False),
        (event(BUILD), event(DONE), False),
    ],
)
def test_a_request_or_instance_of_which_an_event_was_wrong_is_in_trouble(
    wrong: LogEvent, later: LogEvent, in_trouble: bool
) -> None:
    case = Case()
    assert not case.play([wrong], wrong=True)[0].request_in_trouble
    assert case.play([later])[0].request_in_trouble is in_trouble
    assert case.play([later], STREAM)[0].request_in_trouble is in_trouble


def test_a_request_is_not_in_trouble_for_what_was_right() -> None:
    assert not any(found.request_in_trouble for found in Case().play(spawn("x")))


@pytest.mark.parametrize(
    ("level", "message", "in_trouble"),
    [("ERROR", BUILD, True), ("CRITICAL", BUILD, True), ("WARNING", BUILD, False), ("INFO", "Never seen before", True)],
)
def test_an_error_or_a_new_template_puts_the_rest_of_its_request_in_trouble(
    level: str, message: str, in_trouble: bool
) -> None:
    rest = [event(message, 3_000.0, level=level, request="x"), event(DONE, 3_001.0, request="x")]
    batch = batch_of([*HEALTHY, *rest], KNOWN)
    assert [batch.record(TransitionEvidence, row).request_in_trouble for row in (-2, -1)] == [False, in_trouble]


def test_a_stream_tells_what_its_events_follow() -> None:
    rest = [event(BEGIN, 3_000.0, request="x"), event(DONE, 3_016.0, request="x"), event(BUILD, 3_100.0, request="y")]
    batch = batch_of([*HEALTHY, *rest], KNOWN)
    found = [batch.record(TransitionEvidence, row) for row in (-3, -2, -1)]
    assert [each.new_transition for each in found] == [False, True, True]
    assert [each.previous for each in found] == [START, template_id(BEGIN), START]


@pytest.mark.parametrize("gap", [0.0, 0.5])
def test_a_stage_may_take_no_time_at_all(gap: float) -> None:
    case = Case()
    assert case.play(spawn("x", build_s=gap))[1].stage_s == gap
    assert case.play(spawn("y", 100.0, build_s=4.0))[1].usual_stage_s < 4.0  # it is learned


PLAIN = TransitionEvidence(nan, nan, 0.0, False, 0.0, False, nan, nan, NO_PREVIOUS)


@pytest.mark.parametrize(
    ("surprisal", "is_new", "text"),
    [
        (0.0, True, "never seen after the event before it"),
        (4.0, False, "seldom seen after the event before it"),
        (3.9, False, None),
    ],
)
def test_a_transition_is_worded(surprisal: float, is_new: bool, text: str | None) -> None:
    found = transition_reason(PLAIN._replace(transition_surprisal=surprisal, new_transition=is_new))
    assert found == (text and ReasonText(text))


@pytest.mark.parametrize(("z", "expected"), [(1.5, ReasonText("came after 16 s, usually 4.2", 16.0, 4.2)), (1.0, None)])
def test_a_gap_is_worded_before_what_is_usual(z: float, expected: ReasonText | None) -> None:
    assert stage_reason(PLAIN._replace(stage_z=z, stage_s=16.0, usual_stage_s=4.2)) == expected


@pytest.mark.parametrize(
    ("in_trouble", "has_request", "text"),
    [
        (True, True, "the same request went wrong before"),
        (True, False, "the same instance went wrong before"),
        (False, True, None),
    ],
)
def test_trouble_is_worded(in_trouble: bool, has_request: bool, text: str | None) -> None:
    found = trouble_reason(PLAIN._replace(request_in_trouble=in_trouble), has_request=has_request)
    assert found == (text and ReasonText(text))
