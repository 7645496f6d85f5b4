"""The spellings of a time stamp.

A spelling is a row of `SPELLINGS`: the expression that a form's `%{name}` stands for, and what reads its groups.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from core.parsing.event import Stamp
from core.parsing.stamps import Clock

_NUMBER: Final = re.compile(r"\d{1,20}(?:\.\d{1,9})?", re.ASCII)


class Spelling(NamedTuple):
    """One way to write a stamp."""

    pattern: str
    parts: tuple[str, ...]
    """Groups that `read` takes, before those of the fraction and of the zone."""
    read: Callable[..., Stamp]
    """Takes a clock, the texts of the groups (None for one that is not there), and the instant of a wrapper.

    Raises ValueError for a moment that never was.
    """
    is_zoned: bool = False
    """Whether it names an instant by itself."""


def _read_slashed(clock: Clock, second: str, fraction: str | None, zone: str | None, within: float | None) -> Stamp:
    return clock.stamp(second.replace("/", "-"), fraction, zone, within)


def _read_number(clock: Clock, number: str, fraction: str | None, _zone: None, _within: float | None) -> Stamp:
    return clock.number(float(f"{number}.{fraction}" if fraction else number))


def _read_compact(
    clock: Clock, day: str, time: str, fraction: str | None, zone: str | None, within: float | None
) -> Stamp:
    return clock.stamp(f"{day[:4]}-{day[4:6]}-{day[6:]} {time}", fraction, zone, within)


def _read_padded(
    clock: Clock, day: str, time: str, fraction: str | None, zone: str | None, within: float | None
) -> Stamp:
    return clock.stamp(f"{day} 0{time}", fraction, zone, within)


def _read_short_year(
    clock: Clock, day: str, time: str, fraction: str | None, zone: str | None, within: float | None
) -> Stamp:
    return clock.stamp(f"20{day[:2]}-{day[2:4]}-{day[4:]} {time:0>8}", fraction, zone, within)


_TIME: Final = r"(?P<t_time>\d\d:\d\d:\d\d)"
# Possessive: what a stamp may have belongs to it, whatever follows.
_FRACTION: Final = r"(?:[.,](?P<t_fraction>\d{1,9}))?+"
_ZONE: Final = r"(?: ?(?P<t_zone>(?:[Zz]|UTC|GMT)\b|[+-]\d\d(?::?\d\d\b|(?=[ \]]|$))))?+"
_MONTH: Final = r"(?P<t_month>[A-Z][a-z]{2})"
_WEEKDAY: Final = r"[A-Z][a-z]{2}"

_DATE: Final = ("t_year", "t_month", "t_day", "t_time")
_YEARLESS: Final = ("t_month", "t_day", "t_time")

SPELLINGS: Final[dict[str, Spelling]] = {
    # 2026-11-20 10:00:01.123, 2026-11-20T10:00:01,123+02:00
    "iso": Spelling(
        rf"(?P<t_second>\d{{4}}-\d\d-\d\d[ Tt]\d\d:\d\d:\d\d){_FRACTION}{_ZONE}", ("t_second",), Clock.stamp
    ),
    # 2026/11/20 10:00:01
    "slashed": Spelling(
        rf"(?P<t_second>\d{{4}}/\d\d/\d\d[ T]\d\d:\d\d:\d\d){_FRACTION}{_ZONE}", ("t_second",), _read_slashed
    ),
    # Nov 20 10:00:01.123456 (syslog, journalctl -o short-precise)
    "syslog": Spelling(rf"{_MONTH} +(?P<t_day>\d\d?) {_TIME}{_FRACTION}{_ZONE}", _YEARLESS, Clock.yearless),
    # Nov 20 2026 10:00:01
    "dated": Spelling(
        rf"{_MONTH} +(?P<t_day>\d\d?),? (?P<t_year>\d{{4}}),? {_TIME}{_FRACTION}{_ZONE}", _DATE, Clock.named_month
    ),
    # Fri Nov 20 10:00:01.123456 2026 (C's asctime, Apache's error log)
    "asctime": Spelling(
        rf"{_WEEKDAY} {_MONTH} +(?P<t_day>\d\d?) {_TIME}{_FRACTION} (?P<t_year>\d{{4}}){_ZONE}",
        _DATE,
        Clock.named_month,
    ),
    # 20/Nov/2026:10:00:01.123 +0100 (access logs, haproxy)
    "clf": Spelling(
        rf"(?P<t_day>\d\d)/{_MONTH}/(?P<t_year>\d{{4}})[: ]{_TIME}{_FRACTION}{_ZONE}", _DATE, Clock.named_month
    ),
    # 20-Nov-2026::10:00:01 (Erlang), 20-Nov-2026 10:00:01.123 (BIND)
    "erlang": Spelling(
        rf"(?P<t_day>\d\d?)-{_MONTH}-(?P<t_year>\d{{4}})(?:::| ){_TIME}{_FRACTION}", _DATE, Clock.named_month
    ),
    # 20 Nov 2026 10:00:01.123 (Redis), 20 Nov 2026 10:00:01 +0000 (RFC 5322)
    "long": Spelling(
        rf"(?P<t_day>\d\d?) {_MONTH} (?P<t_year>\d{{4}}) {_TIME}{_FRACTION}{_ZONE}", _DATE, Clock.named_month
    ),
    # 20 Nov 10:00:01.123 (Redis until 2.8)
    "day_month": Spelling(rf"(?P<t_day>\d\d?) {_MONTH} {_TIME}{_FRACTION}", _YEARLESS, Clock.yearless),
    # Fri Nov 20 10:00:01 +0000 2026 (Ruby's Time#to_s)
    "ruby": Spelling(
        rf"{_WEEKDAY} {_MONTH} (?P<t_day>\d\d) {_TIME} (?P<t_zone>[+-]\d{{4}}) (?P<t_year>\d{{4}})",
        _DATE,
        Clock.named_month,
    ),
    # 1120 10:00:01.123456 (klog, without its level)
    "klog": Spelling(rf"(?P<t_month>\d\d)(?P<t_day>\d\d) {_TIME}{_FRACTION}", _YEARLESS, Clock.yearless),
    # 261120  9:00:01 (MySQL and MariaDB until 10.1)
    "short_year": Spelling(r"(?P<t_day>\d{6}) +(?P<t_time>\d?\d:\d\d:\d\d)", ("t_day", "t_time"), _read_short_year),
    # 2026-11-20  9:00:01 (MariaDB: the hour is padded with a space)
    "padded": Spelling(r"(?P<t_day>\d{4}-\d\d-\d\d)  (?P<t_time>\d:\d\d:\d\d)", ("t_day", "t_time"), _read_padded),
    # 20261120 10:00:01.123 (scripts of Galera)
    "compact": Spelling(rf"(?P<t_day>\d{{8}})[ T-]{_TIME}{_FRACTION}", ("t_day", "t_time"), _read_compact),
    # 1795168801.123 (seconds since 1970; ms, µs and ns too)
    "epoch": Spelling(
        r"(?P<t_number>\d{9,19})(?:\.(?P<t_fraction>\d{1,9}))?+", ("t_number",), _read_number, is_zoned=True
    ),
}

_WHOLE: Final = [(re.compile(spelling.pattern, re.ASCII).fullmatch, spelling) for spelling in SPELLINGS.values()]


def read_stamp(clock: Clock, text: str, within: float | None = None) -> Stamp:
    """Read a stamp that is a whole text, in any spelling or as a number; gives what `Clock.stamp` gives.

    Raises:
        ValueError: it is none.
    """
    if _NUMBER.fullmatch(text):
        return clock.number(float(text))
    try:
        return clock.iso(text, within)
    except ValueError:
        for fullmatch, spelling in _WHOLE:
            match = fullmatch(text.strip())
            if match is not None:
                groups = match.groupdict()
                parts = (groups.get(name) for name in (*spelling.parts, "t_fraction", "t_zone"))
                return spelling.read(clock, *parts, within)
        raise
