"""One path for training and serving: a run is trained on the features that are computed while it is watched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from core.baseline import CompiledBaseline
from core.events import LogLine
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.network.inputs import SCALED_LIMIT, InputEncoder, scale_numerical
from core.pipeline import Pipeline
from core.simulate import Deployment, LogLayout, Scenario, simulate
from core.training.corpus import read_logs, read_runs, read_streams
from core.training.dataset import BaselineView, CrossFit, Example, FeatureViews, simulated_example
from core.training.fit import Arrays
from core.training.simulated import simulate_stream
from tests.helpers.calibration import straight_calibration
from tests.helpers.cloud import healthy_baseline, healthy_compiled, parsed

NO_SCORER: Any = None


def watched(lines: Sequence[LogLine], baseline: CompiledBaseline, size: int) -> list[FeatureBatch]:
    """Features of a stream of which so many lines are read at once."""
    pipeline = Pipeline(baseline, NO_SCORER, straight_calibration())
    parts = [*(lines[start : start + size] for start in range(0, len(lines), size)), None]
    return [pipeline.prepare(pipeline.parse(part)).features for part in parts]


def assert_same(found: Sequence[FeatureBatch], trained: FeatureBatch) -> None:
    for name in ("numerical", "binary", "categorical", "aggregates", "timestamps", "evidence", "previous"):
        values = np.concatenate([getattr(batch, name) for batch in found])
        np.testing.assert_array_equal(values, getattr(trained, name), name)
    assert sum((batch.states for batch in found), ()) == trained.states


@pytest.mark.parametrize(
    "size", [pytest.param(1, marks=pytest.mark.slow), 7, pytest.param(100_000, marks=pytest.mark.slow)]
)
def test_a_run_of_a_corpus_is_trained_on_what_is_watched(size: int, corpus: Path) -> None:
    runs = read_runs(corpus)
    streams = read_streams(corpus, runs, lambda *_: None)
    views = FeatureViews(CrossFit(streams), healthy_baseline().deployments)
    logs = dict(read_logs(corpus, {run.file: run for run in runs}))
    for stream in streams[:3]:
        for example, baseline in (
            (views.known_deployment(stream), views.without_block_of(stream)),
            (views.other_deployments(stream, np.zeros(len(stream.events), np.int8)), views.without_campaign_of(stream)),
        ):
            assert len(example.batch) > 50
            assert_same(watched(logs[stream.run], baseline, size), example.batch)


def lines_of(scenario: Scenario) -> list[LogLine]:
    """What a simulated deployment writes, in the order in which it is written."""
    counts: dict[str, int] = {}
    lines = []
    merged = scenario.deployment.layout is LogLayout.MERGED
    for record in simulate(scenario):
        source = "cloud.log" if merged else record.file
        for text in record.lines:
            counts[source] = counts.get(source, 0) + 1
            lines.append(LogLine(source, counts[source], 0, len(text) + 1, text))
    return lines


@pytest.mark.parametrize("layout", list(LogLayout))
@pytest.mark.parametrize("incident", ["port_binding_failed", "time_jump"])
def test_a_simulated_run_is_trained_on_what_is_watched(layout: LogLayout, incident: str) -> None:
    deployment = replace(Deployment.typical(), layout=layout)
    scenario = Scenario(seed=5, duration_s=200.0, deployment=deployment, incidents=[(incident, 90.0)])
    example = simulated_example(simulate_stream(scenario), healthy_compiled())
    assert_same(watched(lines_of(scenario), healthy_compiled(), 50), example.batch)


def test_inputs_are_scaled_and_clipped_alike_in_training_and_after_it() -> None:
    events, facts = parsed(lines_of(Scenario(seed=5, duration_s=100.0, deployment=Deployment.typical())))
    batch = FeatureExtractor(healthy_compiled()).extract(events, facts)
    random = np.random.default_rng(0)
    means, scales = random.normal(size=14).astype(np.float32), random.uniform(0.01, 2, size=14).astype(np.float32)
    example = Example("a", "b", BaselineView.KNOWN, batch, np.zeros(len(batch), np.int8))
    trained = Arrays.of([example], means, scales).numerical
    served = InputEncoder(means, scales, torch.device("cpu"))(batch).numerical
    assert torch.equal(trained, served)
    assert served.abs().max() == SCALED_LIMIT
    plain = (batch.numerical - means) / scales
    np.testing.assert_array_equal(scale_numerical(batch.numerical, means, scales), plain.clip(-8, 8))
