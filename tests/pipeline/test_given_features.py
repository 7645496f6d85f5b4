"""Event files of another pipeline that give the 37 features: scored as they are, by the same network."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from core import schema
from core.events import LogLine, ScoredEvent, State
from core.features.extractor import FeatureExtractor
from core.pipeline import Pipeline, load_pipeline
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed


@pytest.fixture(scope="module")
def pipeline_of() -> Any:
    return load_pipeline()


def lines_of(objects: list[dict[str, Any]]) -> list[LogLine]:
    texts = [json.dumps(each) for each in objects]
    return [LogLine("events.jsonl", n, n * 1_000, len(text) + 1, text) for n, text in enumerate(texts, 1)]


def written(nested: bool) -> tuple[list[dict[str, Any]], np.ndarray]:
    """A cloud's events as another pipeline would write them, and their features."""
    events, facts = parsed(cloud_lines(6, 120.0, "amqp_unreachable"))
    batch = FeatureExtractor(healthy_compiled()).extract(events, facts)
    objects = []
    for row, event in enumerate(events):
        words = {
            name: vocabulary[batch.categorical[row, place]]
            for place, (name, vocabulary) in enumerate(schema.CATEGORICAL.items())
        }
        features: dict[str, Any] = {
            **dict(zip(schema.NUMERICAL_NAMES, batch.numerical[row].tolist(), strict=True)),
            **dict(zip(schema.BINARY_NAMES, batch.binary[row].tolist(), strict=True)),
            **words,
            **dict(zip(schema.AGGREGATE_NAMES, batch.aggregates[row].tolist(), strict=True)),
        }
        stamp = {"timestamp": event.timestamp}
        objects.append({**stamp, "message": event.message, "features": features} if nested else {**stamp, **features})
    return objects, np.concatenate((batch.numerical, batch.binary, batch.categorical, batch.aggregates), axis=1)


def scored(pipeline: Pipeline, objects: list[dict[str, Any]]) -> list[ScoredEvent]:
    items = [*pipeline.feed(lines_of(objects)), *pipeline.quiet()]
    return [item for item in items if isinstance(item, ScoredEvent)]


@pytest.mark.parametrize("nested", [False, True])
def test_the_network_is_shown_the_features_that_the_file_gives(nested: bool, pipeline_of: Any) -> None:
    objects, features = written(nested)
    pipeline = pipeline_of()
    prepared = pipeline.prepare(pipeline.parse(lines_of(objects)))
    found = prepared.features
    shown = np.concatenate((found.numerical, found.binary, found.categorical, found.aggregates), axis=1)
    assert len(shown) > 100
    np.testing.assert_allclose(shown, features[: len(shown)], rtol=1e-6)
    events = scored(pipeline_of(), objects)
    assert len(events) == len(objects)
    assert {event.state for event in events} == {State.SCORED}
    assert events[0].event.message == (objects[0]["message"] if nested else "(features without a message)")


def test_features_out_of_range_are_drawn_in_and_strange_words_are_unknown(pipeline_of: Any) -> None:
    objects, _ = written(nested=False)
    odd = {**objects[0], "latency_z": 1e9, "service": "no such service"}
    pipeline = pipeline_of()
    found = pipeline.prepare(pipeline.parse(lines_of([odd, objects[-1]]))).features
    assert found.numerical[0, schema.NUMERICAL_NAMES.index("latency_z")] == 6.0
    assert found.categorical[0, schema.CATEGORICAL_NAMES.index("service")] == 0


@pytest.mark.parametrize("change", [{"burst": None}, {"burst": "much"}, {"burst": float("nan")}])
def test_an_object_that_lacks_a_feature_and_has_no_message_is_of_no_known_format(
    change: dict[str, Any], pipeline_of: Any
) -> None:
    objects, _ = written(nested=False)
    (event,) = scored(pipeline_of(), [{**objects[0], **change}])
    assert event.state is State.UNKNOWN_FORMAT
    assert event.score is None
