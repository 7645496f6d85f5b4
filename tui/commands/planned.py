"""`--planned SERVICE=UNTIL`: services that may be silent until a time, since somebody works on them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo
from typing import Final

from core.errors import UsageError

_AHEAD: Final = re.compile(r"\+(\d{1,4})([mhd])")
_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days"}


def read_planned(texts: Iterable[str], zone: tzinfo | None = None) -> dict[str, float]:
    """Read `nova-compute=2026-03-03T12:00` or `all=+2h` to the second until which each may be silent.

    A time without a zone is in `zone` (None: the host's); `+2h` is from now, in m, h or d. Raises UsageError.
    """
    found = {}
    for text in texts:
        service, equals, until = text.partition("=")
        if not (service and equals):
            raise UsageError(f"invalid --planned '{text}' (SERVICE=UNTIL, such as nova-compute=+2h)")
        found[service] = _read_time(text, until, zone)
    return found


def _read_time(text: str, until: str, zone: tzinfo | None) -> float:
    ahead = _AHEAD.fullmatch(until)
    if ahead is not None:
        return (datetime.now().astimezone() + timedelta(**{_UNITS[ahead[2]]: int(ahead[1])})).timestamp()
    try:
        moment = datetime.fromisoformat(until)
    except ValueError:
        raise UsageError(f"invalid time in --planned '{text}' (2026-01-31T12:00, or +2h from now)") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
