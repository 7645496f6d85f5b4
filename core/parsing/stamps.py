"""Time stamps of log lines to instants.

Stamps without a zone are in local time (`zones`); inside a wrapper that names an instant they take the offset nearest
to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

from core.parsing.event import Stamp
from core.parsing.zones import LocalTime, nearest_offset

_CACHED_SECONDS: Final = 4096
_CACHED_DAYS: Final = 400
_DAY_SECONDS: Final = 86_400.0
_SIXTY: Final = {f"{second:02}": second for second in range(61)}
"""A minute may have a second 60, which is the first of the next one."""
_SECOND: Final = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d", re.ASCII)
_ISO: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(?: ?([Zz]|UTC|[+-]\d\d(?::?\d\d)?))?", re.ASCII
)
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_LATEST: Final = 253_402_300_800.0
"""The year 10000: beyond it nothing can be written as a date again."""
_UNITS: Final = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From this number on, seconds since 1970 are counted in ns, in µs, in ms: none of them is later than the year 5138."""

_SCALES: Final = tuple(10**digits for digits in range(10))
_STEADY: Final = 450.0
"""Half a quarter of an hour, in seconds: within that an offset stays the nearest one."""

_NEVER: Final = float("-inf")
_YEARS_BACK: Final = 9
"""Years among which every day of the calendar is, 29 February too."""


class _Seconds(dict[str, float]):
    """Stamps without fraction, in seconds since 1970 as if they were UTC; reads those it has not met."""

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
    if not _SECOND.match(text):
        raise ValueError(text)
    hour, minute = int(text[11:13]), int(text[14:16])
    if hour > 23 or minute > 59:
        raise ValueError(text)
    return _midnight(text[:10]) + 3600 * hour + 60 * minute


@lru_cache(maxsize=_CACHED_DAYS)
def _midnight(day: str) -> float:
    return datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()


class _Local(dict[str, tuple[float, int]]):
    """Stamps without fraction and zone -> instant and offset; not those of an hour that comes twice."""

    def __init__(self, seconds: _Seconds, time: LocalTime) -> None:
        super().__init__()
        self._seconds, self._time = seconds, time

    def __missing__(self, text: str) -> tuple[float, int]:
        naive = self._seconds[text]
        east, once = self._time.offset(naive)
        found = naive - east, east
        if once:
            if len(self) >= _CACHED_SECONDS:
                self.clear()
            self[text] = found
        return found


class Clock:
    """Reads the stamps of one source; lines of the same second share the work.

    `zone` is the local time (the host's unless given). `written` says when the source was last written, in seconds
    since 1970: a stamp that names no year is of the latest year that puts it no later than a day after that.
    """

    def __init__(self, zone: tzinfo | None = None, written: Callable[[], float] | None = None) -> None:
        self.naive: Final = _Seconds()
        """Seconds since 1970, as if it were UTC, of `2018-06-26 03:24:03` (or with a T); ValueError for no moment."""
        self._time = LocalTime(zone)
        self.local: Final = _Local(self.naive, self._time)
        """Instant and seconds east of UTC of the same, in local time."""
        self._written = written or _now
        self._near = 0
        self._newest = _NEVER
        self._day: tuple[str, str] | None = None
        self._date = ""

    def stamp(self, second: str, fraction: str | None, zone: str | None, within: float | None = None) -> Stamp:
        """Read a stamp in its three parts; without a zone it is local, or nearest to the instant `within`.

        Returns:
            Seconds since 1970, and seconds east of UTC.

        Raises:
            ValueError: there is no such moment.
        """
        part = int(fraction) / _SCALES[len(fraction)] if fraction else 0.0
        if zone:
            east = zone_offset(zone)
            return self.naive[second] + part - east, east
        if within is not None:
            naive = self.naive[second] + part
            east = self._near
            if not -_STEADY < naive - east - within < _STEADY:
                east = self._near = nearest_offset(naive, within)
            return naive - east, east
        instant, east = self.local[second]
        return instant + part, east

    def iso(self, text: str, within: float | None = None) -> Stamp:
        """Read a whole ISO 8601 stamp, e.g. a field of a JSON line; gives what `stamp` gives.

        Raises:
            ValueError: it is not one.
        """
        parts = _ISO.fullmatch(text)
        if parts is not None:
            return self.stamp(parts[1], parts[2], parts[3], within)
        moment = datetime.fromisoformat(text.replace(",", "."))
        offset = moment.utcoffset()
        zone = None if offset is None else _zone_text(round(offset.total_seconds()))
        return self.stamp(f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment.microsecond:06}", zone, within)

    def number(self, value: float) -> Stamp:
        """Read seconds, ms, µs or ns since 1970; gives what `stamp` gives. Raises ValueError for no moment."""
        seconds = value / next((unit for least, unit in _UNITS if value >= least), 1.0)
        if not 0 <= seconds < _LATEST:
            raise ValueError(value)
        return seconds, 0

    def named_month(
        self, year: str, month: str, day: str, time: str, fraction: str | None, zone: str | None, within: float | None
    ) -> Stamp:
        """Read `2026`, `Nov`, `23`, `17:38:23`; gives what `stamp` gives. Raises ValueError for no moment."""
        return self.stamp(f"{year}-{_month(month):02}-{int(day):02} {time}", fraction, zone, within)

    def yearless(
        self, month: str, day: str, time: str, fraction: str | None, zone: str | None, within: float | None
    ) -> Stamp:
        """Read `Jun`, `26`, `03:24:03`, of the latest year that there is; gives what `stamp` gives.

        Raises:
            ValueError: there is no such moment in any year.
        """
        if within is not None:
            date = self._latest_date(month, day, time, within + _DAY_SECONDS / 2)
            return self.stamp(f"{date} {time}", fraction, zone, within)
        if (month, day) != self._day:
            self._date, self._day = self._next_date(month, day, time), (month, day)
        instant, east = self.local[f"{self._date} {time}"]
        if instant > self._newest:  # noqa: PLR1730 - one line in a second moves it on
            self._newest = instant
        if fraction or zone:
            return self.stamp(f"{self._date} {time}", fraction, zone)
        return instant, east

    def _next_date(self, month: str, day: str, time: str) -> str:
        """Say which day is meant by one that names no year, after those that came before."""
        if self._newest == _NEVER:
            self._newest = self._written()
        date = self._latest_date(month, day, time, self._newest + _DAY_SECONDS)
        if self.naive[f"{date} {time}"] < self._newest - 2 * _DAY_SECONDS:
            # Perhaps a year has ended since the source was looked at.
            self._newest = max(self._newest, self._written())
            date = self._latest_date(month, day, time, self._newest + _DAY_SECONDS)
        return date

    def _latest_date(self, month: str, day: str, time: str, until: float) -> str:
        tail = f"{_month(month) if not month.isdigit() else int(month):02}-{int(day):02}"
        newest = datetime.fromtimestamp(min(max(until, 0.0), _LATEST - _DAY_SECONDS), UTC).year + 1
        for year in range(newest, newest - _YEARS_BACK, -1):
            try:
                moment = self.naive[f"{year:04}-{tail} {time}"]
            except ValueError:
                continue
            if moment <= until:
                return f"{year:04}-{tail}"
        raise ValueError(f"{month} {day} {time}")


def _now() -> float:
    return datetime.now(UTC).timestamp()


def _month(name: str) -> int:
    number = _MONTHS.get(name[:3].title())
    if number is None:
        raise ValueError(name)
    return number


def _zone_text(east: int) -> str:
    minutes = abs(timedelta(seconds=east)) // timedelta(minutes=1)
    return f"{'-' if east < 0 else '+'}{minutes // 60:02}{minutes % 60:02}"


@lru_cache(maxsize=256)
def zone_offset(zone: str) -> int:
    """Give the seconds east of UTC of `Z`, `UTC`, `+02`, `+0200` or `+02:00`."""
    if zone[0] not in "+-":
        return 0
    digits = zone[1:].replace(":", "")
    offset = int(digits[:2]) * 3600 + int(digits[2:] or 0) * 60
    return -offset if zone[0] == "-" else offset
