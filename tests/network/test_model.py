from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core import schema
from core.network.attention import BLOCK, CARRY, PERIOD, Cache
from core.network.inputs import InputEncoder, Inputs
from core.network.model import ModelConfig, Transformer
from tests.helpers.features import random_events

TOLERANCE = 1e-5
FEATURES = len(schema.FEATURE_NAMES)
ENCODER = InputEncoder(np.zeros(14, np.float32), np.ones(14, np.float32), torch.device("cpu"))


def random_inputs(*shape: int, seed: int = 0, gap: float = 5.0) -> Inputs:
    return ENCODER(random_events(*shape, seed=seed, gap=gap))


def part(inputs: Inputs, start: int, end: int) -> Inputs:
    return Inputs(*(tensor[start:end] for tensor in inputs))


def whole(network: Transformer, inputs: Inputs) -> Tensor:
    logits: Tensor = network(*(tensor[None] for tensor in inputs))[0]
    return logits


def in_steps(network: Transformer, inputs: Inputs, sizes: list[int]) -> Tensor:
    cache, logits, start = network.empty_cache(), [], 0
    for size in sizes:
        some, cache = network.step(*part(inputs, start, start + size), cache)
        logits.append(some)
        start += size
    return torch.cat(logits)


def at_times(inputs: Inputs, *seconds: float) -> Inputs:
    return inputs._replace(timestamps=1.75e9 + torch.tensor(seconds, dtype=torch.float64))


def test_the_network_has_exactly_the_published_number_of_parameters(network: Transformer) -> None:
    assert network.parameter_count() == 415_873


def test_nothing_but_parameters_is_stored(network: Transformer) -> None:
    assert network.state_dict().keys() == dict(network.named_parameters()).keys()


@pytest.mark.parametrize("column", range(FEATURES), ids=schema.FEATURE_NAMES)
def test_every_input_reaches_the_output(network: Transformer, column: int) -> None:
    inputs = random_inputs(3)
    altered = [tensor.clone() for tensor in inputs]
    for tensor, width in zip(altered, (14, 8, 6, 9), strict=False):
        if 0 <= column < width:
            tensor[1, column] = (tensor[1, column] + 1) % 5
        column -= width
    before, after = whole(network, inputs), whole(network, Inputs(*altered))
    assert before[0] == after[0]
    assert (before[1:] - after[1:]).abs().min() > 1e-6


@given(place=st.integers(0, 149))
@settings(max_examples=20, deadline=None)
def test_the_future_never_changes_the_past(network: Transformer, place: int) -> None:
    inputs = random_inputs(150)
    other = random_inputs(150, seed=1)
    mixed = Inputs(*(torch.cat((a[:place], b[place:])) for a, b in zip(inputs, other, strict=True)))
    assert torch.allclose(whole(network, inputs)[:place], whole(network, mixed)[:place], atol=TOLERANCE, rtol=0)


def test_an_event_sees_the_49_before_it_and_no_other(network: Transformer) -> None:
    inputs = random_inputs(120, gap=0.5)
    altered = inputs._replace(numerical=inputs.numerical.clone())
    altered.numerical[20] += 1.0
    one_layer = Transformer(ModelConfig(layers=1)).eval()
    change = (whole(one_layer, inputs) - whole(one_layer, altered)).abs()
    assert (change[20:70] > 0).all()
    assert (change[70:] <= TOLERANCE).all()
    assert (whole(network, inputs) - whole(network, altered))[70:118].abs().max() > TOLERANCE, "two layers reach on"


@pytest.mark.parametrize(("age", "seen"), [(299.999, True), (300.0, True), (300.000001, False), (-40.0, True)])
def test_an_event_sees_what_is_at_most_300_seconds_old(network: Transformer, age: float, seen: bool) -> None:
    inputs = at_times(random_inputs(2), 0.0, age)
    altered = inputs._replace(binary=1.0 - inputs.binary)
    altered.binary[1] = inputs.binary[1]
    assert (whole(network, inputs)[1] != whole(network, altered)[1]).item() is seen
    assert (in_steps(network, inputs, [1, 1])[1] != in_steps(network, altered, [1, 1])[1]).item() is seen


def test_scores_depend_on_distances_and_not_on_positions(network: Transformer) -> None:
    inputs = random_inputs(2)
    pair = Inputs(*(torch.cat((t[:1], t[:1], t[1:])) for t in inputs))
    far = at_times(pair, -1000.0, 0.0, 1.0)
    assert torch.allclose(whole(network, at_times(inputs, 0.0, 1.0)), whole(network, far)[1:], atol=TOLERANCE, rtol=0)
    swapped = Inputs(*(torch.cat((t[:1], t[1:], t[1:])) for t in inputs))
    turned = Inputs(*(torch.cat((t[1:], t[:1], t[1:])) for t in inputs))
    assert whole(network, at_times(swapped, 0.0, 0.0, 0.0))[2] != whole(network, at_times(turned, 0.0, 0.0, 0.0))[2]


@given(
    sizes=st.lists(st.integers(1, 140), min_size=1, max_size=8), seed=st.integers(0, 3), gap=st.sampled_from([1, 20])
)
@settings(max_examples=40, deadline=None)
def test_a_stream_scores_as_the_whole_sequence_does(
    network: Transformer, sizes: list[int], seed: int, gap: float
) -> None:
    inputs = random_inputs(sum(sizes), seed=seed, gap=gap)
    streamed = in_steps(network, inputs, sizes)
    assert torch.allclose(streamed, whole(network, inputs), atol=TOLERANCE, rtol=0)


@given(sizes=st.lists(st.integers(1, 40), min_size=2, max_size=6))
@settings(max_examples=20, deadline=None)
def test_a_stream_scores_as_the_whole_sequence_does_when_clocks_go_back(network: Transformer, sizes: list[int]) -> None:
    inputs = random_inputs(sum(sizes))
    jitter = torch.from_numpy(np.random.default_rng(0).uniform(-200, 200, sum(sizes)))
    inputs = inputs._replace(timestamps=inputs.timestamps + jitter)
    assert torch.allclose(in_steps(network, inputs, sizes), whole(network, inputs), atol=TOLERANCE, rtol=0)


def test_a_cache_that_is_cut_to_its_last_events_scores_the_same(network: Transformer) -> None:
    inputs = random_inputs(200)
    _, cache = network.step(*part(inputs, 0, 150), network.empty_cache())
    with_all, _ = network.step(*part(inputs, 150, 200), cache)
    with_last, _ = network.step(*part(inputs, 150, 200), cache.last())
    assert torch.equal(with_all, with_last)
    assert len(cache.last().timestamps) == CARRY


def test_positions_of_an_endless_stream_wrap_around(network: Transformer) -> None:
    inputs = random_inputs(90)
    at_first, _ = network.step(*part(inputs, 0, 90), network.empty_cache())
    near_the_period = network.empty_cache()._replace(position=PERIOD - 2 * BLOCK)
    across, after = network.step(*part(inputs, 0, 90), near_the_period)
    assert torch.allclose(across, at_first, atol=TOLERANCE, rtol=0)
    assert after.position == 90 - 2 * BLOCK


@pytest.mark.parametrize("length", [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 1])
def test_sequences_of_a_batch_do_not_meet(network: Transformer, length: int) -> None:
    inputs = random_inputs(3, length)
    together = network(*inputs)
    for row, logits in enumerate(together):
        assert torch.allclose(logits, whole(network, Inputs(*(t[row] for t in inputs))), atol=TOLERANCE, rtol=0)


def test_padding_is_neither_seen_nor_scored(network: Transformer) -> None:
    inputs = random_inputs(2, 80)
    inputs.numerical[0, 30:] = torch.nan
    logits = network(*inputs, torch.tensor([30, 80]))
    assert torch.equal(logits[0, 30:], torch.zeros(50))
    alone = whole(network, Inputs(*(tensor[0, :30] for tensor in inputs)))
    assert torch.allclose(logits[0, :30], alone, atol=TOLERANCE, rtol=0)


def test_long_sequences_can_be_trained_on() -> None:
    network = Transformer(ModelConfig(dropout=0.1)).train()
    with torch.inference_mode():
        network(*random_inputs(1, 8))  # what scoring leaves behind must not stand in the way of training
    loss = network(*random_inputs(4, 256)).square().mean()
    loss.backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in network.parameters())


def test_a_probe_of_an_unaltered_event_gives_its_logit(network: Transformer) -> None:
    inputs = random_inputs(100, gap=10.0)
    _, before = network.step(*part(inputs, 0, 40), network.empty_cache())
    new = part(inputs, 40, 100)
    logits, cache = network.step(*new, before)
    rows = torch.tensor([0, 1, 30, 59])
    numerical, binary, categorical, aggregates = (tensor[rows][:, None] for tensor in new[:4])
    probed = network.probe(
        numerical, binary, categorical, aggregates, rows, cache, alone=torch.zeros(len(rows), 1, dtype=torch.bool)
    )
    assert torch.allclose(probed[:, 0], logits[rows], atol=TOLERANCE, rtol=0)


def test_the_first_event_of_a_stream_is_scored_alone(network: Transformer) -> None:
    inputs = random_inputs(1)
    logits, cache = network.step(*inputs, network.empty_cache())
    numerical, binary, categorical, aggregates = (tensor[:, None] for tensor in inputs[:4])
    rows, only = torch.tensor([0]), torch.tensor([[True]])
    alone = network.probe(numerical, binary, categorical, aggregates, rows, cache, alone=only)
    assert torch.allclose(alone[0], logits, atol=TOLERANCE, rtol=0)
    assert isinstance(cache, Cache)
