"""A dialect changes prose and names, and nothing that is structure."""

from __future__ import annotations

from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.simulate.catalogue import CATALOGUE
from core.simulate.dialects import KILO, PIKE, RELEASES
from core.simulate.foreign import foreign_dialect
from core.simulate.script import Message


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000))
def test_a_foreign_dialect_keeps_the_fields_of_every_text(seed: int) -> None:
    dialect = foreign_dialect(seed)
    for key, entry in CATALOGUE.items():
        if isinstance(entry, Message):
            before = [name for _, name, _, _ in Formatter().parse(entry.text)]
            after = [name for _, name, _, _ in Formatter().parse(dialect.word(key, entry.text))]
            if key in dialect.wordings:
                assert set(after) <= set(before)
            else:
                assert sorted(filter(None, after)) == sorted(filter(None, before))


@given(st.integers(0, 10_000))
def test_a_foreign_dialect_is_the_same_for_the_same_seed(seed: int) -> None:
    assert foreign_dialect(seed) == foreign_dialect(seed)


def test_foreign_dialects_differ_from_each_other() -> None:
    text = "Attaching volume {volume} failed on this hypervisor, Took {took:.2f} seconds"
    assert len({foreign_dialect(seed).word("", text) for seed in range(12)}) > 6


@pytest.mark.parametrize("seed", range(6))
def test_the_instance_marker_of_oslo_log_is_never_translated(seed: int) -> None:
    assert "[instance: {instance}]" in foreign_dialect(seed).word("", "[instance: {instance}] Terminating instance now")


def test_a_python_2_release_writes_text_literals_with_a_prefix() -> None:
    assert PIKE.word("x", "Details: {{'network_id': '{network}', 'up': True}}") == (
        "Details: {{u'network_id': u'{network}', u'up': True}}"
    )


def test_a_python_2_release_spells_a_set_out() -> None:
    assert PIKE.word("x", "Ports {{'{port}'}} removed") == "Ports set([u'{port}']) removed"


def test_longer_phrases_win_over_words_within_them() -> None:
    assert KILO.word("x", "Guest reports Started") == "VM Started"


def test_every_release_keeps_its_own_name() -> None:
    assert all(name == dialect.name for name, dialect in RELEASES.items())
