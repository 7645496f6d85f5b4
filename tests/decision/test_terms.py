"""The terms: what each detector makes of the evidence of one event."""

from __future__ import annotations

from math import log, log1p, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import schema
from core.decision.terms import TERMS, Term, terms_of
from core.events import Channel, Reference
from core.features.service import OWN_SHARE
from tests.helpers.evidence import named, rows_of
from tests.helpers.stream import about

DEBUG, INFO, AUDIT, WARNING, ERROR, CRITICAL = (
    float(schema.CATEGORICAL["level"].index(name))
    for name in ("DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL")
)


def terms(logit: float = 0.0, **change: float) -> dict[str, list[float]]:
    """The terms of one event, without those of a logit of 0."""
    found = named(terms_of(rows_of(change), np.array([logit]))[0])
    if logit == 0.0:
        assert found.pop("network") == [3.0, 3.0, 0.0, 0.0, 0.0]
    return found


FAILED = {"severe": 1.0, "level": ERROR, "reports_failure": 1.0}
NEW = {"new_template": 1.0, "familiarity": 1.0}
UNJUDGED = {"familiarity": 0.0}
SUSPECT = {"failure_words": 1.0, "level": 0.0}
NONE, STREAM, BASELINE = ({"reference": float(reference)} for reference in Reference)
PARTIAL = {**BASELINE, "fit_share": OWN_SHARE - 0.01}
REFUSED = {"http_status": 404.0, "level": INFO}


def flags(**change: float) -> set[str]:
    """Names of the flags that are up, and of the ramps that have begun."""
    return set(terms(**change))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"level": INFO}, set()),
        ({**UNJUDGED, "level": INFO}, set()),
        (FAILED, {"severe:known"}),
        ({**FAILED, **NEW}, {"severe:unseen"}),
        ({**FAILED, **UNJUDGED}, {"severe:unjudged"}),
        ({**FAILED, **UNJUDGED, "new_template": 1.0}, {"severe:unjudged", "severe:unseen"}),
        ({**FAILED, "level": CRITICAL}, {"severe:known", "severe:critical"}),
        ({**FAILED, "failure_words": 1.0}, {"severe:known", "severe:keyword"}),
        ({**FAILED, "http_status": 500.0}, {"severe:known", "status:5xx"}),
        ({**FAILED, "http_status": 499.0}, {"severe:known"}),
        ({**FAILED, "chronic": 1.0}, {"chronic"}),
        ({**FAILED, "chronic": 1.0, "level": CRITICAL, "failure_words": 1.0, "http_status": 503.0}, {"chronic"}),
        ({"chronic": 1.0}, set()),
        ({"failure_words": 1.0, "level": INFO}, set()),
        ({**SUSPECT}, set()),
        ({**SUSPECT, **UNJUDGED}, {"severe:suspect"}),
        ({**SUSPECT, **UNJUDGED, "level": INFO}, set()),
        ({**SUSPECT, **NEW}, {"severe:suspect", "new_template:no_level"}),
        ({**SUSPECT, **NEW, "level": WARNING, "warning": 1.0}, {"severe:suspect", "new_template:warning"}),
        ({**SUSPECT, **NEW, "http_status": 404.0}, {"severe:suspect", "status:404"}),
        (
            {**SUSPECT, **NEW, "http_status": 503.0, "reports_failure": 1.0},
            {"severe:unseen", "severe:keyword", "status:5xx"},
        ),
        ({"level": CRITICAL}, set()),
        ({"request_in_trouble": 1.0}, {"request_in_trouble"}),
        ({**REFUSED, "request_in_trouble": 1.0}, set()),
        (REFUSED, set()),
        ({**REFUSED, **NEW}, {"status:404"}),
        ({**REFUSED, **NEW, "http_status": 401.0}, {"status:denied"}),
        ({**REFUSED, **NEW, "http_status": 403.0}, {"status:denied"}),
        ({**REFUSED, **NEW, "http_status": 402.0}, {"status:rejected"}),
        ({**REFUSED, **NEW, "http_status": 400.0}, {"status:rejected"}),
        ({**REFUSED, **NEW, "http_status": 499.0}, {"status:rejected"}),
        ({**REFUSED, **NEW, "http_status": 399.0}, {"new_template:info"}),
        ({**REFUSED, **NEW, "request_in_trouble": 1.0}, {"status:404", "status:in_trouble"}),
        ({**NEW, "level": DEBUG}, {"new_template:debug"}),
        ({**NEW, "level": 1.0}, {"new_template:debug"}),
        ({**NEW, "level": INFO}, {"new_template:info"}),
        ({**NEW, "level": AUDIT}, {"new_template:info"}),
        ({**NEW, "level": WARNING, "warning": 1.0}, {"new_template:warning"}),
        ({**NEW, "level": 0.0}, {"new_template:no_level"}),
        ({**NEW, "level": INFO, "failure_words": 1.0}, {"new_template:info"}),
        ({**NEW, "level": INFO, "novel_variant": 1.0}, {"new_template:info", "near_duplicate"}),
        ({"level": INFO, "novel_variant": 1.0}, set()),
        ({"new_transition": 1.0}, {"new_transition"}),
    ],
)
def test_a_flag_is_up_where_its_evidence_is(change: dict[str, float], expected: set[str]) -> None:
    found = terms(**change)
    assert set(found) == expected
    assert all(parts == [1.0] for parts in found.values())


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        ("severe:surprisal", {**FAILED, "template_surprisal": 7.0}, [3.0, 3.0, 1.0, 0.0]),
        ("severe:surprisal", {**FAILED, "template_surprisal": 16.0}, [3.0, 3.0, 3.0, 7.0]),
        ("severe:surprisal", {**FAILED, **NEW, "template_surprisal": 7.0}, None),
        ("severe:surprisal", {**FAILED, **UNJUDGED, "template_surprisal": 7.0}, None),
        ("severe:surprisal", {**FAILED, "chronic": 1.0, "template_surprisal": 7.0}, None),
        ("failures", {**FAILED, "recent_failures": 1.0}, None),
        ("failures", {**FAILED, "recent_failures": 2.0}, [log(2.0), 0.0, 0.0]),
        ("failures", {**FAILED, "recent_failures": 20.0}, [1.0, 1.0, log(20.0) - 2.0]),
        ("status:surprisal", {**REFUSED, **BASELINE, "status_surprisal": 6.0}, [3.0, 1.0]),
        ("status:surprisal", {**REFUSED, **BASELINE, "fit_share": OWN_SHARE, "status_surprisal": 6.0}, [3.0, 1.0]),
        ("status:surprisal", {**REFUSED, **PARTIAL, "status_surprisal": 6.0}, None),
        ("status:surprisal", {**REFUSED, **STREAM, "status_surprisal": 6.0}, None),
        ("status:surprisal", {**REFUSED, **NONE, "status_surprisal": 6.0}, None),
        ("status:surprisal", {**REFUSED, **BASELINE, "own_status_surprisal": 6.0}, None),
        ("status:surprisal", {**BASELINE, "http_status": 200.0, "status_surprisal": 6.0}, None),
        ("status:surprisal", {**BASELINE, "http_status": 500.0, "status_surprisal": 6.0}, None),
        ("status:own_surprisal", {**REFUSED, "own_status_surprisal": 6.0}, [3.0, 1.0]),
        ("status:own_surprisal", {**REFUSED, **BASELINE, "own_status_surprisal": 4.0}, [2.0, 0.0]),
        ("status:own_surprisal", {**REFUSED, "own_status_surprisal": 2.0}, None),
        ("status:own_surprisal", {**REFUSED, **BASELINE, "status_surprisal": 6.0}, None),
        ("status:own_surprisal", {"http_status": 200.0, "own_status_surprisal": 6.0}, None),
        ("status:own_surprisal", {"http_status": 500.0, "own_status_surprisal": 6.0}, None),
        ("new_template:chance", {**NEW, "level": INFO, "template_surprisal": 6.0}, [3.0, 1.0]),
        ("new_template:chance", {**NEW, **FAILED, "template_surprisal": 6.0}, None),
        ("new_template:chance", {**NEW, **REFUSED, "template_surprisal": 6.0}, None),
        ("new_template:chance", {"template_surprisal": 3.5}, None),
        ("new_template:age", {**NEW, "novelty_age_s": 60.0}, [log1p(1.0), 0.0]),
        ("new_template:age", {**NEW, "novelty_age_s": 36_000.0}, [3.0, log1p(600.0) - 3.0]),
        ("new_template:age", {**NEW, "novelty_age_s": nan}, None),
        ("new_template:age", {"novelty_age_s": 60.0}, None),
        ("new_template:words", {"word_surprisal": 8.0}, [4.0, 1.0, 0.0]),
        ("new_template:words", {"word_surprisal": 16.0}, [4.0, 3.0, 6.0]),
        ("new_template:words", {**FAILED, "word_surprisal": 8.0}, None),
        ("new_template:words", {**REFUSED, "word_surprisal": 8.0}, None),
        ("new_template:rarity", {"rarity": 1.0}, [0.2]),
        ("new_template:rarity", {"rarity": 0.79}, None),
        ("new_template:rarity", {**NEW, "rarity": 1.0}, None),
        ("new_template:rarity", {**FAILED, "rarity": 1.0}, None),
        ("new_template:rarity", {**UNJUDGED, "rarity": 1.0}, None),
        ("new_template:rare", {"template_surprisal": 9.0}, [4.0, 1.0]),
        ("new_template:rare", {**FAILED, "template_surprisal": 9.0}, None),
        ("new_template:rare", {**UNJUDGED, "template_surprisal": 9.0}, None),
        ("new_transition:surprisal", {"transition_surprisal": 10.0}, [3.0, 4.0]),
        ("burst", {"burst": 0.5}, [0.5, 0.0]),
        ("burst", {"burst": 3.0}, [1.0, 2.0]),
        ("recent:rate", {"rate_ratio": 2.0}, [1.0, 0.0]),
        ("recent:rate", {"rate_ratio": 4.0}, [1.5, 1.5]),
        ("recent:rate", {"rate_ratio": -4.0}, None),
        ("overdue_requests", {**BASELINE, "timed_out": 2.0}, [log1p(2.0)]),
        ("overdue_requests", {**PARTIAL, "timed_out": 2.0}, [log1p(2.0)]),
        ("overdue_requests", {**STREAM, "timed_out": 2.0}, None),
        ("overdue_requests", {**NONE, "timed_out": 2.0}, None),
        ("overdue_requests:repeated", {**BASELINE, "repeated": 9.0}, [1.5, log1p(9.0) - 1.5]),
        ("overdue_requests:repeated", {**STREAM, "repeated": 9.0}, None),
    ],
)  # fmt: skip
def test_a_quantity_enters_as_ramps_between_its_knots(
    name: str, change: dict[str, float], expected: list[float] | None
) -> None:
    found = terms(**change).get(name)
    assert found == (expected and about(expected, abs=1e-6))


@pytest.mark.parametrize(
    ("logit", "ramps"),
    [(-7.0, None), (-4.0, [2.0, 0, 0, 0, 0]), (1.0, [3.0, 3.0, 1.0, 0, 0]), (20.0, [3.0, 3.0, 3.0, 3.0, 14.0])],
)
def test_the_logit_of_the_network_enters_as_it_is_and_as_ramps(logit: float, ramps: list[float] | None) -> None:
    found = terms(logit)
    assert (found.get("network:linear"), found.get("network")) == ([logit], ramps)


ROW = st.fixed_dictionaries(
    {},
    optional={
        **{each.name: st.floats(each.low, each.high) for each in (*schema.NUMERICAL, *schema.AGGREGATES)},
        **{each.name: st.sampled_from([0.0, 1.0]) for each in schema.BINARY},
        "level": st.integers(0, 7).map(float),
        "familiarity": st.integers(0, 5).map(float),
        "http_status": st.sampled_from([0.0, 200.0, 401.0, 404.0, 409.0, 503.0]),
        **dict.fromkeys(("reports_failure", "chronic", "novel_variant"), st.sampled_from([0.0, 1.0])),
        "novelty_age_s": st.one_of(st.just(nan), st.floats(0.0, 1e6)),
        "own_status_surprisal": st.floats(0.0, 16.0),
        "reference": st.sampled_from([0.0, 1.0, 2.0]),
        "fit_share": st.floats(0.0, 1.0),
        **dict.fromkeys(("timed_out", "repeated", "recent_failures"), st.integers(0, 500).map(float)),
    },
)


@given(changes=st.lists(ROW, min_size=1, max_size=6), logit=st.floats(-30.0, 30.0))
def test_no_term_but_the_linear_one_is_ever_below_0_and_each_is_a_number(
    changes: list[dict[str, float]], logit: float
) -> None:
    found = terms_of(rows_of(*changes), np.full(len(changes), logit))
    assert found.shape == (len(changes), len(TERMS))
    assert np.isfinite(found).all()
    assert (found[:, 1:] >= 0.0).all()
    assert (found[:, 0] == logit).all()


@given(changes=st.lists(ROW, min_size=2, max_size=6), cut=st.integers(1, 5))
def test_the_terms_of_an_event_are_its_own(changes: list[dict[str, float]], cut: int) -> None:
    logits = np.linspace(-5.0, 5.0, len(changes))
    whole = terms_of(rows_of(*changes), logits)
    parts = [terms_of(rows_of(*changes[:cut]), logits[:cut])]
    if changes[cut:]:
        parts.append(terms_of(rows_of(*changes[cut:]), logits[cut:]))
    np.testing.assert_array_equal(np.concatenate(parts), whole)


@given(low=st.floats(-40.0, 40.0), more=st.floats(0.0, 40.0))
def test_a_higher_logit_lowers_no_term_and_has_no_upper_end(low: float, more: float) -> None:
    one, other = terms_of(rows_of({}, {}), np.array([low, low + more]))
    assert (other >= one).all()
    last = [place for place, term in enumerate(TERMS) if term.name == "network"][-1]
    assert other[last] == about(max(low + more - 6.0, 0.0))


def test_what_lowers_is_what_is_usual_here_or_no_longer_news() -> None:
    assert {term.name for term in TERMS if term.lowers} == {"chronic", "near_duplicate", "new_template:age"}


def test_a_term_is_worded_by_the_reason_before_its_colon() -> None:
    assert Term(Channel.FAILURE, "severe:unseen").reason == "severe"
    assert Term(Channel.BURST, "burst").reason == "burst"
    assert not Term(Channel.BURST, "burst").lowers
    assert {term.channel for term in TERMS} == set(Channel) - {Channel.SLOW}
