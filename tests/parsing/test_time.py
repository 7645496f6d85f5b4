"""When an event was logged: zones, missing years, summer time, and moments that never were."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import chain
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UsageError
from core.events import LogEvent
from core.parsing import EventStream, Parser
from core.parsing.zones import nearest_offset, read_zone
from tests.helpers.lines import log_lines

OSLO = "7 INFO nova.compute.manager [-] text"


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


WRITTEN = instant("2026-11-20T12:00:00+00:00")


def events(texts: list[str], zone: str = "UTC", written: float = WRITTEN) -> list[LogEvent]:
    parser = Parser("host.log", read_zone(zone), lambda: written)
    found = [*parser.feed(log_lines(texts)), *parser.close()]
    assert all(isinstance(item, LogEvent) for item in found)
    return [item for item in found if isinstance(item, LogEvent)]


def stamps(texts: list[str], zone: str = "UTC", written: float = WRITTEN) -> list[str | None]:
    return [event.iso_timestamp for event in events(texts, zone, written)]


@pytest.mark.parametrize(
    ("stamp", "iso"),
    [
        ("2026-11-20 10:00:01.375", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20 10:00:01,375", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20 10:00:01", "2026-11-20T10:00:01.000+01:00"),
        ("2026-11-20 10:00:01.375123", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20T10:00:01.375Z", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20t10:00:01.375z", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20 10:00:01.375 UTC", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20 10:00:01.375 +0000", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20 10:00:01.375+02:00", "2026-11-20T10:00:01.375+02:00"),
        ("2026-11-20 10:00:01.375-0330", "2026-11-20T10:00:01.375-03:30"),
        ("2026-11-20 10:00:01.375 +0545", "2026-11-20T10:00:01.375+05:45"),
        ("2026-11-20 10:00:01.375 +03", "2026-11-20T10:00:01.375+03:00"),
        ("0001-01-01 00:00:00.000Z", "0001-01-01T00:00:00.000+00:00"),
        ("9999-12-31 23:59:59.500Z", "9999-12-31T23:59:59.500+00:00"),
        ("2016-12-31 23:59:60.250Z", "2017-01-01T00:00:00.250+00:00"),
    ],
)
def test_a_stamp_is_of_the_zone_that_it_names_or_of_the_zone_that_is_given(stamp: str, iso: str) -> None:
    assert stamps([f"{stamp} {OSLO}"], "Europe/Berlin") == [iso]


@pytest.mark.parametrize(
    ("wrapper", "iso"),
    [
        ("2026-11-20T09:00:02.5Z stdout F", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20T14:45:01.5+05:45 stdout F", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20T10:00:01.5Z stdout F", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20T04:15:01.5Z stdout F", "2026-11-20T10:00:01.375+05:45"),
        ("2026-11-20T20:00:01.5Z stdout F", "2026-11-20T10:00:01.375-10:00"),
        ("2026-11-20T09:53:00.5Z stdout F", "2026-11-20T10:00:01.375+00:00"),  # written late by less than 7.5 minutes
        ("2026-11-20T11:00:01+02:00 host nova-compute[7]:", "2026-11-20T10:00:01.375+01:00"),
        ("<14>1 2026-11-20T09:00:01Z host nova-compute 7 - -", "2026-11-20T10:00:01.375+01:00"),
        ("1795165201.5 host nova-compute[7]:", "2026-11-20T10:00:01.375+01:00"),
        ("Fri 2026-11-20 09:00:01 UTC host nova-compute[7]:", "2026-11-20T10:00:01.375+01:00"),
        ("2026-11-20T09:00:01.123456789Z", "2026-11-20T10:00:01.375+01:00"),
        # these name no zone themselves
        ("Nov 20 09:00:01 host nova-compute[7]:", "2026-11-20T10:00:01.375+00:00"),
        ("2026-11-20 09:00:01.123456", "2026-11-20T10:00:01.375+00:00"),
    ],
)
def test_inside_of_a_wrapper_that_names_an_instant_a_stamp_without_a_zone_is_nearest_to_it(
    wrapper: str, iso: str
) -> None:
    assert stamps([f"{wrapper} 2026-11-20 10:00:01.375 {OSLO}"]) == [iso]


def test_a_zone_inside_of_a_wrapper_is_what_it_says() -> None:
    assert stamps([f"2026-11-20T09:00:01Z host nova-compute[7]: 2026-11-20 10:00:01.375Z {OSLO}"]) == [
        "2026-11-20T10:00:01.375+00:00"
    ]


def test_a_wrapper_that_names_no_zone_is_nearest_to_the_one_around_it() -> None:
    text = f"2026-11-20T09:00:01.5Z stdout F Nov 20 11:00:01 host nova-compute[7]: 2026-11-20 11:00:01.375 {OSLO}"
    assert stamps([text]) == ["2026-11-20T11:00:01.375+02:00"]


@given(st.integers(-56, 56), st.floats(-440, 440), st.integers(0, 4_000_000_000))
def test_the_nearest_offset_is_a_quarter_of_an_hour_and_right_for_what_was_written_within_minutes(
    quarters: int, late: float, moment: int
) -> None:
    assert nearest_offset(moment + quarters * 900, moment + late) == quarters * 900


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ('{"timestamp": 1795168801, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.000+00:00"),
        ('{"timestamp": 1795168801.375, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": 1795168801375, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": 1795168801375.9, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": 1795168801375000, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": 1795168801375000000, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": "1795168801.375", "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": "1795168801375", "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": 1.795168801375e9, "level": "INFO", "message": "x"}', "2026-11-20T10:00:01.375+00:00"),
        ('{"timestamp": "20/Nov/2026:11:00:01 +0100", "message": "x"}', "2026-11-20T11:00:01.000+01:00"),
        ('{"timestamp": "Nov 20 10:00:01", "message": "x"}', "2026-11-20T10:00:01.000+00:00"),
        ("1795168801.375 text", "2026-11-20T10:00:01.375+00:00"),
        ("1795168801375 text", "2026-11-20T10:00:01.375+00:00"),
    ],
)
def test_numbers_are_seconds_milliseconds_microseconds_or_nanoseconds_since_1970(text: str, iso: str) -> None:
    assert stamps([text]) == [iso]


@pytest.mark.parametrize(
    "text",
    [
        f"2026-02-30 10:00:01.375 {OSLO}",
        f"2026-11-20 24:00:00.000 {OSLO}",
        f"2026-11-20 10:61:00.000 {OSLO}",
        f"2026-11-20 10:00:61.000 {OSLO}",
        f"0000-00-00 00:00:00.000 {OSLO}",
        f"2026-13-01 10:00:00.000 {OSLO}",
        "Feb 30 10:00:01 host haproxy[7]: text",
        "Nov 20 25:00:01 host haproxy[7]: text",
        "[Fri Feb 30 10:00:01.123456 2026] [core:notice] [pid 7] text",
        '10.0.0.5 - - [31/Feb/2026:10:00:01 +0000] "GET / HTTP/1.1" 200 3',
        "2026/02/30 10:00:01 [error] 7#7: text",
        '{"timestamp": "2026-02-30T10:00:01Z", "level": "ERROR", "message": "text"}',
        '{"timestamp": 1e300, "level": "ERROR", "message": "text"}',
    ],
)
def test_a_moment_that_never_was_is_an_event_of_unread_form_of_its_own(text: str) -> None:
    json = '{"timestamp": 1795168801, "level": "INFO", "message": "x"}'
    around = json if text[0] == "{" else f"2026-11-20 10:00:01.000 {OSLO}"
    found = events([around, text, around])
    assert [event.known_format for event in found] == [True, False, True]
    assert (found[1].message, found[1].timestamp) == (text, None)


@pytest.mark.parametrize(
    ("written", "text", "day"),
    [
        ("2026-11-23T12:00:00+00:00", "Jun 26 03:24:03", "2026-06-26"),
        ("2026-06-25T12:00:00+00:00", "Jun 26 03:24:03", "2026-06-26"),  # no later than a day after the file's time
        ("2026-06-24T12:00:00+00:00", "Jun 26 13:24:03", "2025-06-26"),
        ("2026-01-01T00:00:10+00:00", "Dec 31 23:59:59", "2025-12-31"),
        ("2025-12-31T12:00:00+00:00", "Jan  1 00:00:03", "2026-01-01"),
        ("2026-11-23T12:00:00+00:00", "Feb 29 10:00:00", "2024-02-29"),
        ("2024-02-28T23:00:00+00:00", "Feb 29 10:00:00", "2024-02-29"),
        ("2103-03-01T00:00:00+00:00", "Feb 29 10:00:00", "2096-02-29"),  # 2100 has none
    ],
)
def test_a_stamp_without_a_year_is_of_the_latest_year_that_has_it(written: str, text: str, day: str) -> None:
    (stamp,) = stamps([f"{text} host nova-compute[7]: text"], written=instant(written))
    assert (stamp or "")[:10] == day


def test_a_file_that_goes_over_new_year_does_not_go_back() -> None:
    texts = [f"{day} 00:00:01 host a[7]: text" for day in ("Dec 30", "Dec 31", "Jan  1", "Jan  2")]
    found = stamps(texts, written=instant("2026-01-02T06:00:00+00:00"))
    assert [str(stamp)[:10] for stamp in found] == ["2025-12-30", "2025-12-31", "2026-01-01", "2026-01-02"]


def test_a_log_that_is_followed_over_new_year_goes_on_in_the_new_year() -> None:
    now = instant("2026-12-31T23:59:50+00:00")
    parser = Parser("host.log", UTC, lambda: now)
    lines = log_lines([f"{day} host a[7]: text" for day in ("Dec 31 23:59:50", "Jan  1 00:00:10", "Jul  1 00:00:10")])
    found = []
    for line, moment in zip(lines, ("2026-12-31T23:59:50", "2027-01-01T00:00:10", "2027-07-01T00:00:10"), strict=True):
        now = instant(f"{moment}+00:00")
        found += parser.feed([line])
    found += parser.close()
    assert [item.iso_timestamp[:10] for item in found if isinstance(item, LogEvent) and item.iso_timestamp] == [
        "2026-12-31",
        "2027-01-01",
        "2027-07-01",
    ]


def test_a_stamp_without_a_year_is_of_the_year_of_the_wrapper_around_it() -> None:
    text = "2019-01-01T00:00:01Z stdout F Dec 31 23:59:59 host a[7]: text"
    assert stamps([text]) == ["2018-12-31T23:59:59.000+00:00"]


@pytest.mark.parametrize(
    ("zone", "first", "minutes", "step"),
    [
        ("Europe/Berlin", "2026-10-25T00:20:00+00:00", 150, 10),
        ("America/New_York", "2026-11-01T05:20:00+00:00", 150, 10),
        ("Australia/Lord_Howe", "2026-04-04T14:20:00+00:00", 100, 1),
        ("Europe/Berlin", "2026-03-29T00:20:00+00:00", 150, 10),
        ("America/New_York", "2026-03-08T06:20:00+00:00", 150, 10),
        ("Australia/Lord_Howe", "2026-10-03T14:50:00+00:00", 100, 1),
        ("America/Santiago", "2026-04-05T02:20:00+00:00", 150, 10),
    ],
)
def test_local_stamps_go_on_evenly_where_summer_time_begins_and_ends(
    zone: str, first: str, minutes: int, step: int
) -> None:
    begin = datetime.fromisoformat(first)
    moments = [begin + timedelta(minutes=minute) for minute in range(0, minutes, step)]
    texts = [f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S}.000 {OSLO}" for moment in moments]
    assert [event.timestamp for event in events(texts, zone)] == [moment.timestamp() for moment in moments]


def test_a_local_time_that_the_clocks_skip_is_as_late_as_it_would_have_been() -> None:
    assert [event.timestamp for event in events([f"2026-03-29 02:30:00.000 {OSLO}"], "Europe/Berlin")] == [
        instant("2026-03-29T01:30:00+00:00")
    ]


def test_files_with_and_without_zones_and_years_interleave() -> None:
    naive = log_lines([f"2026-11-20 11:00:0{second}.500 {OSLO}" for second in range(9)], "naive.log")
    zoned = log_lines([f"2026-11-20T10:00:0{second}.250Z {OSLO}" for second in range(9)], "zoned.log")
    yearless = log_lines([f"Nov 20 11:00:0{second} host a[7]: text" for second in range(9)], "syslog")
    stream = EventStream(ZoneInfo("Europe/Berlin"), lambda _: WRITTEN)
    found = [*stream.feed(chain(*zip(naive, zoned, yearless, strict=True))), *stream.quiet()]
    moments = [item.timestamp for item in found if isinstance(item, LogEvent)]
    assert moments == [WRITTEN - 7_200 + second + part for second in range(9) for part in (0.0, 0.25, 0.5)]


@pytest.mark.parametrize(
    ("name", "east"),
    [
        ("UTC", 0), ("utc", 0), ("Z", 0), ("+02:00", 7_200), ("-0330", -12_600), ("+05", 18_000), ("UTC+1:00", None),
        ("Europe/Berlin", 3_600), ("Asia/Kathmandu", 20_700), ("+15:00", None), ("Mars/Base", None), ("", None),
        ("../etc", None),
    ],
)  # fmt: skip
def test_a_zone_is_a_name_of_the_tz_database_utc_or_an_offset(name: str, east: int | None) -> None:
    if east is None:
        with pytest.raises(UsageError, match="unknown time zone"):
            read_zone(name)
    else:
        assert read_zone(name).utcoffset(datetime(2026, 11, 20)) == timedelta(seconds=east)
