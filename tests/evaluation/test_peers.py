"""Peers and variants of the network: their inputs, the cleared inputs, and pooling of past events alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import schema
from core.evaluation.ablate import VARIANTS
from core.evaluation.peers import PEERS, POOLED_EVENTS, TrainingSample, flat, pooled
from core.network.model import Transformer
from core.training.fit import Arrays, logits

WIDTH = len(schema.NUMERICAL) + len(schema.BINARY) + len(schema.AGGREGATES) + 64


def random_arrays(lengths: list[int], seed: int = 0) -> Arrays:
    """Streams of random events, of which the severe ones are anomalous."""
    draw = np.random.default_rng(seed)
    count = sum(lengths)
    ends = np.cumsum(lengths).tolist()
    words = np.array([len(vocabulary) for vocabulary in schema.CATEGORICAL.values()])
    binary = (draw.random((count, len(schema.BINARY))) < 0.2).astype(np.float32)
    return Arrays(
        torch.from_numpy(draw.normal(size=(count, len(schema.NUMERICAL))).astype(np.float32)),
        torch.from_numpy(binary),
        torch.from_numpy(draw.integers(0, words, (count, len(words)))),
        torch.from_numpy(draw.random((count, len(schema.AGGREGATES))).astype(np.float32)),
        torch.arange(count, dtype=torch.float64),
        torch.from_numpy(binary[:, schema.BINARY_NAMES.index("severe")].astype(np.int8)),
        torch.ones(count),
        list(zip([0, *ends[:-1]], ends, strict=True)),
    )


@given(st.lists(st.integers(1, 120), min_size=1, max_size=3))
def test_pooling_is_the_mean_and_the_highest_of_the_last_50_events_of_the_stream(lengths: list[int]) -> None:
    arrays = random_arrays(lengths)
    rows, found = flat(arrays), pooled(arrays)
    assert rows.shape[1] == WIDTH
    for begin, end in arrays.bounds:
        for place in {begin, (begin + end) // 2, end - 1}:
            window = rows[max(begin, place + 1 - POOLED_EVENTS) : place + 1]
            np.testing.assert_allclose(found[place, :WIDTH], window.mean(axis=0), atol=1e-5)
            np.testing.assert_array_equal(found[place, WIDTH:], window.max(axis=0))


def test_a_training_sample_has_every_anomaly_and_no_more_normals_than_asked_for() -> None:
    arrays = random_arrays([300])
    sample = TrainingSample.sample(arrays, normals=10)
    assert set(np.flatnonzero(arrays.targets.numpy() == 1)) <= set(sample.rows)
    assert (~sample.truth).sum() == 10


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", [name for name in PEERS if "no labels" not in name])
def test_a_fitted_peer_ranks_anomalies_first(name: str) -> None:
    arrays = random_arrays([400])
    arrays.targets[:] = (torch.arange(400) >= 350).to(torch.int8)  # pooling sees what lasts
    arrays.binary[:, 0] = arrays.targets
    scores = PEERS[name](TrainingSample.sample(arrays))(arrays)
    assert np.median(scores[350:]) > scores[:350].max()


def test_alone_an_event_scores_as_if_it_were_the_only_one() -> None:
    arrays = random_arrays([70])
    torch.manual_seed(1)
    model = Transformer().eval()
    changed = VARIANTS["each event alone (no attention)"](arrays)
    whole = logits(model, changed)
    with torch.inference_mode():
        inputs = (arrays.numerical, arrays.binary, arrays.categorical, arrays.aggregates, arrays.timestamps)
        (single,) = model(*(tensor[None, 40:41] for tensor in inputs)).numpy()
    np.testing.assert_allclose(whole[40], single[0], atol=1e-5)
    assert not np.allclose(logits(model, arrays)[40], single[0], atol=1e-3), "with attention it is not alone"


@pytest.mark.parametrize("name", [name for name in VARIANTS if name.startswith("no ")])
def test_an_ablation_clears_the_same_inputs_of_all_events_and_no_others(name: str) -> None:
    arrays = random_arrays([60])
    before, after = flat(arrays), flat(VARIANTS[name](arrays))
    constant = (after == after[0]).all(axis=0)
    assert constant.any()
    np.testing.assert_array_equal(before[:, ~constant], after[:, ~constant])
