"""The state of a stream is bounded, even for a log that never repeats itself."""

from __future__ import annotations

import pytest

from core.baseline import Baseline, Usual
from core.features.extractor import FeatureExtractor
from core.features.site import Site
from core.features.standing import COLD
from core.support import bounded as memory
from core.support.bounded import Memory
from core.templates import Templater
from tests.helpers.cloud import cloud_lines, healthy_usual, parsed


def test_the_oldest_entry_is_evicted_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 2)
    kept: Memory[str, int] = Memory()
    assert [kept.keep(key, n) for n, key in enumerate("abab")] == [None] * 4
    assert kept.keep("c", 4) == ("a", 2)
    assert list(kept) == ["b", "c"]


def test_a_log_of_ever_new_templates_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 50)
    site, templater = Site(Usual(Baseline())), Templater()
    service = site.service("nova-compute")
    letters = "abcdefghij"
    for n in range(1_000):
        word = "".join(letters[int(digit)] for digit in str(n))
        template = templater.facts("nova.compute", f"Thing {word}x has happened").template
        site.standing(service, template)
        site.word_surprisal(template.words, COLD)
        site.duration(template.id)
        site.reply(n + 1, 200)
    assert len(service.standings) == len(service.strangers) == 50
    held = [getattr(site, name) for name in ("_words", "_quantities", "_replies")]
    assert [len(each) for each in held] == [50, 50, 50]


def test_templates_that_the_baseline_knows_are_never_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "KEPT", 3)
    events, facts = parsed(cloud_lines(6, 200.0))
    batch = FeatureExtractor(healthy_usual()).extract(events, facts)
    assert batch.known.mean() > 0.9
