"""Mappings with a limit: they keep what was used last, and never more than twice the limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.support.bounded import LIMIT, BoundedDefaults, BoundedMap, BoundedSet


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30)), max_size=200), st.integers(1, 8))
def test_what_was_used_last_is_kept_and_the_limit_held(steps: list[tuple[bool, int]], limit: int) -> None:
    bounded: BoundedMap[int, int] = BoundedMap(limit)
    held: dict[int, int] = {}  # by last use, the last one at the end
    for number, (is_set, key) in enumerate(steps):
        if is_set:
            bounded.set(key, number)
            held.pop(key, None)
            held[key] = number
        elif (found := bounded.get(key)) is not None:
            assert held[key] == found
            held[key] = held.pop(key)
        else:
            assert key not in list(held)[-limit:]
        assert len(bounded) <= 2 * limit


def test_a_key_that_was_never_set_has_no_value() -> None:
    bounded: BoundedMap[str, int] = BoundedMap()
    bounded.set("a", 0)
    assert (bounded.get("a"), bounded.get("b")) == (0, None)


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 8))
def test_a_value_is_made_once_while_its_key_is_in_use(keys: list[int], limit: int) -> None:
    made: list[int] = []

    def make(key: int) -> list[int]:
        made.append(key)
        return [key]

    bounded = BoundedDefaults(make, limit)
    for place, key in enumerate(keys):
        before = len(made)
        assert bounded[key] == [key]
        recent = list(dict.fromkeys(reversed(keys[:place])))[:limit]
        assert key not in recent or len(made) == before
        values = list(bounded.held())
        assert len(values) <= 2 * limit
        assert [key] in values


@pytest.mark.parametrize("bounded", [BoundedMap(), BoundedDefaults(str)])
def test_the_limit_is_twenty_thousand_unless_given(bounded: BoundedMap[int, str] | BoundedDefaults[int, str]) -> None:
    for key in range(5 * LIMIT):
        if isinstance(bounded, BoundedMap):
            bounded.set(key, str(key))
        else:
            assert bounded[key] == str(key)
    held = len(bounded) if isinstance(bounded, BoundedMap) else len(list(bounded.held()))
    assert LIMIT == 20_000
    assert LIMIT <= held <= 2 * LIMIT


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 8))
def test_a_set_keeps_what_was_added_last(keys: list[int], limit: int) -> None:
    bounded: BoundedSet[int] = BoundedSet(limit)
    for place, key in enumerate(keys, 1):
        bounded.add(key)
        assert set(list(dict.fromkeys(reversed(keys[:place])))[:limit]) <= bounded.keys() <= set(keys[:place])
        assert len(bounded) <= 2 * limit


def test_a_set_keeps_twenty_thousand_unless_told_otherwise() -> None:
    bounded: BoundedSet[int] = BoundedSet()
    for key in range(3 * LIMIT):
        bounded.add(key)
    assert LIMIT <= len(bounded) <= 2 * LIMIT
    assert 2 * LIMIT in bounded
