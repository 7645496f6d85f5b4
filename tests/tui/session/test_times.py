"""Times and durations as they are typed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from core.errors import UsageError
from tui.session.times import parse_duration, parse_time

NOON = datetime(2017, 5, 16, 12, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("11:30", NOON - 1_800),
        ("9:05:10", NOON - 3 * 3_600 + 310),
        ("12:30", NOON + 1_800 - 86_400),
        ("2017-05-16 05:21:45", NOON - 12 * 3_600 + 19_305),
        ("2017-05-16T07:21:45+02:00", NOON - 12 * 3_600 + 19_305),
        ("-15m", NOON - 900),
        ("- 2 h", NOON - 7_200),
        ("+30s", NOON - 570),
    ],
)
def test_times_are_parsed(text: str, seconds: float) -> None:
    assert parse_time(text, NOON - 600, NOON) == seconds


@pytest.mark.parametrize("text", ["", "soon", "25:00", "2017", "-15 parsecs"])
def test_an_invalid_time_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="invalid time"):
        parse_time(text, 0.0, 0.0)


def test_a_duration_needs_its_unit() -> None:
    assert parse_duration(" 7d ") == 604_800
    with pytest.raises(UsageError, match="7d, 12h or 30m"):
        parse_duration("7")
