"""What holds for every feature group: it owns its inputs of the network, and to score an event changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from math import isnan, log1p
from typing import Any

import numpy as np
import pytest

from core import schema
from core.events import State
from core.features.batch import NO_EVENTS, PACKED, FeatureBatch
from core.features.burst import MinuteCounter
from core.features.extractor import FeatureExtractor
from core.features.novelty import TemplateNovelty
from core.features.quantities import Quantities, QuantityTracker
from core.features.record import Record
from core.features.reference import Reference
from core.features.service import ServiceFit, ServiceTracker
from core.features.template import BENIGN, SEVERE, SUSPECT, Novelty
from core.features.timeouts import Timeouts
from core.features.transition import TransitionEvidence, TransitionTracker
from core.features.window import Aggregates
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed
from tests.helpers.stream import UNKNOWN, about, batch_of, event, reply, spread


def test_every_input_of_the_network_belongs_to_one_group() -> None:
    owned = Counter(name for record in (Record, *PACKED, Aggregates) for name in record._fields)
    assert {name for name in owned if name in schema.FEATURE_NAMES} == {*schema.FEATURE_NAMES} - {"stream_gap"}
    assert set(owned.values()) == {1}


def test_the_schema_gives_the_row_of_each_number() -> None:
    assert schema.feature("latency_z") in schema.NUMERICAL
    assert schema.feature("severe") in schema.BINARY
    assert schema.feature("mean_surprisal") in schema.AGGREGATES
    with pytest.raises(KeyError):
        schema.feature("service")


@pytest.mark.parametrize(("value", "clipped"), [(-7.0, -6.0), (-6.0, -6.0), (0.5, 0.5), (6.5, 6.0)])
def test_a_row_of_the_schema_clips_to_its_range(value: float, clipped: float) -> None:
    assert schema.feature("latency_z").clip(value) == clipped


def twice(method: Callable[..., Any]) -> Callable[..., Any]:
    def score(*arguments: Any) -> Any:
        method(*arguments)
        return method(*arguments)

    return score


@pytest.mark.parametrize("group", [ServiceTracker, TemplateNovelty, MinuteCounter, TransitionTracker, QuantityTracker])
@pytest.mark.parametrize("known", [True, False])
def test_an_event_that_is_scored_and_not_learned_has_changed_nothing(
    group: type, known: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    events, facts = parsed(cloud_lines(6, 400.0, "slow_spawn"))
    baseline = healthy_compiled() if known else UNKNOWN
    expected = FeatureExtractor(baseline).extract(events, facts)
    monkeypatch.setattr(group, "score", twice(group.score))  # type: ignore[attr-defined]
    found = FeatureExtractor(baseline).extract(events, facts)
    for name in ("numerical", "binary", "categorical", "aggregates", "evidence"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))


def test_no_events_have_no_features_and_change_nothing() -> None:
    extractor = FeatureExtractor(UNKNOWN)
    assert extractor.extract([], []) is NO_EVENTS
    assert len(NO_EVENTS) == 0
    assert NO_EVENTS.column("known").shape == (0,)
    shapes = [
        NO_EVENTS.numerical.shape,
        NO_EVENTS.binary.shape,
        NO_EVENTS.categorical.shape,
        NO_EVENTS.aggregates.shape,
    ]
    assert shapes == [(0, 14), (0, 8), (0, 6), (0, 9)]


def column(batch: FeatureBatch, name: str) -> list[float]:
    found: list[float] = batch.numerical[:, schema.NUMERICAL_NAMES.index(name)].tolist()
    return found


def test_gaps_are_in_the_logarithm_of_seconds_up_to_five_minutes() -> None:
    events = [event(at=at, request="a", instance="b") for at in (0.0, 0.5, 100.5, 1_000.0)]
    batch = batch_of(events)
    logs = about([log1p(0.5), log1p(100.0), log1p(300.0)])
    for name in ("stream_gap", "service_gap", "request_gap", "instance_gap"):
        assert column(batch, name)[1:] == logs, name
    firsts = [column(batch, name)[0] for name in ("stream_gap", "service_gap", "request_gap", "instance_gap")]
    assert firsts == about([0.0, log1p(300.0), 0.0, 0.0])


def test_an_event_of_neither_request_nor_instance_has_no_gap_to_one() -> None:
    batch = batch_of(spread([event(), event()]))
    assert (column(batch, "request_gap"), column(batch, "instance_gap")) == ([0.0, 0.0], [0.0, 0.0])


def aggregate(batch: FeatureBatch, name: str) -> list[float]:
    found: list[float] = batch.aggregates[:, schema.AGGREGATE_NAMES.index(name)].tolist()
    return found


def test_the_aggregates_count_what_the_groups_say() -> None:
    events = [
        event("one"),
        event("two", level="WARNING"),
        event("two", level="ERROR"),
        reply(status=200),
        reply(status=503),
        event("one", level="CRITICAL"),
    ]
    batch = batch_of(spread(events))
    assert aggregate(batch, "warning_share") == about([0, 1 / 2, 1 / 3, 1 / 4, 1 / 5, 1 / 6])
    assert aggregate(batch, "error_share") == about([0, 0, 1 / 3, 1 / 4, 1 / 5, 2 / 6])
    assert aggregate(batch, "server_error_share") == [0, 0, 0, 0, 0.5, 0.5]
    assert aggregate(batch, "new_template_share") == [0] * 6
    assert aggregate(batch, "distinct_templates") == about([log1p(n) / 5 for n in (1, 2, 2, 3, 4, 4)])
    assert aggregate(batch, "rate_ratio") == [0] * 6


@pytest.mark.parametrize(("status", "share"), [(499, 0.0), (500, 0.5)])
def test_a_reply_fails_from_500_on(status: int, share: float) -> None:
    batch = batch_of(spread([reply(seconds=0.0), reply(status=status)]))
    assert aggregate(batch, "server_error_share") == [0.0, share]


def test_a_duration_is_no_reply() -> None:
    batch = batch_of(spread([event("Took 3.0 seconds to boot"), reply(), reply(status=500)]))
    assert aggregate(batch, "server_error_share")[2] == 0.5


def test_new_templates_have_their_share() -> None:
    usual = [event("one") for _ in range(200)]
    batch = batch_of(spread([*usual, event("odd")]), UNKNOWN)
    assert aggregate(batch, "new_template_share")[-1] == about(1 / 201)


def test_the_arrays_have_the_types_that_the_network_takes() -> None:
    batch = batch_of([event(at=5.0), event(at=7.0)])
    assert [batch.numerical.dtype, batch.binary.dtype, batch.aggregates.dtype] == [np.float32] * 3
    assert batch.categorical.dtype == np.int64
    assert batch.timestamps.tolist() == [5.0, 7.0]


def test_aggregates_begin_again_with_the_clock() -> None:
    events = [
        event("x", at, level=level)
        for at, level in ((900.0, "WARNING"), (901.0, "INFO"), (5.0, "INFO"), (6.0, "ERROR"))
    ]
    batch = batch_of(events)
    assert aggregate(batch, "warning_share") == [1.0, 0.5, 0.0, 0.0]
    assert aggregate(batch, "error_share") == [0.0, 0.0, 0.0, 0.5]


def test_a_failed_reply_counts_without_its_time_and_other_numbers_do_not() -> None:
    events = [event('"GET /v2.1/servers HTTP/1.1" 503', service="nova-api", logger="eventlet.wsgi.server")]
    assert aggregate(batch_of(events), "server_error_share")[0] in {0.0, 1.0}


def test_a_clock_that_is_set_back_begins_windows_and_chains_again() -> None:
    events = [event("x", at, level="ERROR", request="a") for at in (1_000.0, 1_001.0, 2_000.0 - 1_061.2, 940.0)]
    batch = batch_of(events)
    assert column(batch, "service_gap") == about([log1p(300), log1p(1), log1p(300), log1p(1.2)], abs=1e-5)
    assert column(batch, "request_gap") == about([0, log1p(1), 0, log1p(1.2)], abs=1e-5)
    assert aggregate(batch, "distinct_templates") == about([log1p(1) / 5] * 4)
    assert batch.binary[:, schema.BINARY_NAMES.index("request_in_trouble")].tolist() == [0, 1, 1, 1]


def test_a_record_is_given_back_with_the_types_of_its_fields() -> None:
    batch = batch_of(spread([event("one", request="a"), event("two", request="a"), reply(seconds=0.5, size=7)]))
    fit = batch.record(ServiceFit, 1)
    assert fit == ServiceFit(2, about(log1p(1.0)), Reference.NONE, False, 0.0)
    assert type(fit.reference) is Reference
    novelty = batch.record(Novelty, 1)
    assert (type(novelty.judged), novelty.judged, type(novelty.familiarity)) == (bool, False, int)
    transition = batch.record(TransitionEvidence, 1)
    assert transition.previous == batch.previous[1]
    assert transition.request_gap == about(log1p(1.0))
    quantities = batch.record(Quantities, 2)
    assert (quantities.latency_s, quantities.size) == (0.5, 7.0)
    assert isnan(quantities.usual_latency_s)
    assert batch.record(Timeouts, 2).overdue_requests == 0.0
    assert batch.record(Aggregates, 2).distinct_templates == about(log1p(3) / 5)
    assert batch.record(Record, 0).names_entity
    assert batch.states == (State.WARMING_UP,) * 3
    assert batch.by_baseline.tolist() == [False] * 3


def given(**values: float) -> tuple[float, ...]:
    """Features that come with the line, 0 where nothing is said."""
    return tuple(values.get(name, 0.0) for name in schema.FEATURE_NAMES)


def test_features_that_a_line_gives_take_the_place_of_ours_and_bring_no_evidence() -> None:
    slow = reply(1.0, seconds=9.0)._replace(features=given(latency_z=3.0, new_template=1.0, level=6.0, error_share=0.5))
    known = event("x", 2.0)._replace(features=given(rarity=0.25))
    batch = batch_of([event("one", 0.0), slow, known, event("two", 3.0)])
    assert column(batch, "latency_z") == [0.0, 3.0, 0.0, 0.0]
    assert column(batch, "rarity")[2] == 0.25
    assert batch.categorical[1].tolist() == [0, 6, 0, 0, 0, 0]
    assert batch.binary[1].tolist() == [0, 0, 1, 0, 0, 0, 0, 0]
    assert aggregate(batch, "error_share")[1] == 0.5
    assert batch.states == (State.WARMING_UP, State.SCORED, State.SCORED, State.WARMING_UP)
    assert batch.by_baseline.tolist() == [False, True, True, False]
    assert batch.given.tolist() == [False, True, True, False]
    assert batch.column("http_status").tolist() == [0, 0, 0, 0]
    assert batch.column("known").tolist() == [0, 0, 1, 0]
    found = batch.record(Quantities, 1)
    assert (found.latency_z, isnan(found.latency_s), isnan(found.usual_latency_s)) == (3.0, True, True)
    assert isnan(batch.record(Novelty, 1).novelty_age_s)
    assert batch.record(Timeouts, 1).timed_out == 0
    assert batch.column("judged")[3] == batch_of([event("one")]).column("judged")[0]


def test_given_features_leave_the_batch_as_it_was() -> None:
    batch = batch_of(spread([event("one"), event("two")]))
    before = replace(batch, numerical=batch.numerical.copy(), evidence=batch.evidence.copy())
    changed = batch.with_given({1: given(rarity=0.5, names_entity=1.0, service=3.0, mean_latency_z=1.0)})
    np.testing.assert_array_equal(batch.numerical, before.numerical)
    np.testing.assert_array_equal(batch.evidence, before.evidence)
    assert not batch.binary[1].any()
    assert batch.categorical[1, 0] == 2
    assert (changed.categorical[1, 0], changed.binary[1, 0]) == (3, 1)
    assert batch.aggregates[1, 7] == 0.0
    assert changed.aggregates[1, 7] == 1.0


@pytest.mark.parametrize(
    ("level", "message", "rule"),
    [
        ("INFO", "x", BENIGN),
        ("INFO", "x failed", BENIGN),
        ("WARNING", "x", BENIGN),
        ("WARNING", "x failed", SUSPECT),
        ("", "x", BENIGN),
        ("", "x failed", SUSPECT),
        ("FATALISH", "x failed", SUSPECT),
        ("ERROR", "x", SEVERE),
        ("ERROR", "x failed", SEVERE),
        ("CRITICAL", "x", SEVERE),
    ],
)
def test_the_severity_of_an_event_says_when_its_template_becomes_usual(
    level: str, message: str, rule: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = []

    def learn(_groups: object, *about_event: Any) -> None:
        rules.append(about_event[4])

    monkeypatch.setattr(TemplateNovelty, "learn", learn)
    batch_of([event(message, level=level)])
    assert rules == [rule]


@pytest.mark.parametrize(
    ("of", "wrong"),
    [
        (event(level="ERROR", request="a"), True),
        (event(level="WARNING", request="a"), False),
        (reply(status=500)._replace(request_id="req-a"), True),
        (reply(status=499)._replace(request_id="req-a"), False),
    ],
)
def test_an_error_or_a_reply_of_5xx_is_trouble_for_its_request(of: Any, wrong: bool) -> None:
    batch = batch_of(spread([of, event(request="a")]))
    assert batch.record(TransitionEvidence, 1).request_in_trouble is wrong
