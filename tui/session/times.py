"""Times as an operator types them: `05:21`, `2017-05-16 05:21:45`, `-15m`, `+30s`."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Final

from core.errors import UsageError

_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d)", re.IGNORECASE)
_RELATIVE: Final = re.compile(r"([+-])\s*(\d+(?:\.\d+)?)\s*(s|m|min|h|d)?", re.IGNORECASE)
_UNIT_SECONDS: Final = {"s": 1, "m": 60, "min": 60, "h": 3_600, "d": 86_400}


def parse_time(text: str, here: float, newest: float) -> float:
    """Parse a time into seconds since 1970; without a zone it is this host's time.

    `-15m` counts back from the newest event and `+15m` forward from `here`; a time without a date is the last such
    time up to the newest event. Raises UsageError for an invalid time.
    """
    text = text.strip()
    if relative := _RELATIVE.fullmatch(text):
        seconds = float(relative[2]) * _UNIT_SECONDS[(relative[3] or "m").lower()]
        return newest - seconds if relative[1] == "-" else here + seconds
    try:
        return _time_of_day(time.fromisoformat(_two_digits(text)), newest)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"invalid time {text!r}: type 05:21, 2017-05-16 05:21:45, -15m or +30s") from None
    return moment.timestamp()


def parse_duration(text: str) -> float:
    """Parse a duration such as `7d`, `12h` or `30m` into seconds. Raises UsageError for an invalid one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"invalid duration {text!r}: type 7d, 12h or 30m")
    return float(match[1]) * _UNIT_SECONDS[match[2].lower()]


def _two_digits(text: str) -> str:
    # ISO 8601 wants `05:21`; four digits are a year here and not a time.
    if ":" not in text:
        raise ValueError
    return f"0{text}" if text[1:2] == ":" else text


def _time_of_day(clock: time, newest: float) -> float:
    day = datetime.fromtimestamp(newest).date()
    moment = datetime.combine(day, clock)
    if moment.timestamp() > newest:
        moment -= timedelta(days=1)
    return moment.timestamp()
