"""Draws are repeatable, within their bounds and independent of each other."""

from __future__ import annotations

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.simulate.chance import Chance

seeds = st.integers(0, 2**32)


@given(seeds)
def test_the_same_path_gives_the_same_draws(seed: int) -> None:
    first, second = Chance("a", seed), Chance("a", seed)
    assert [first.share() for _ in range(5)] == [second.share() for _ in range(5)]


@given(seeds)
def test_drawing_from_a_branch_leaves_its_parent_where_it_was(seed: int) -> None:
    alone, parent = Chance(seed), Chance(seed)
    parent.branch("child").share()
    assert parent.share() == alone.share()


@given(seeds, st.integers(-50, 50), st.integers(0, 100))
def test_whole_numbers_lie_within_their_bounds(seed: int, low: int, width: int) -> None:
    assert low <= Chance(seed).whole(low, low + width) <= low + width


@given(seeds, st.floats(0.01, 100))
def test_waits_and_latencies_are_positive(seed: int, median: float) -> None:
    chance = Chance(seed)
    assert chance.exponential(median) >= 0.0
    assert chance.lognormal(median, 0.5) > 0.0


@given(seeds, st.integers(0, 8))
def test_a_sample_has_no_item_twice(seed: int, count: int) -> None:
    drawn = Chance(seed).sample("abcdef", count)
    assert len(drawn) == len(set(drawn)) == min(count, 6)


@given(seeds)
def test_identifiers_are_version_4_uuids(seed: int) -> None:
    text = Chance(seed).uuid()
    assert str(UUID(text)) == text
    assert UUID(text).version == 4


def test_weights_decide_how_often_an_item_is_drawn() -> None:
    chance = Chance("weights")
    drawn = [chance.weighted("ab", (3, 1)) for _ in range(4000)]
    assert 0.7 < drawn.count("a") / len(drawn) < 0.8


def test_draws_are_pinned_so_that_no_python_version_changes_them() -> None:
    chance = Chance("pinned", 1)
    assert (chance.hexadecimal(8), chance.whole(0, 999), round(chance.lognormal(1.0, 1.0), 6)) == PINNED


PINNED = ("93ada0fd", 508, 0.598465)
