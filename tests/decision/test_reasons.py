"""Reasons: which are given, in which order, and in whose words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from core import schema
from core.decision.reasons import (
    CONTEXT,
    FEATURE_GROUP_NAMES,
    FEATURE_GROUPS,
    ExplanationInput,
    feature_group_masks,
    reasons,
    rule_reasons,
)
from core.events import Channel, LogEvent, Reason
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
    (found,) = reasons(given(of, **changes), drops(**{name: 1.5}))
    assert found == Reason(Channel.NETWORK, name, text, value and about(value), usual and about(usual), weight=1.5)


def names(found: tuple[Reason, ...]) -> list[str]:
    return [reason.feature for reason in found]


BAD = event("The connection failed", level="ERROR")


def test_the_strongest_reasons_come_first_and_the_context_last() -> None:
    found = reasons(given(BAD), drops(severe=1.0, new_template=2.0, context=3.0))
    assert names(found) == ["new_template", "severe", CONTEXT]
    assert [reason.weight for reason in found] == [2.0, 1.0, 3.0]


def test_the_context_comes_last_of_two() -> None:
    assert names(reasons(given(BAD), drops(severe=1.0, context=3.0))) == ["severe", CONTEXT]


def test_the_context_alone_comes_first() -> None:
    assert names(reasons(given(BAD), drops(context=3.0))) == [CONTEXT]


def test_equal_reasons_keep_the_order_of_the_groups() -> None:
    assert names(reasons(given(BAD), drops(severe=1.0, new_template=1.0))) == ["new_template", "severe"]


@pytest.mark.parametrize(("weight", "is_reason"), [(0.15, True), (0.149, False), (-1.0, False)])
def test_a_group_that_accounts_for_little_is_no_reason(weight: float, is_reason: bool) -> None:
    found = reasons(
        given(BAD), drops(severe=np.nextafter(np.float32(weight), np.float32(1.0)) if is_reason else weight)
    )
    assert names(found) == (["severe"] if is_reason else [CONTEXT])


def test_at_most_four_reasons_are_given() -> None:
    all_of = given(
        BAD._replace(request_id="req-a"), request_in_trouble=1.0, new_transition=1.0, error_share=0.5, timed_out=1.0
    )
    weights = drops(severe=5.0, new_template=4.0, new_transition=3.0, request_in_trouble=2.0, recent=1.0)
    assert names(reasons(all_of, weights)) == ["severe", "new_template", "new_transition", "request_in_trouble"]


def test_a_group_with_nothing_to_say_leaves_its_place_to_the_next() -> None:
    weights = drops(latency_z=9.0, size_z=8.0, duration_z=7.0, stage_z=6.0, severe=1.0)
    assert names(reasons(given(BAD), weights)) == ["severe"]


def test_where_nothing_is_said_the_event_is_unusual_in_its_context() -> None:
    (found,) = reasons(given(SPAWN), drops(status=2.0))
    assert found == Reason(
        Channel.NETWORK, CONTEXT, "nothing by itself: it is unusual in what came just before it", weight=0.0
    )


def test_a_weight_is_rounded() -> None:
    assert reasons(given(BAD), drops(severe=1.23456))[0].weight == 1.235


def test_what_a_rule_raised_is_worded_without_a_weight_and_in_a_fixed_order() -> None:
    found = rule_reasons(
        given(
            BAD,
            slow_again_nats=40.0,
            slow_kind=2.0,
            slow_s=60.0,
            usual_slow_s=20.0,
            slow_times=4.0,
            slow_times_s=600.0,
            slow_kinds=1.0,
            repeated=3.0,
            burst=2.0,
            minute_count=30.0,
            usual_minute_count=5.5,
        )
    )
    assert [(reason.channel, reason.feature, reason.weight) for reason in found] == [
        (Channel.RULE, name, 0.0) for name in ("duration_z", "overdue_requests", "severe", "new_template", "burst")
    ]
    assert [reason.text for reason in found] == [
        "took 60 s, usually 20, for the 4th time in 10 min",
        "3 requests went silent within 5 min where something always follows",
        "level ERROR, with a failure keyword",
        "first time this template is seen in nova-compute",
        "30 times within a minute, usually 5.5",
    ]
    assert (found[0].value, found[0].usual) == (60.0, 20.0)


def test_a_refusal_that_a_rule_raised_names_its_status() -> None:
    assert names(rule_reasons(given(reply(status=403)))) == ["status", "new_template"]


def test_the_groups_cover_every_input_but_the_facts_of_the_record_and_name_none_twice() -> None:
    members = [name for group in FEATURE_GROUPS.values() for name in group]
    assert len(members) == len(set(members))
    left = set(schema.FEATURE_NAMES) - set(members)
    assert left == {"has_request", "has_instance", "service", "method", "kind"}


def test_a_mask_marks_the_inputs_of_its_group() -> None:
    masks = feature_group_masks()
    assert masks.shape == (len(FEATURE_GROUPS), len(schema.FEATURE_NAMES))
    for mask, members in zip(masks, FEATURE_GROUPS.values(), strict=True):
        assert {name for name, is_member in zip(schema.FEATURE_NAMES, mask, strict=True) if is_member} == set(members)
