"""How well a service is known: which reference its events have, and when that changes."""

from __future__ import annotations

from math import inf

import pytest

from core import schema
from core.baseline import CompiledBaseline
from core.events import LogEvent, State
from core.features.batch import FeatureBatch
from core.features.reference import Reference
from core.features.service import ServiceTracker, service_code
from core.features.template import TemplateState
from core.features.words import Words
from core.schema import CATEGORICAL
from tests.helpers.stream import UNKNOWN, batch_of, event, learned, spread

USUAL = [
    f"Usual thing {word} happened" for word in ("alpha", "beta", "gamma", "delta", "kappa", "omega", "sigma", "tau")
]


def usual(count: int, service: str = "nova-compute") -> list[LogEvent]:
    return [event(USUAL[number % len(USUAL)], service=service) for number in range(count)]


def strange(number: int, service: str = "nova-compute") -> LogEvent:
    name = "".join("abcdefghij"[int(digit)] for digit in f"{number:04}")
    return event(f"Strange {name} came", service=service)


def known() -> CompiledBaseline:
    return learned(spread(usual(80)), spread(usual(80)))


def references(batch: FeatureBatch) -> list[Reference]:
    return [Reference(int(code)) for code in batch.column("reference")]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("nova-compute", "nova-compute"),
        ("nova-novncproxy", "nova-other"),
        ("neutron-lbaas-agent", "neutron-other"),
        ("keystone", "keystone"),
        ("keystone-wsgi", "keystone"),
        ("glance-api", "glance"),
        ("rabbitmq", "other"),
        ("", "unknown"),
    ],
)
def test_a_service_has_its_own_code_or_that_of_its_family(name: str, code: str) -> None:
    assert CATEGORICAL["service"][service_code(name)] == code


def test_a_service_that_the_baseline_knows_has_it_for_reference_from_the_51st_event_on() -> None:
    found = references(batch_of(spread(usual(80)), known()))
    assert found[:50] == [Reference.NONE] * 50
    assert found[50:] == [Reference.BASELINE] * 30


def test_the_first_events_of_a_stream_are_warming_up_where_their_template_is_unknown() -> None:
    batch = batch_of(spread([*usual(3), strange(1), *usual(60), strange(2)]), known())
    assert batch.states[3] is State.WARMING_UP
    assert batch.states[2] is batch.states[-1] is State.SCORED


@pytest.mark.parametrize(
    ("unknown", "reference"),
    # of 8 known templates, n unknown ones and a prior of 8 that are known as the stream is: 8 + 8 * 8 / (8 + n) have
    # to be 3/4 of 16 + n
    [(0, Reference.BASELINE), (2, Reference.BASELINE), (3, Reference.NONE), (12, Reference.NONE)],
)
def test_a_service_with_too_many_unknown_templates_is_not_known(unknown: int, reference: Reference) -> None:
    events = spread([*usual(8), *[strange(number) for number in range(unknown)]], every=61.0)
    events += spread(usual(60), start=2_000.0)
    assert references(batch_of(events, known()))[-1] is reference


def test_new_templates_of_one_burst_count_once_once_there_is_a_reference() -> None:
    burst = [strange(number)._replace(timestamp=100.0 + number / 10) for number in range(30)]
    batch = batch_of([*spread(usual(60)), *burst, *spread(usual(5), start=110.0)], known())
    assert references(batch)[-1] is Reference.BASELINE
    assert batch.binary[60:90, 2].all()


@pytest.mark.parametrize(("apart", "novelties"), [(0.0, 1), (60.0, 1), (60.1, 2)])
@pytest.mark.parametrize("reference", [Reference.STREAM, Reference.BASELINE])
def test_new_templates_more_than_a_minute_apart_count_each(apart: float, novelties: int, reference: Reference) -> None:
    tracker = ServiceTracker(UNKNOWN)
    service = tracker.states["nova-api"]
    for number in range(2):
        tracker.learn(service, TemplateState(number, Words((), ())), reference, number * apart)
    assert service.novelties == novelties


def test_without_a_reference_new_templates_of_one_burst_count_each() -> None:
    tracker = ServiceTracker(UNKNOWN)
    service = tracker.states["nova-api"]
    for number in range(3):
        tracker.learn(service, TemplateState(number, Words((), ())), Reference.NONE, 5.0)
    assert service.novelties == 3


def test_a_service_that_no_baseline_knows_becomes_its_own_reference_when_nothing_new_has_come_for_long() -> None:
    found = references(batch_of(spread(usual(1_200)), UNKNOWN))
    assert Reference.BASELINE not in found
    assert found[:200] == [Reference.NONE] * 200
    first = found.index(Reference.STREAM)
    # 8 * 0.999 ** n is a hundredth of the sum of 0.999 ** k, k < n
    assert first == 590
    assert found[first:] == [Reference.STREAM] * (1_200 - first)


def test_a_service_needs_two_hundred_events_to_be_its_own_reference() -> None:
    found = references(batch_of(spread(usual(1) * 300), UNKNOWN))
    assert found.index(Reference.STREAM) == 200


def test_a_service_is_no_reference_for_another_one() -> None:
    events = spread([*usual(100), *usual(10, service="cinder-volume")])
    found = references(batch_of(events, known()))
    assert found[99] is Reference.BASELINE
    assert found[100:] == [Reference.NONE] * 10


def test_the_gap_is_that_to_the_last_event_of_the_same_service() -> None:
    tracker, template = ServiceTracker(UNKNOWN), TemplateState(1, Words((), ()))
    one, other = tracker.states["nova-api"], tracker.states["nova-compute"]
    assert tracker.states["nova-api"] is one
    assert tracker.score(one, 10.0) == (service_code("nova-api"), inf, Reference.NONE, False, 0.0)
    tracker.learn(one, template, Reference.NONE, 10.0)
    assert tracker.score(one, 14.5).service_gap == 4.5
    assert tracker.score(other, 14.5) == (service_code("nova-compute"), inf, Reference.NONE, False, 0.0)
    tracker.restart()
    assert tracker.score(one, 20.0).service_gap == inf


def test_whether_the_baseline_is_the_reference_is_an_input_of_the_network() -> None:
    batch = batch_of(spread([*usual(60), event("Odd", service="cinder-volume")]), known())
    place = schema.BINARY_NAMES.index("baseline_knows")
    assert batch.binary[:, place].tolist() == batch.by_baseline.tolist()
    assert batch.by_baseline.tolist() == [False] * 50 + [True] * 10 + [False]
