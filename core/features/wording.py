"""How values are written in reasons."""

from __future__ import annotations

from math import isnan
from typing import Final, NamedTuple

_STANDS_OUT: Final = 1.0
"""Deviations, or log ratio, from which a value is worded."""


class ReasonText(NamedTuple):
    """What a reason says, in the units of the log."""

    text: str
    value: float | None = None
    usual: float | None = None


def against_usual(deviation: float, value: float, usual: float, text: str) -> ReasonText | None:
    """Write a value that stands out, and what is usual, into the two places of a text; None where it does not."""
    if isnan(usual) or abs(deviation) <= _STANDS_OUT:
        return None
    return ReasonText(text.format(three_digits(value), three_digits(usual)), value, usual)


def three_digits(value: float) -> str:
    """Write three significant digits, no exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def ago(seconds: float) -> str:
    """Write an age in seconds, minutes or hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"


def requests(count: int) -> str:
    """Write a number of requests."""
    return "1 request" if count == 1 else f"{count} requests"
