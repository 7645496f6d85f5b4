"""Local time to instants: which offset a stamp without a zone has."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import UsageError

_STEP: Final = 900
"""Every offset in use since 1972 is a multiple of a quarter of an hour."""
_MOST: Final = 14 * 3600
"""The largest offset in use."""
_EPOCH: Final = datetime(1970, 1, 1)
_CACHED: Final = 4_096
_OFFSET: Final = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)?")


def read_zone(name: str) -> tzinfo:
    """Find a zone by its name in the tz database, `UTC`, or an offset such as `+02:00`. Raises UsageError."""
    if name.upper() in {"UTC", "GMT", "Z"}:
        return UTC
    offset = _OFFSET.fullmatch(name.upper())
    if offset is not None:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        if minutes <= _MOST // 60:
            return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"unknown time zone {name!r}: a name such as Europe/Berlin, UTC, or an offset +02:00"
        ) from None


def host_zone() -> tzinfo:
    """Return the zone of this host: what TZ names, else what the system is set to, else UTC."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if name:
        try:
            return read_zone(name)
        except UsageError:
            return UTC
    localtime = Path("/etc/localtime")
    try:
        with localtime.open("rb") as file:
            return ZoneInfo.from_file(file, key=_key_of(localtime))
    except (OSError, ValueError):
        return UTC


def _key_of(localtime: Path) -> str:
    return str(localtime.resolve()).partition("zoneinfo/")[2] or "localtime"


class LocalTime:
    """Gives the offset of the stamps of one source that name no zone.

    In the hour that comes twice when summer time ends (half an hour on Lord Howe Island), a stamp is of the first pass
    until the stamps have gone back by half of it.
    """

    __slots__ = ("_latest", "_offsets", "_second_pass", "_zone")

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = host_zone() if zone is None else zone
        self._offsets: dict[int, tuple[int, int]] = {}
        self._latest = float("-inf")
        self._second_pass = False

    def offset(self, naive: float) -> tuple[int, bool]:
        """Give seconds east of UTC at a local time in seconds since 1970, and whether that hour comes once only."""
        bucket = int(naive // _STEP)
        found = self._offsets.get(bucket)
        if found is None:
            if len(self._offsets) >= _CACHED:
                self._offsets.clear()
            found = self._offsets[bucket] = _offsets_at(self._zone, bucket * _STEP)
        first, second = found
        if first <= second:
            return first, True
        if naive > self._latest + 2 * _MOST or naive < self._latest - 2 * _MOST:
            self._second_pass = False
        elif naive <= self._latest - (first - second) / 2:
            self._second_pass = True
        self._latest = naive
        return (second if self._second_pass else first), False


@lru_cache(maxsize=_CACHED)
def _offsets_at(zone: tzinfo, naive: int) -> tuple[int, int]:
    """Offsets of both passes of a local time; alike but in the hours around a change."""
    try:
        moment = _EPOCH + timedelta(seconds=naive)
        first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    except OverflowError:
        return 0, 0
    east = 0 if first is None else round(first.total_seconds())
    return east, east if second is None else round(second.total_seconds())


def nearest_offset(naive: float, instant: float) -> int:
    """Give the offset that brings a local time nearest to an instant, both in seconds since 1970.

    A stamp inside a record that another program stamped with a zone was written within minutes of that.
    """
    return min(max(round((naive - instant) / _STEP) * _STEP, -_MOST), _MOST)
