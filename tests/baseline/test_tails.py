"""Tails of log seconds: histograms that add up, and strengths that have no upper limit."""

from __future__ import annotations

from collections import Counter
from math import log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.baseline.tails import (
    KINDS,
    WIDTH,
    TailsOf,
    bin_of,
    fit,
    fitted,
    log_seconds,
    merge_tails,
    plain_tails,
    read_tails,
)
from tests.helpers.stream import about

SECONDS = st.lists(st.floats(0.0, 1e5), min_size=1, max_size=120)


def histogram(values: list[float]) -> Counter[int]:
    return Counter(bin_of(log_seconds(value)) for value in values)


def steady(count: int, usual: float = 20.0) -> list[float]:
    """Values within 10 % of the usual one."""
    chance = Random(count)
    return [usual * chance.uniform(0.9, 1.1) for _ in range(count)]


@given(SECONDS, st.lists(st.floats(0.0, 1e7), min_size=2, max_size=20))
def test_a_longer_time_is_never_less_far_out(values: list[float], asked: list[float]) -> None:
    tail = fit(histogram(values))
    nats = [tail.nats(log_seconds(value)) for value in sorted(asked)]
    assert nats == sorted(nats)
    assert nats[0] >= 0.0


@given(SECONDS)
def test_beyond_the_edge_every_difference_counts(values: list[float]) -> None:
    tail = fit(histogram(values))
    assert tail.nats(tail.edge + 60.0) > tail.nats(tail.edge + 30.0) > tail.nats(tail.edge + 0.01)


@given(SECONDS, SECONDS)
def test_histograms_add_up(one: list[float], other: list[float]) -> None:
    total: TailsOf = {kind: {} for kind in KINDS}
    for values in (one, other):
        merge_tails(total, {"latency": {7: histogram(values)}})
    assert total["latency"][7] == histogram([*one, *other])


@given(SECONDS)
def test_histograms_come_back_from_json(values: list[float]) -> None:
    tails: TailsOf = {kind: {3: histogram(values)} for kind in KINDS}
    plain = {kind: {str(key): flat for key, flat in of.items()} for kind, of in plain_tails(tails).items()}
    assert read_tails(plain) == tails


@given(st.integers(1, 1_000), st.integers(0, 60))
def test_the_unit_does_not_matter(seed: int, shift: int) -> None:
    chance = Random(seed)
    logs = [chance.gauss(3.0, 0.5) for _ in range(100)]
    near, far = (fit(Counter(bin_of(each) + by for each in logs)) for by in (0, shift))
    for asked in (2.5, 3.13, 3.5, 6.0):
        assert far.nats(asked + shift * WIDTH) == about(near.nats(asked), abs=0.3)


@pytest.mark.parametrize("usual", [0.2, 2.0, 20.0, 2_000.0])
@pytest.mark.parametrize("count", [30, 100, 1_000])
def test_three_times_the_usual_stands_out_where_values_are_steady(count: int, usual: float) -> None:
    tail = fit(histogram(steady(count, usual)))
    assert tail.nats(log_seconds(3 * usual)) > log(count) + 4.0
    assert tail.nats(log_seconds(1.1 * usual)) < log(count) + 1.0
    assert tail.usual_s == about(usual, rel=0.06)


def test_a_value_once_seen_makes_its_like_less_far_out() -> None:
    before, after = fit(histogram(steady(100))), fit(histogram([*steady(100), 60.0, 65.0]))
    assert after.nats(log_seconds(60.0)) < before.nats(log_seconds(60.0)) / 2


def test_the_share_of_values_is_the_share_that_is_told() -> None:
    chance = Random(4)
    tail = fit(histogram([chance.lognormvariate(1.0, 0.6) for _ in range(4_000)]))
    fresh = [tail.nats(log_seconds(chance.lognormvariate(1.0, 0.6))) for _ in range(20_000)]
    for nats in (1.0, 3.0, 5.0):
        share = sum(each >= nats for each in fresh) / len(fresh)
        assert share == about(2.718281828**-nats, rel=0.35)


def test_the_baseline_needs_five_values_and_few_make_a_heavy_tail() -> None:
    tails: TailsOf = {"latency": {1: histogram([1.0] * 4), 2: histogram([1.0] * 3)}}
    assert fitted([tails])["latency"] == {}
    (few,) = fitted([tails, {"latency": {2: histogram([1.0] * 2)}}])["latency"].values()
    assert few.nats(log_seconds(3.0)) < fit(histogram([1.0] * 100)).nats(log_seconds(3.0)) - 4.0
