"""Time stamps of log lines, in seconds since 1970."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

_CACHED_SECONDS: Final = 4096
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


class Clock:
    """Reads stamps; lines of the same second share the work."""

    def __init__(self, today: date | None = None) -> None:
        self._seconds: dict[str, float] = {}
        self._today = today

    def seconds(self, text: str) -> float:
        """Read `2018-06-26 03:24:03`, with a space or a T, as if it were UTC.

        Raises:
            ValueError: there is no such moment.
        """
        known = self._seconds.get(text)
        if known is not None:
            return known
        if len(self._seconds) >= _CACHED_SECONDS:
            self._seconds.clear()
        value = datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
        self._seconds[text] = value
        return value

    def stamp(self, text: str, fraction: str | None, zone: str | None) -> tuple[float, int | None]:
        """Read a stamp in its three parts: (seconds since 1970, seconds east of UTC or None where no zone is named)."""
        value = self.seconds(text)
        if fraction:
            value += int(fraction) / 10 ** len(fraction)
        if zone is None:
            return value, None
        offset = zone_offset(zone)
        return value - offset, offset

    def yearless(self, month: str, day: str, clock: str, fraction: str | None) -> float:
        """Read `Jun 26 03:24:03`: the year is the one that puts it last before tomorrow.

        Raises:
            ValueError: there is no such moment.
        """
        today = self._today or datetime.now(UTC).date()
        number = _MONTHS.get(month)
        if number is None:
            raise ValueError(month)
        year = today.year
        if (number, int(day)) > ((tomorrow := today + timedelta(days=1)).month, tomorrow.day) and tomorrow.year == year:
            year -= 1
        return self.stamp(f"{year:04}-{number:02}-{int(day):02} {clock}", fraction, None)[0]


def zone_offset(zone: str) -> int:
    """Seconds east of UTC of `Z`, `+0200` or `+02:00`."""
    if zone in {"Z", "z"}:
        return 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 3600 + int(digits[2:4] or "0") * 60
    return -offset if zone[0] == "-" else offset


def iso(clock: Clock, text: str) -> tuple[float, int | None]:
    """Read a whole ISO 8601 stamp, e.g. a field of a JSON line.

    Raises:
        ValueError: it is not one.
    """
    moment = datetime.fromisoformat(text.replace(",", "."))
    offset = moment.utcoffset()
    value = clock.seconds(moment.replace(tzinfo=None, microsecond=0).isoformat(sep=" ")) + moment.microsecond / 1e6
    if offset is None:
        return value, None
    east = int(offset.total_seconds())
    return value - east, east
