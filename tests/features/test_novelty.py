"""How new and how rare a template is, when it becomes usual, and how that is worded."""

from __future__ import annotations

from math import isnan, log, nan
from typing import Any

import pytest

from core.events import LogEvent
from core.features.novelty import TemplateNovelty, novelty_reason
from core.features.reference import BASELINE, NONE, STREAM, Reference
from core.features.service import ServiceState
from core.features.template import BENIGN, SEVERE, SUSPECT, HabituationRule, Novelty, TemplateState
from core.features.words import WordRarity, Words
from core.schema import CATEGORICAL
from tests.helpers.stream import UNKNOWN, about, batch_of, event, facts, learned, spread

USUAL = [
    *[event("Instance spawned successfully", instance=str(number)) for number in range(60)],
    *[event("Deleting stale volume") for _ in range(3)],
    *[event("Active base files: /one"), event("Image cache swept once")],
]
ODD_RUN = [event("Instance spawned successfully") for _ in range(20)]
KNOWN = learned(spread(USUAL), spread(ODD_RUN), spread(ODD_RUN), spread(ODD_RUN))


def habituated(rule: HabituationRule, seconds: list[float], reference: Reference = STREAM) -> list[bool]:
    state, usual = TemplateState(1, Words((), ())), []
    for at in seconds:
        usual.append(state.is_usual)
        state.learn(at, reference, rule)
    return [*usual, state.is_usual]


@pytest.mark.parametrize(
    ("rule", "seconds", "usual"),
    [
        (BENIGN, [0.0, 60.0, 119.0], [False, False, False, False]),
        (BENIGN, [0.0, 120.0], [False, False, True]),
        (BENIGN, [30.0, 149.0, 150.0], [False, False, False, True]),
        (SUSPECT, [0.0, 130.0], [False, False, False]),
        (SUSPECT, [0.0, 119.0, 130.0, 239.0, 250.0], [False, False, False, False, False, True]),
        (SEVERE, [3_600.0 * n for n in range(100)], [False] * 101),
    ],
    ids=["young", "two minutes old", "two minutes after its first", "twice", "three times", "never"],
)  # fmt: skip
def test_a_new_template_becomes_usual_by_the_rule_of_its_severity(
    rule: HabituationRule, seconds: list[float], usual: list[bool]
) -> None:
    assert habituated(rule, seconds) == usual


@pytest.mark.parametrize(("rule", "usual"), [(BENIGN, True), (SUSPECT, False), (SEVERE, False)])
def test_without_a_reference_what_is_benign_is_usual_at_once(rule: HabituationRule, usual: bool) -> None:
    assert habituated(rule, [5.0], NONE)[-1] is usual


def test_what_became_usual_stays_so() -> None:
    assert habituated(BENIGN, [0.0, 130.0, 10_000.0])[2:] == [True, True]


def familiarity(code: int) -> str:
    return CATEGORICAL["familiarity"][code]


class Case:
    """A service that has seen 999 events, and the templates of its stream."""

    def __init__(self, name: str = "nova-compute") -> None:
        self.templates = TemplateNovelty(KNOWN)
        self.service = ServiceState(name)
        self.service.events = 999
        self.service.decayed_events = 99.0
        self.service.decayed_novelties = 1.5

    def score(self, of: LogEvent, at: float = 0.0, reference: Reference = BASELINE) -> Novelty:
        template = facts(of).template
        state = self.templates.state(self.service.name, template)
        return self.templates.score(self.service, template, state, reference, at)

    def learn(self, of: LogEvent, at: float, reference: Reference = BASELINE, rule: HabituationRule = BENIGN) -> None:
        template = facts(of).template
        state = self.templates.state(self.service.name, template)
        self.templates.learn(self.service, template, state, reference, rule, at)


@pytest.mark.parametrize(
    ("message", "surprisal", "rarity", "known_as"),
    # the service has 125 events in 4 runs; a template of 3 of them in the first run alone is in a quarter of the runs
    [
        ("Instance spawned successfully", -log(120 / 125), 0.0, "always"),
        ("Deleting stale volume", -log(3 / 125), 0.75, "common"),
        ("Image cache swept once", -log(1 / 125), 0.75, "common"),
    ],
)
@pytest.mark.parametrize("reference", list(Reference))
def test_a_template_of_the_baseline_is_as_rare_as_there_whatever_this_stream_has(
    message: str, surprisal: float, rarity: float, known_as: str, reference: Reference
) -> None:
    case = Case()
    before = case.score(event(message), 0.0, reference)
    assert before.template_surprisal == about(surprisal)
    assert (before.rarity, familiarity(before.familiarity)) == (rarity, known_as)
    assert (before.new_template, before.novel_variant, before.known, before.judged) == (False, False, True, True)
    assert isnan(before.novelty_age_s)
    case.learn(event(message), 0.0, reference)
    assert case.score(event(message), 900.0, reference)[:5] == before[:5]


@pytest.mark.parametrize(
    ("reference", "chance"),
    # the baseline has 1 template of the service twice and more, and 2 singles: (2 + 0.5) / (125 + 1)
    [(BASELINE, 2.5 / 126), (STREAM, 2.0 / 100.0)],
)
def test_an_unseen_template_is_new_and_as_surprising_as_new_ones_are_there(reference: Reference, chance: float) -> None:
    case, odd = Case(), event("The frobnicator left")
    found = case.score(odd, 5.0, reference)
    assert found.template_surprisal == about(-log(chance))
    assert (found.rarity, familiarity(found.familiarity)) == (1.0, "never")
    assert (found.new_template, found.known, found.judged) == (True, False, True)
    assert isnan(found.novelty_age_s)
    case.learn(odd, 5.0, reference)
    assert case.score(odd, 47.5, reference).novelty_age_s == 42.5
    assert case.score(odd, 1.0, reference).novelty_age_s == 0.0
    assert case.score(odd, 47.5, reference).new_template


def test_without_a_reference_an_unseen_template_means_nothing() -> None:
    found = Case().score(event("The frobnicator left"), 5.0, NONE)
    assert (found.template_surprisal, found.rarity, found.familiarity) == (0.0, 0.5, 0)
    assert (found.new_template, found.novel_variant, found.known, found.judged) == (False, False, False, False)
    assert isnan(found.novelty_age_s)


@pytest.mark.parametrize(
    ("count", "known_as"), [(2, "rare"), (4, "rare"), (5, "occasional"), (49, "occasional"), (50, "common")]
)
def test_a_template_that_became_usual_is_as_rare_as_its_events(count: int, known_as: str) -> None:
    case, odd = Case(), event("The frobnicator left")
    for number in range(count):
        case.learn(odd, 130.0 * number)
    found = case.score(odd, 130.0 * count)
    assert found.template_surprisal == about(log(1_000 / count))
    assert (found.rarity, familiarity(found.familiarity)) == (1 / (1 + count), known_as)
    assert (found.new_template, found.novel_variant, found.known, found.judged) == (False, False, False, True)
    assert isnan(found.novelty_age_s)


@pytest.mark.parametrize(
    ("message", "variant"),
    [("Active base files: none left", True), ("Active base files (two)", True), ("Inactive base files: none", False)],
)
def test_a_new_template_that_begins_as_one_of_the_baseline_is_a_variant(message: str, variant: bool) -> None:
    assert Case().score(event(message)).novel_variant is variant
    assert not Case("cinder-volume").score(event(message), reference=STREAM).novel_variant


def test_a_new_template_that_begins_as_one_that_became_usual_here_is_a_variant() -> None:
    case, one, other = Case(), event("Frobnicator seven: left"), event("Frobnicator seven: came back")
    for at in (0.0, 130.0):
        assert not case.score(other, at).novel_variant
        case.learn(one, at)
    assert not case.score(other, 140.0).novel_variant
    case.learn(one, 150.0)  # the first event of it since it is usual
    assert case.score(other, 160.0).novel_variant


def test_the_same_message_of_another_service_is_another_template() -> None:
    assert Case("cinder-volume").score(event("Deleting stale volume"), reference=STREAM).new_template


def words_of(message: str) -> Words:
    return WordRarity(KNOWN).words(facts(event(message)).template)


@pytest.mark.parametrize(
    ("message", "reference", "surprisal"),
    # 125 messages: a word of n of them has log(126 / (n + 0.5)), an unseen one log(126 / 0.5)
    [
        ("Instance spawned successfully", NONE, log(126 / 120.5)),
        ("Deleting instance", NONE, (log(126 / 3.5) + log(126 / 120.5)) / 2),
        ("Deleting stale instance", NONE, log(126 / 3.5)),
        ("Deleting frobnicator", BASELINE, (log(126 / 0.5) + log(126 / 3.5)) / 2),
        ("Deleting frobnicator", STREAM, (log(2 * 12) + log(126 / 3.5)) / 2),
        ("Deleting frobnicator", NONE, log(126 / 3.5) / 2),
        ("frobnicator", BASELINE, log(126 / 0.5)),
        ("12 34", BASELINE, 0.0),
    ],
)
def test_a_message_is_as_rare_as_its_two_rarest_words(message: str, reference: Reference, surprisal: float) -> None:
    rarity = WordRarity(KNOWN)
    rarity.events = 10
    assert rarity.score(words_of(message), reference) == about(surprisal)


def test_a_word_that_this_stream_repeats_is_less_rare_each_time() -> None:
    rarity, words = WordRarity(KNOWN), words_of("frobnicator")
    for count in range(1, 4):
        rarity.events += 10
        rarity.learn(words.unknown)
        expected = log((10 * count + 2) / (count + 0.5))
        assert rarity.score(words, BASELINE) == about(expected)


def test_each_event_of_the_stream_makes_an_unseen_word_rarer() -> None:
    case, odd = Case(), event("frobnicator")
    for count in range(3):
        assert case.score(odd, reference=STREAM).word_surprisal == about(log(2 * (count + 2)))
        case.learn(event("Instance spawned successfully"), 0.0)


def test_without_a_reference_a_benign_template_is_usual_from_its_second_event_on() -> None:
    batch = batch_of(spread([event("one"), event("one"), event("two failed", level="ERROR")] * 2))
    assert [bool(judged) for judged in batch.column("judged")] == [False, True, False, True, True, False]


def test_words_are_told_apart_by_whether_the_baseline_has_them() -> None:
    found = words_of("Deleting stale instance frobnicator")
    assert found.known == (about(log(126 / 3.5)),) * 2
    assert len(found.unknown) == 1


def test_the_surprisal_of_words_has_a_limit() -> None:
    rarity = WordRarity(UNKNOWN)
    rarity.events = 10**9
    assert rarity.score(Words((), (1, 2)), STREAM) == 16.0


def test_words_count_in_the_features_of_known_and_unknown_templates() -> None:
    events = [*USUAL, event("Deleting stale frobnicator", 100.0)]
    rows = batch_of([*spread(USUAL), *events[-1:]], KNOWN)
    found = [rows.record(Novelty, row).word_surprisal for row in (0, 60, len(events) - 1)]
    assert found == about([log(126 / 120.5), log(126 / 3.5), (log(252) + log(126 / 3.5)) / 2])


PLAIN = Novelty(1.0, 2.0, 0.1, False, 5, nan, False, True, False, True)


@pytest.mark.parametrize(
    ("change", "service", "text", "value"),
    [
        ({}, "nova-compute", None, None),
        ({"new_template": True}, "nova-compute", "first time this template is seen in nova-compute", None),
        ({"new_template": True, "rarity": 1.0}, "", "first time this template is seen in this log", None),
        (
            {"new_template": True, "novelty_age_s": 75.0},
            "nova-compute",
            "new in nova-compute: this template was first seen 75 s ago",
            75.0,
        ),
        (
            {"new_template": True, "novelty_age_s": 0.0},
            "",
            "new in this log: this template was first seen 0 s ago",
            0.0,
        ),
        ({"rarity": 0.8}, "nova-api", "rare in nova-api: in 20 % of healthy runs", 0.2),
        ({"rarity": 0.99, "word_surprisal": 9.0}, "", "rare in this log: in 1 % of healthy runs", 0.01),
        ({"rarity": 0.945}, "nova-api", "rare in nova-api: in 5.5 % of healthy runs", 0.055),
        ({"rarity": 0.79}, "nova-api", None, None),
        ({"word_surprisal": 7.0}, "nova-api", "words that are rare in nova-api", None),
        ({"word_surprisal": 6.9}, "nova-api", None, None),
    ],
)
def test_novelty_is_worded(change: dict[str, Any], service: str, text: str | None, value: float | None) -> None:
    found = novelty_reason(PLAIN._replace(**change), service)
    assert (found and found.text) == text
    assert (found and found.value) == (value if value is None else about(value))
    assert found is None or found.usual is None
