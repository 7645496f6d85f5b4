"""Time stamps of log lines, in seconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

_CACHED_SECONDS: Final = 4096
_CACHED_DAYS: Final = 400
_SIXTY: Final = {f"{second:02}": second for second in range(60)}
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d", re.ASCII)
_USUAL: Final = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}


class _Seconds(dict[str, float]):
    """Stamps without fraction, as if they were UTC; reads those it has not met."""

    def __init__(self) -> None:
        super().__init__()
        self._minutes: dict[str, float] = {}

    def __missing__(self, text: str) -> float:
        second = _SIXTY.get(text[17:])
        if second is None:
            raise ValueError(text)
        minute = self._minutes.get(text[:17])
        if minute is None:
            minute = _minute(text)
            if len(self._minutes) >= _CACHED_SECONDS:
                self._minutes.clear()
            self._minutes[text[:17]] = minute
        if len(self) >= _CACHED_SECONDS:
            self.clear()
        self[text] = value = minute + second
        return value


def _minute(text: str) -> float:
    """Seconds since 1970 at which the minute of a stamp begins; raises ValueError where there is no such moment."""
    if not _SECOND.fullmatch(text):
        raise ValueError(text)
    hour, minute = int(text[11:13]), int(text[14:16])
    if hour > 23 or minute > 59:
        raise ValueError(text)
    return _midnight(text[:10]) + 3600 * hour + 60 * minute


@lru_cache(maxsize=_CACHED_DAYS)
def _midnight(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


class Clock:
    """Reads stamps; lines of the same second share the work."""

    def __init__(self, today: date | None = None) -> None:
        self.seconds: Final = _Seconds()
        """Seconds since 1970 of `2018-06-26 03:24:03` (or with a T); ValueError where there is no such moment."""
        self._today = today

    def stamp(self, second: str, fraction: str | None, zone: str | None) -> tuple[float, int | None]:
        """Read a stamp in its three parts.

        Returns:
            Seconds since 1970, and seconds east of UTC (None where no zone is named).

        Raises:
            ValueError: there is no such moment.
        """
        value = self.seconds[second]
        if fraction:
            value += int(fraction) / 10 ** len(fraction)
        if zone is None:
            return value, None
        offset = zone_offset(zone)
        return value - offset, offset

    def iso(self, text: str) -> tuple[float, int | None]:
        """Read a whole ISO 8601 stamp, e.g. a field of a JSON line; gives what `stamp` gives.

        Raises:
            ValueError: it is not one.
        """
        usual = _USUAL.fullmatch(text)
        if usual is not None:
            return self.stamp(usual[1], usual[2], usual[3])
        moment = datetime.fromisoformat(text.replace(",", "."))
        offset = moment.utcoffset()
        value = self.seconds[f"{moment:%Y-%m-%d %H:%M:%S}"] + moment.microsecond / 1e6
        if offset is None:
            return value, None
        east = int(offset.total_seconds())
        return value - east, east

    def named_month(self, day: str, month: str, year: str, time: str, zone: str | None) -> tuple[float, int | None]:
        """Read `23`, `Nov`, `2026`, `17:38:23`, `+0100`; gives what `stamp` gives.

        Raises:
            ValueError: there is no such moment.
        """
        number = _MONTHS.get(month)
        if number is None:
            raise ValueError(month)
        return self.stamp(f"{year}-{number:02}-{int(day):02} {time}", None, zone)

    def yearless(self, month: str, day: str, time: str, fraction: str | None) -> float:
        """Read `Jun`, `26`, `03:24:03`: the year is the last one in which that is not after tomorrow.

        Raises:
            ValueError: there is no such moment.
        """
        tomorrow = (self._today or datetime.now(UTC).date()) + timedelta(days=1)
        number = _MONTHS.get(month)
        if number is None:
            raise ValueError(month)
        year = tomorrow.year - ((number, int(day)) > (tomorrow.month, tomorrow.day))
        return self.stamp(f"{year:04}-{number:02}-{int(day):02} {time}", fraction, None)[0]


@lru_cache(maxsize=256)
def zone_offset(zone: str) -> int:
    """Give the seconds east of UTC of `Z`, `+0200` or `+02:00`."""
    if zone == "Z":
        return 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 3600 + int(digits[2:]) * 60
    return -offset if zone[0] == "-" else offset
