"""The combination: weights times terms, detector by detector, and how it is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision.basis import Basis, bases_of
from core.decision.combination import OF_CHANNEL, TERM_SIGNS, Combination
from core.decision.terms import TERMS, terms_of
from core.errors import ArtifactError
from core.events import CHANNELS, Channel
from tests.helpers.evidence import rows_of, weights_of
from tests.helpers.stream import about, batch_of, event, reply, spread

random = np.random.default_rng(5)
WEIGHTS = np.abs(random.normal(size=(4, len(TERMS)))).round(3) * TERM_SIGNS
COMBINATION = Combination(WEIGHTS, np.array([-1.0, -2.0, -3.0, -4.0]))
FAILED = {"severe": 1.0, "reports_failure": 1.0, "level": 6.0, "template_surprisal": 7.0}


@pytest.mark.parametrize(
    ("reference", "fit_share", "basis"),
    [
        (0.0, 1.0, Basis.NONE),
        (1.0, 1.0, Basis.STREAM),
        (2.0, 0.0, Basis.PARTIAL),
        (2.0, 0.899, Basis.PARTIAL),
        (2.0, 0.9, Basis.BASELINE),
    ],
)
def test_each_basis_has_its_own_weights_and_bias(reference: float, fit_share: float, basis: Basis) -> None:
    batch, logits = rows_of({"reference": reference, "fit_share": fit_share, **FAILED, "burst": 2.0}), np.array([1.5])
    assert bases_of(batch).tolist() == [basis]
    found = COMBINATION.strengths(batch, logits)
    expected = terms_of(batch, logits) * WEIGHTS[basis]
    np.testing.assert_allclose(found.terms, expected)
    assert found.combined == about(expected.sum() + COMBINATION.biases[basis])
    assert found.bases.tolist() == [basis]


def test_what_a_detector_adds_is_the_sum_of_its_terms_and_all_of_them_the_whole() -> None:
    batch = rows_of({**FAILED, "burst": 2.0, "timed_out": 3.0, "rate_ratio": 2.0}, {"word_surprisal": 9.0})
    found = COMBINATION.strengths(batch, np.array([1.0, -2.0]))
    for place, channel in enumerate(CHANNELS):
        own = [term.channel is channel for term in TERMS]
        np.testing.assert_allclose(found.channels[:, place], found.terms[:, own].sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(found.channels.sum(axis=1) + COMBINATION.biases[0], found.combined)
    assert (OF_CHANNEL.sum(axis=1) == 1).all()
    assert not found.channels[:, CHANNELS.index(Channel.SLOW)].any()


@pytest.mark.parametrize(
    ("before", "lowering"),
    [
        ({"new_template": 1.0, "familiarity": 1.0, "level": 3.0}, {"novel_variant": 1.0}),
        ({"new_template": 1.0, "familiarity": 1.0, "level": 3.0}, {"novelty_age_s": 400.0}),
        (FAILED, {"chronic": 1.0}),
    ],
)
def test_what_lowers_never_raises(before: dict[str, float], lowering: dict[str, float]) -> None:
    found = COMBINATION.strengths(rows_of(before, {**before, **lowering}), np.zeros(2))
    assert found.combined[1] < found.combined[0]
    assert (found.terms[:, TERM_SIGNS < 0] <= 0).all()
    assert (found.terms[:, 1:][:, TERM_SIGNS[1:] > 0] >= 0).all()


def test_features_that_came_with_the_event_have_no_terms() -> None:
    events = [event("one"), event("two")._replace(features=(1.0,) * 37), reply(status=503)]
    batch = batch_of(spread(events))
    found = COMBINATION.strengths(batch, np.full(3, 4.0))
    assert not found.terms[1].any()
    assert not found.channels[1].any()
    assert found.combined[1] == COMBINATION.biases[found.bases[1]]
    assert found.terms[0].any()


@given(cut=st.integers(1, 39))
def test_strengths_do_not_depend_on_how_a_batch_is_split(cut: int) -> None:
    draw = np.random.default_rng(7)
    changes = [
        {
            "reference": float(draw.integers(3)),
            "fit_share": draw.uniform(0.8, 1.0),
            "burst": draw.uniform(0, 3),
            "word_surprisal": draw.uniform(0, 12),
        }
        for _ in range(40)
    ]
    logits = draw.normal(size=40)
    whole = COMBINATION.strengths(rows_of(*changes), logits)
    parts = [
        COMBINATION.strengths(rows_of(*changes[part]), logits[part]) for part in (slice(None, cut), slice(cut, None))
    ]
    np.testing.assert_array_equal(np.concatenate([part.combined for part in parts]), whole.combined)
    np.testing.assert_array_equal(np.concatenate([part.terms for part in parts]), whole.terms)
    np.testing.assert_allclose(np.concatenate([part.channels for part in parts]), whole.channels, rtol=1e-12)


def test_some_events_have_the_strengths_that_they_have_among_all() -> None:
    whole = COMBINATION.strengths(rows_of({"burst": 1.0}, {"burst": 2.0}, {"burst": 3.0}), np.zeros(3))
    some = whole.of(np.array([True, False, True]))
    assert [len(each) for each in some] == [2] * 4
    np.testing.assert_array_equal(some.combined, whole.combined[[0, 2]])
    np.testing.assert_array_equal(some.terms, whole.terms[[0, 2]])


def test_a_combination_is_kept_as_plain_numbers_and_read_back() -> None:
    plain = COMBINATION.to_plain()
    assert list(plain) == ["none", "stream", "partial", "baseline"]
    assert len(plain["none"]["weights"]) == len(TERMS)
    assert {"network/network:linear", "network/network", "network/network/2", "failure/severe:unseen"} <= set(
        plain["none"]["weights"]
    )
    again = Combination.from_plain(plain)
    np.testing.assert_array_equal(again.weights, WEIGHTS)
    np.testing.assert_array_equal(again.biases, COMBINATION.biases)


def test_weights_are_kept_to_a_millionth() -> None:
    kept = Combination(weights_of(burst=0.12345678), np.zeros(4)).to_plain()
    assert kept["stream"]["weights"]["burst/burst"] == kept["stream"]["weights"]["burst/burst/2"] == 0.123457


def changed(reference: str = "stream", **change: Any) -> dict[str, Any]:
    plain = COMBINATION.to_plain()
    return {**plain, reference: {**plain[reference], **change}}


def with_weight(name: str, value: object, reference: str = "stream") -> dict[str, Any]:
    return changed(reference, weights={**COMBINATION.to_plain()[reference]["weights"], name: value})


WRONG_SIGN = "calibration.json has a weight of the wrong sign: train"


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ({}, "calibration.json does not fit (KeyError('none')): train"),
        (changed(bias=None), "calibration.json does not fit (TypeError("),
        (changed(bias="much"), "calibration.json does not fit (ValueError("),
        (changed(weights={}), "calibration.json does not fit (KeyError('network/network:linear')): train"),
        (with_weight("burst/burst", -0.1), WRONG_SIGN),
        (with_weight("burst/burst", -0.1, "none"), WRONG_SIGN),
        (with_weight("failure/chronic", 0.1), WRONG_SIGN),
        (with_weight("burst/burst", float("nan")), WRONG_SIGN),
        (with_weight("burst/burst", float("inf")), WRONG_SIGN),
        (changed(bias=float("nan")), WRONG_SIGN),
    ],
)
def test_a_combination_that_does_not_fit_is_refused_in_one_line(plain: dict[str, Any], said: str) -> None:
    with pytest.raises(ArtifactError) as caught:
        Combination.from_plain(plain)
    assert str(caught.value).startswith(said)


def test_a_weight_of_nothing_has_either_sign() -> None:
    assert Combination.from_plain(with_weight("failure/chronic", 0.0)).weights.shape == (4, len(TERMS))
