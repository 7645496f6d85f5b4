"""How numbers and ages are written in reasons."""

from __future__ import annotations

from math import nan

import pytest

from core.features.wording import ReasonText, against_usual, ago, requests, three_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (0.12345, "0.123"),
        (1.0, "1"),
        (19.84, "19.8"),
        (99.94, "99.9"),
        (100.0, "100"),
        (100.6, "101"),
        (-100.6, "-101"),
        (-2.345, "-2.35"),
        (1234567.8, "1,234,568"),
    ],
)
def test_a_number_has_three_digits_and_no_exponent(value: float, text: str) -> None:
    assert three_digits(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (119.4, "119 s"),
        (120.0, "2 min"),
        (7_199.0, "120 min"),
        (7_200.0, "2 h"),
        (90_000.0, "25 h"),
        (9_003_000.0, "2501 h"),
    ],
)
def test_an_age_has_the_unit_that_fits_it(seconds: float, text: str) -> None:
    assert ago(seconds) == text


@pytest.mark.parametrize(("count", "text"), [(0, "0 requests"), (1, "1 request"), (2, "2 requests")])
def test_one_request_is_singular(count: int, text: str) -> None:
    assert requests(count) == text


@pytest.mark.parametrize("deviation", [1.01, -1.01, 6.0])
def test_a_value_that_stands_out_is_written_before_what_is_usual(deviation: float) -> None:
    expected = ReasonText("took 41.8 s, usually 19.8", 41.8, 19.8)
    assert against_usual(deviation, 41.8, 19.8, "took {} s, usually {}") == expected


@pytest.mark.parametrize(("deviation", "usual"), [(1.0, 19.8), (-1.0, 19.8), (0.0, 19.8), (5.0, nan)])
def test_a_value_that_does_not_stand_out_or_has_no_usual_one_is_not_written(deviation: float, usual: float) -> None:
    assert against_usual(deviation, 41.8, usual, "took {} s, usually {}") is None
