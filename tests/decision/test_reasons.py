"""Reasons: which are given, in which order, and in whose words."""

from __future__ import annotations

from math import nan
from typing import Any

import numpy as np
import pytest
from hypothesis import given as over
from hypothesis import strategies as st

from core import schema
from core.decision.combination import OF_CHANNEL
from core.decision.reasons import (
    CONTEXT,
    FEATURE_GROUP_NAMES,
    FEATURE_GROUPS,
    LEAST_WEIGHT,
    ExplanationInput,
    feature_group_masks,
    reasons,
)
from core.decision.terms import TERMS
from core.events import CHANNELS, Channel, LogEvent, Reason
from core.support.arrays import Float64
from tests.helpers.stream import about, batch_of, event, facts, learned, reply, spread, with_evidence

HEALTHY = [
    *[reply(seconds=0.2, size=100) for _ in range(60)],
    *[event("Took 20.0 seconds to spawn the instance") for _ in range(40)],
]
KNOWN = learned(spread(HEALTHY))


def given(of: LogEvent, **changes: float) -> ExplanationInput:
    """The event after a healthy stream, with these inputs of the network or evidence."""
    events = [*spread(HEALTHY), of._replace(timestamp=100.0)]
    batch = batch_of(events, KNOWN)
    for name, value in changes.items():
        for values, names in (
            (batch.numerical, schema.NUMERICAL_NAMES),
            (batch.binary, schema.BINARY_NAMES),
            (batch.aggregates, schema.AGGREGATE_NAMES),
        ):
            if name in names:
                values[-1, names.index(name)] = value
                break
        else:
            batch = with_evidence(batch, -1, **{name: value})
    return ExplanationInput(of, facts(of), batch, len(events) - 1)


def drops(**logits: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array([logits.get(name, 0.0) for name in FEATURE_GROUP_NAMES], np.float32)


def terms(**logits: float) -> Float64:
    """The logits that terms add: `severe__unseen` for `severe:unseen`; the first of several ramps."""
    found = np.zeros(len(TERMS))
    names = [term.name for term in TERMS]
    for name, value in logits.items():
        found[names.index(name.replace("__", ":"))] = value
    return found


SPAWN = event("Took 41.8 seconds to spawn the instance")


@pytest.mark.parametrize(
    ("name", "of", "changes", "text", "value", "usual"),
    [
        ("new_template", event("Never seen"), {}, "first time this template is seen in nova-compute", None, None),
        ("severe", event(level="ERROR"), {}, "level ERROR", None, None),
        ("new_transition", SPAWN, {"new_transition": 1.0}, "never seen after the event before it", None, None),
        ("status", reply(status=403), {}, "status 403, unusual for this route", 403.0, None),
        ("latency_z", reply(seconds=3.0), {}, "reply took 3 s, usually 0.2", 3.0, 0.2),
        ("size_z", reply(size=5_000), {}, "reply of 5,000 bytes, usually 100", 5_000.0, 100.0),
        ("duration_z", SPAWN, {}, "took 41.8 s, usually 20", 41.8, 20.0),
        (
            "stage_z",
            SPAWN,
            {"stage_z": 2.0, "stage_s": 16.0, "usual_stage_s": 4.0},
            "came after 16 s, usually 4",
            16.0,
            4.0,
        ),
        (
            "burst",
            SPAWN,
            {"burst": 2.0, "minute_count": 30.0, "usual_minute_count": 5.5},
            "30 times within a minute, usually 5.5",
            30,
            5.5,
        ),
        (
            "request_in_trouble",
            SPAWN._replace(request_id="req-a"),
            {"request_in_trouble": 1.0},
            "the same request went wrong before",
            None,
            None,
        ),
        ("request_in_trouble", SPAWN, {"request_in_trouble": 1.0}, "the same instance went wrong before", None, None),
        ("recent", SPAWN, {"error_share": 0.25}, "errors 25 % of events, usually 0.1 (5 min)", 0.25, 0.001),
        (
            "overdue_requests",
            SPAWN,
            {"timed_out": 1.0, "oldest_s": 44.0},
            "a request went silent 44 s ago where something always follows",
            44.0,
            None,
        ),
        (CONTEXT, SPAWN, {}, "the events just before it", None, None),
    ],
)
def test_each_group_is_worded_from_its_evidence(
    name: str, of: LogEvent, changes: dict[str, float], text: str, value: float | None, usual: float | None
) -> None:
    (found,) = reasons(given(of, **changes), terms(network=1.5), drops(**{name: 0.7}))
    assert found == Reason(Channel.NETWORK, name, text, value and about(value), usual and about(usual), weight=1.5)


def names(found: tuple[Reason, ...]) -> list[str]:
    return [reason.feature for reason in found]


def weights(found: tuple[Reason, ...]) -> list[float]:
    return [reason.weight for reason in found]


BAD = event("The connection failed", level="ERROR")


def by_network(of: ExplanationInput, logits: float = 6.0, **shares: float) -> tuple[Reason, ...]:
    return reasons(of, terms(network__linear=logits), drops(**shares))


def test_what_the_network_adds_is_shared_out_by_occlusion() -> None:
    found = by_network(given(BAD), severe=1.0, new_template=2.0, context=3.0)
    assert names(found) == [CONTEXT, "new_template", "severe"]
    assert weights(found) == [3.0, 2.0, 1.0]
    assert {reason.channel for reason in found} == {Channel.NETWORK}


def test_all_terms_of_the_network_are_shared_out() -> None:
    (found,) = reasons(given(BAD), terms(network__linear=-1.0, network=4.0), drops(severe=0.1))
    assert (found.feature, found.weight) == ("severe", 3.0)


def test_a_group_that_lowers_the_logit_has_no_share() -> None:
    found = by_network(given(BAD), severe=1.0, new_template=2.0, recent=-3.0)
    assert weights(found) == [4.0, 2.0]


def test_equal_reasons_keep_the_order_of_the_groups() -> None:
    assert names(by_network(given(BAD), severe=1.0, new_template=1.0)) == ["new_template", "severe"]


@pytest.mark.parametrize(("share", "is_reason"), [(0.025, True), (0.0249, False)])
def test_a_group_that_accounts_for_little_is_no_reason(share: float, is_reason: bool) -> None:
    found = by_network(given(BAD), 6.0001, severe=share, new_template=1.0 - share)
    assert names(found) == ["new_template", "severe"][: 1 + is_reason]


def test_at_most_four_reasons_are_given() -> None:
    all_of = given(
        BAD._replace(request_id="req-a"), request_in_trouble=1.0, new_transition=1.0, error_share=0.5, timed_out=1.0
    )
    found = by_network(all_of, severe=5.0, new_template=4.0, new_transition=3.0, request_in_trouble=2.0, recent=1.0)
    assert names(found) == ["severe", "new_template", "new_transition", "request_in_trouble"]
    found = reasons(
        all_of,
        terms(network__linear=6.0, severe__known=0.5, new_template__info=0.4, near_duplicate=-0.3, chronic=-0.2),
        drops(severe=3.0, new_template=2.0, new_transition=1.0),
    )
    assert [reason.channel for reason in found[:4]] == [Channel.NETWORK] * 3 + [Channel.FAILURE]
    assert names(found[4:]) == ["chronic", "near_duplicate"]


@pytest.mark.parametrize("logits", [0.149, 0.0, -3.0])
def test_a_network_that_adds_little_or_lowers_is_no_reason(logits: float) -> None:
    assert by_network(given(BAD), logits, severe=1.0) == ()


@pytest.mark.parametrize("shares", [None, {}, {"severe": -1.0}, {"status": 2.0}])
def test_where_nothing_is_said_the_event_is_unusual_in_its_context(shares: dict[str, float] | None) -> None:
    (found,) = reasons(given(SPAWN), terms(network__linear=1.5), None if shares is None else drops(**shares))
    assert found == Reason(
        Channel.NETWORK, CONTEXT, "nothing by itself: it is unusual in what came just before it", weight=1.5
    )


@pytest.mark.parametrize(
    ("of", "changes", "added", "channel", "feature", "text"),
    [
        (BAD, {}, {"severe__unseen": 1.0}, "failure", "severe", "level ERROR, with a failure keyword"),
        (BAD, {"recent_failures": 3.0}, {"failures": 1.0}, "failure", "failures", "3 failures within 2 min"),
        (
            SPAWN,
            {"request_in_trouble": 1.0},
            {"request_in_trouble": 1.0},
            "failure",
            "request_in_trouble",
            "the same instance went wrong before",
        ),
        (reply(status=503), {}, {"status__5xx": 1.0}, "failure", "status", "status 503, unusual for this route"),
        (
            reply(status=503),
            {"failure_words": 0.0},
            {"severe__known": 1.0},
            "failure",
            "status",
            "status 503, unusual for this route",
        ),
        (reply(status=404), {}, {"status__404": 1.0}, "refusal", "status", "status 404, unusual for this route"),
        (
            event("Never seen"),
            {},
            {"new_template__info": 1.0},
            "novelty",
            "new_template",
            "first time this template is seen in nova-compute",
        ),
        (SPAWN, {}, {"new_template__rare": 1.0}, "novelty", "new_template", "seldom seen here"),
        (
            SPAWN,
            {"new_transition": 1.0},
            {"new_transition": 1.0},
            "novelty",
            "new_transition",
            "never seen after the event before it",
        ),
        (
            SPAWN,
            {"transition_surprisal": 3.5},
            {"new_transition__surprisal": 1.0},
            "novelty",
            "new_transition",
            "seldom seen after the event before it",
        ),
        (
            SPAWN,
            {"burst": 2.0, "minute_count": 30.0, "usual_minute_count": 5.5},
            {"burst": 1.0},
            "burst",
            "burst",
            "30 times within a minute, usually 5.5",
        ),
        (
            SPAWN,
            {"burst": 0.9, "minute_count": 12.0, "usual_minute_count": 5.0},
            {"burst": 1.0},
            "burst",
            "burst",
            "more often within a minute than usual",
        ),
        (
            SPAWN,
            {"rate_ratio": 2.0},
            {"recent__rate": 1.0},
            "burst",
            "recent",
            "7.39 times the usual rate of events (5 min)",
        ),
        (
            SPAWN,
            {"timed_out": 1.0, "oldest_s": 44.0},
            {"overdue_requests": 1.0},
            "silence",
            "overdue_requests",
            "a request went silent 44 s ago where something always follows",
        ),
        (
            SPAWN,
            {"timed_out": 1.0, "repeated": 3.0},
            {"overdue_requests__repeated": 1.0},
            "silence",
            "overdue_requests",
            "3 requests went silent within 5 min where something always follows",
        ),
        (BAD, {}, {"chronic": -1.0}, "failure", "chronic", "less: it has come for days and is usual here"),
        (
            BAD,
            {},
            {"near_duplicate": -1.0},
            "novelty",
            "near_duplicate",
            "less: a message that begins alike is usual here",
        ),
        (BAD, {}, {"new_template__age": -1.0}, "novelty", "new_template:age", "less: it was first seen some time ago"),
    ],
)
def test_what_a_detector_adds_is_worded_in_its_channel(
    of: LogEvent, changes: dict[str, float], added: dict[str, float], channel: str, feature: str, text: str
) -> None:
    (found,) = reasons(given(of, **changes), terms(**added), None)
    assert (found.channel, found.feature, found.text, found.weight) == (
        channel,
        feature,
        text,
        next(iter(added.values())),
    )


def test_terms_of_one_reason_are_one_and_weigh_their_sum() -> None:
    (found,) = reasons(given(BAD), terms(severe__unseen=1.0, severe__keyword=0.5, severe__surprisal=0.25), None)
    assert (found.feature, found.weight) == ("severe", 1.75)
    (found,) = reasons(given(reply(status=503), failure_words=0.0), terms(severe__known=1.0, status__5xx=0.5), None)
    assert (found.feature, found.weight) == ("status", 1.5)


@pytest.mark.parametrize(("weight", "is_reason"), [(0.15, True), (0.149, False)])
def test_a_detector_that_adds_little_is_no_reason(weight: float, is_reason: bool) -> None:
    assert names(reasons(given(BAD), terms(severe__known=weight), None)) == ["severe"] * is_reason
    assert names(reasons(given(BAD), terms(chronic=-weight), None)) == ["chronic"] * is_reason


@pytest.mark.parametrize("weight", [1.23456, -1.23456])
def test_a_weight_is_rounded(weight: float) -> None:
    name = "severe__known" if weight > 0 else "chronic"
    assert reasons(given(BAD), terms(**{name: weight}), None)[0].weight == round(weight, 3)
    assert by_network(given(BAD), 1.23456, severe=1.0)[0].weight == 1.235


def test_the_strongest_come_first_and_what_lowers_comes_last() -> None:
    added = terms(severe__unseen=1.0, new_template__info=2.0, chronic=-3.0, near_duplicate=-0.5, network__linear=1.5)
    found = reasons(given(BAD), added, drops(severe=1.0))
    assert weights(found) == [2.0, 1.5, 1.0, -0.5, -3.0]
    assert [reason.text.startswith("less: ") for reason in found] == [False, False, False, True, True]


ALL = given(
    reply(status=503)._replace(level="ERROR", request_id="req-a"),
    request_in_trouble=1.0,
    recent_failures=3.0,
    new_transition=1.0,
    error_share=0.5,
    timed_out=1.0,
    oldest_s=9.0,
    burst=2.0,
    minute_count=30.0,
    usual_minute_count=5.0,
)
ADDED = st.lists(st.floats(LEAST_WEIGHT, 5.0), min_size=len(TERMS), max_size=len(TERMS))


@over(added=ADDED, channel=st.sampled_from([each for each in CHANNELS if each is not Channel.SLOW]))
def test_the_weights_of_a_detector_s_reasons_add_up_to_what_it_adds(added: list[float], channel: Channel) -> None:
    """Of one detector alone, since only four reasons are given."""
    own = np.array([-value if term.lowers else value for value, term in zip(added, TERMS, strict=True)])
    own[[term.channel is not channel for term in TERMS]] = 0.0
    found = reasons(ALL, own, drops(severe=2.0, new_template=1.0))
    assert {reason.channel for reason in found} == {channel}
    raising = weights(tuple(reason for reason in found if reason.weight > 0))
    assert raising == sorted(raising, reverse=True)
    assert sum(weights(found)) == about((own @ OF_CHANNEL)[CHANNELS.index(channel)], abs=5e-3)


SLOW = {"slow_kind": 2.0, "slow_s": 41.8, "usual_slow_s": 20.0, "slow_nats": 1.25}


def test_where_slowness_made_the_score_it_comes_first() -> None:
    found = reasons(given(SPAWN, **SLOW), terms(network__linear=1.5), None, made_by=Channel.SLOW)
    assert [(reason.channel, reason.feature) for reason in found] == [
        (Channel.SLOW, "duration_z"), (Channel.NETWORK, CONTEXT)
    ]  # fmt: skip
    assert (found[0].text, found[0].value, found[0].usual) == ("took 41.8 s, usually 20", 41.8, 20.0)
    assert weights(found) == [1.25, 1.5]


def test_slowness_by_itself_is_a_reason_too() -> None:
    (found,) = reasons(given(SPAWN, **SLOW), terms(), None, made_by=Channel.SLOW)
    assert found.weight == 1.25
    (found,) = reasons(given(SPAWN, **SLOW), terms(), None, is_slow=True)
    assert found.channel is Channel.SLOW
    assert reasons(given(SPAWN, **SLOW), terms(), None) == ()


def test_what_lowers_the_others_does_not_lower_slowness() -> None:
    found = reasons(given(SPAWN, **SLOW), terms(near_duplicate=-2.0), None, made_by=Channel.SLOW)
    assert [(reason.channel, reason.weight) for reason in found] == [(Channel.SLOW, 1.25), (Channel.NOVELTY, -2.0)]


def test_slowness_that_did_not_make_the_score_has_the_place_of_its_nats() -> None:
    found = reasons(given(SPAWN, **SLOW), terms(network__linear=1.5, chronic=-1.0), None, is_slow=True)
    assert [reason.channel for reason in found] == [Channel.NETWORK, Channel.SLOW, Channel.FAILURE]


@pytest.mark.parametrize(
    ("changes", "feature", "text"),
    [
        ({**SLOW, "slow_kind": 1.0}, "latency_z", "reply took 41.8 s, usually 20"),
        ({**SLOW, "slow_kind": 3.0}, "stage_z", "came after 41.8 s, usually 20"),
        ({"slow_kind": 0.0, "slow_s": nan, "usual_slow_s": nan, "slow_nats": 2.0}, "slow", "slower than is usual"),
        (
            {**SLOW, "slow_again_nats": 9.0, "slow_times": 4.0, "slow_times_s": 600.0},
            "duration_z",
            "took 41.8 s, usually 20, for the 4th time in 10 min",
        ),
    ],
)
def test_slowness_is_worded_by_what_was_slow(changes: dict[str, float], feature: str, text: str) -> None:
    (found,) = reasons(given(SPAWN, **changes), terms(), None, made_by=Channel.SLOW)
    assert (found.feature, found.text) == (feature, text)


def test_the_groups_cover_every_input_but_the_facts_of_the_record_and_name_none_twice() -> None:
    members = [name for group in FEATURE_GROUPS.values() for name in group]
    assert len(members) == len(set(members))
    left = set(schema.FEATURE_NAMES) - set(members)
    assert left == {"names_entity", "baseline_knows", "service", "method", "kind"}


def test_a_mask_marks_the_inputs_of_its_group() -> None:
    masks = feature_group_masks()
    assert masks.shape == (len(FEATURE_GROUPS), len(schema.FEATURE_NAMES))
    for mask, members in zip(masks, FEATURE_GROUPS.values(), strict=True):
        assert {name for name, is_member in zip(schema.FEATURE_NAMES, mask, strict=True) if is_member} == set(members)
