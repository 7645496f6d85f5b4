"""What usually comes where an event came."""

from __future__ import annotations

from core.events import Expected
from core.history.history import History
from core.templates import stable_hash
from tests.helpers.events import notice, scored_event
from tui.session.expected import TemplateTexts, expectation_at


def test_expectations_of_the_baseline_are_named_by_templates_of_the_log() -> None:
    history = History()
    usual = ((stable_hash("spawned"), 0.8), (stable_hash("never seen here"), 0.1))
    history.extend(
        [
            scored_event(template="spawned"),
            scored_event(template="claim"),
            scored_event(template="weird", expected=Expected(stable_hash("claim"), usual, 0.0)),
            scored_event(template="first", expected=Expected(0, usual, 0.3)),
            scored_event(template="lost", expected=Expected(77, usual, 0.3)),
        ]
    )
    texts = TemplateTexts(history)
    weird, first, lost = (expectation_at(history, place, texts) for place in (2, 3, 4))
    assert weird == ("claim", (("spawned", 0.8), (None, 0.1)), 0.0, 0)
    assert first is not None
    assert lost is not None
    assert (first.previous, lost.previous) == ("", None)


def test_without_a_baseline_successions_of_the_log_are_counted() -> None:
    names = ["claim", "spawn", "claim", "spawn", "claim", "fail", "claim", "weird"]
    history = History()
    history.extend(scored_event(template=name) for name in names)
    assert expectation_at(history, 7, TemplateTexts(history)) == ("claim", (("spawn", 2 / 3), ("fail", 1 / 3)), 0.0, 3)


def test_nothing_is_expected_where_nothing_is_known() -> None:
    history = History()
    history.extend([notice(), scored_event(None), scored_event(template="first"), scored_event(template="second")])
    texts = TemplateTexts(history)
    assert [expectation_at(history, place, texts) for place in range(4)] == [None] * 4


def test_texts_of_templates_outlive_their_rows() -> None:
    history = History(2)
    texts = TemplateTexts(history)
    for name in ("old", "new", "newer"):
        history.extend([scored_event(template=name)])
        texts.catch_up()
    assert texts.of(stable_hash("old")) == "old"
    assert texts.of(1) is None
