"""The 37 features: in their ranges, the same for any split of the stream, and free of identities."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import schema
from core.baseline import Baseline, CompiledBaseline
from core.events import LogEvent, State
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.templates import MessageFacts, Templater
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed

NEW = schema.BINARY_NAMES.index("new_template")
SEVERE = schema.BINARY_NAMES.index("severe")
TROUBLE = schema.BINARY_NAMES.index("request_in_trouble")


def arrays(batch: FeatureBatch) -> list[np.ndarray]:
    return [batch.numerical, batch.binary, batch.categorical, batch.aggregates, batch.timestamps]


def extract(
    events: list[LogEvent], facts: list[MessageFacts], baseline: CompiledBaseline | None = None
) -> FeatureBatch:
    return FeatureExtractor(baseline or healthy_compiled()).extract(events, facts)


@cache
def stretch() -> tuple[list[LogEvent], list[MessageFacts]]:
    events, facts = parsed(cloud_lines(2, 300.0, "port_binding_failed"))
    return events[:400], facts[:400]


def numerical(batch: FeatureBatch, name: str) -> np.ndarray:
    return batch.numerical[:, schema.NUMERICAL_NAMES.index(name)]


@pytest.mark.parametrize("incident", ["", "amqp_unreachable", "slow_spawn", "log_burst", "time_jump", "token_burst"])
def test_every_feature_stays_in_the_range_that_the_schema_gives_it(incident: str) -> None:
    batch = extract(*parsed(cloud_lines(3, 400.0, incident)))
    for table, values in (
        (schema.NUMERICAL, batch.numerical),
        (schema.BINARY, batch.binary),
        (schema.AGGREGATES, batch.aggregates),
    ):
        for feature, column in zip(table, values.T, strict=True):
            assert column.min() >= feature.low - 1e-5, feature.name
            assert column.max() <= feature.high + 1e-5, feature.name
    sizes = [len(words) for words in schema.CATEGORICAL.values()]
    assert (batch.categorical >= 0).all()
    assert (batch.categorical < sizes).all()


@settings(max_examples=10)
@given(cuts=st.sets(st.integers(1, 399), max_size=12))
def test_any_split_of_the_stream_gives_the_same_rows(cuts: set[int]) -> None:
    events, facts = stretch()
    whole = extract(events, facts)
    extractor = FeatureExtractor(healthy_compiled())
    bounds = [0, *sorted(cuts), len(events)]
    parts = [extractor.extract(events[a:b], facts[a:b]) for a, b in pairwise(bounds)]
    for column, values in enumerate(arrays(whole)):
        np.testing.assert_array_equal(np.concatenate([arrays(part)[column] for part in parts]), values)
    assert sum((part.states for part in parts), ()) == whole.states
    np.testing.assert_array_equal(np.concatenate([part.evidence for part in parts]), whole.evidence)


@settings(max_examples=10)
@given(
    cuts=st.sets(st.integers(1, 239), max_size=6), jumps=st.sets(st.integers(0, 239), max_size=4), silent=st.booleans()
)
def test_a_clock_set_back_begins_the_windows_anew_wherever_the_stream_is_split(
    cuts: set[int], jumps: set[int], silent: bool
) -> None:
    events, facts = stretch()
    moved, shift = [], 0.0
    for row, event in enumerate(events[:240]):
        shift -= 3_600.0 * (row in jumps)
        stamp = None if silent and row % 7 == 0 else (event.timestamp or 0.0) + shift
        moved.append(event._replace(timestamp=stamp))
    whole = extract(moved, facts[:240])
    extractor = FeatureExtractor(healthy_compiled())
    parts = [extractor.extract(moved[a:b], facts[a:b]) for a, b in pairwise([0, *sorted(cuts | jumps - {0}), 240])]
    for column, values in enumerate(arrays(whole)):
        np.testing.assert_array_equal(np.concatenate([arrays(part)[column] for part in parts]), values)
    restarted = [row for row in jumps if row and not (silent and row % 7 == 0)]
    assert (numerical(whole, "service_gap")[restarted] == np.float32(np.log1p(300.0))).all()


def test_who_did_it_and_when_does_not_reach_the_features() -> None:
    texts = [line.text for line in cloud_lines(4, 300.0, "no_valid_host")]
    events, facts = parsed(cloud_lines(4, 300.0, "no_valid_host"))
    renamed = {
        ident: f"{number:032x}" for number, ident in enumerate(sorted(set(re.findall("[0-9a-f]{32}", str(texts)))))
    }
    others = []
    for event in events:
        message = re.sub("[0-9a-f]{32}", lambda found: renamed[found[0]], event.message)
        others.append(
            event._replace(
                message=message,
                request_id=event.request_id and "req-" + event.request_id[:3:-1],
                instance_id=event.instance_id[::-1],
                timestamp=(event.timestamp or 0.0) + 86_400.0 * 200,
                source="elsewhere.log",
                line=event.line + 1_000,
            )
        )
    one, other = extract(events, facts), extract(others, facts)
    for mine, theirs in zip(arrays(one)[:4], arrays(other)[:4], strict=True):
        np.testing.assert_allclose(mine, theirs, atol=2e-4)  # stamps have fewer digits to spare far from 1970


def test_healthy_logs_of_a_known_cloud_bring_next_to_no_new_templates() -> None:
    batch = extract(*parsed(cloud_lines(21)))
    assert batch.binary[:, NEW].mean() < 0.1
    assert batch.column("known").mean() > 0.9


def test_an_unseen_template_is_new_in_a_known_cloud_and_stays_so_while_it_is_news() -> None:
    events, _ = parsed(cloud_lines(21))
    strange = "The frobnicator of rack seven has left the building"
    for place in (300, 303):
        events[place] = events[place]._replace(message=strange, level="INFO", logger="nova.odd")
    templater = Templater()
    batch = extract(events, [templater.facts(event.logger, event.head) for event in events])
    assert batch.binary[300, NEW] == 1
    assert batch.binary[303, NEW] == 1
    assert numerical(batch, "rarity")[300] == 1.0


def test_without_any_baseline_nothing_is_new_until_the_log_has_shown_itself() -> None:
    batch = extract(*parsed(cloud_lines(5, 300.0)), CompiledBaseline(Baseline()))
    assert batch.states[0] is State.WARMING_UP
    assert batch.binary[:50, NEW].sum() == 0
    assert not batch.column("known").any()


def test_a_slow_spawn_is_measured_in_seconds_beside_what_is_usual() -> None:
    batch = extract(*parsed(cloud_lines(6, 400.0, "slow_spawn")))
    slow = batch.column("duration_s") > 2 * batch.column("usual_duration_s")
    assert (numerical(batch, "duration_z")[slow] > 1).any()


def test_a_request_that_went_wrong_is_in_trouble_from_then_on() -> None:
    events, facts = parsed(cloud_lines(7, 400.0, "neutron_refused"))
    batch = extract(events, facts)
    for row in np.flatnonzero(batch.binary[:, TROUBLE]):
        chain = {events[row].request_id, events[row].instance_id} - {""}
        before = [n for n in range(row) if chain & {events[n].request_id, events[n].instance_id}]
        assert any(batch.binary[n, SEVERE] or batch.binary[n, NEW] or facts[n].status >= 500 for n in before)
    assert batch.binary[:, TROUBLE].any()
