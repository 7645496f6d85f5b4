from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.events import LogEvent, Notice
from core.parsing import Parser
from core.parsing.reader import Reader
from core.parsing.readings import BARE
from core.parsing.stamps import Clock
from tests.helpers.lines import SOURCE, log_lines, oslo

WRITTEN = datetime(2026, 11, 23, tzinfo=UTC).timestamp()
REQUEST = "req-3ea4052c-895d-4b64-9e2d-04d64c4d94ab"
INSTANCE = "b9000564-fe1a-409b-b8cc-1e88b294cd1d"


def only_event(text: str, source: str = SOURCE) -> LogEvent:
    parser = Parser(source, UTC, lambda: WRITTEN)
    events = [*parser.feed(log_lines([text], source)), *parser.close()]
    assert len(events) == 1
    assert isinstance(events[0], LogEvent)
    return events[0]


def test_an_oslo_line_gives_all_its_fields() -> None:
    event = only_event(oslo(f"[instance: {INSTANCE}] VM Started (Lifecycle Event)"))
    assert event.iso_timestamp == "2018-06-27T05:21:45.375+00:00"
    assert (event.level, event.service, event.logger, event.pid) == (
        "INFO",
        "nova-compute",
        "nova.compute.manager",
        29713,
    )
    assert (event.request_id, event.instance_id) == (REQUEST, INSTANCE)
    assert event.message == "VM Started (Lifecycle Event)"
    assert event.known_format


@pytest.mark.parametrize(
    ("prefix", "service"),
    [
        ("nova-api.log ", "nova-api"),
        ("nova-api.log.1.2017-05-16_13:53:08 ", "nova-api"),
        ("nova-placement-api.log ", "nova-placement"),
        ("glance-api.log ", "glance"),
        ("nova-consoleauth.log ", "nova-consoleauth"),
        ("/var/log/neutron/neutron-l3-agent.log ", "neutron-l3-agent"),
        ("", "nova-compute"),
    ],
)
def test_a_file_prefix_names_the_service(prefix: str, service: str) -> None:
    event = only_event(oslo("Creating image", prefix=prefix))
    assert event.service == service
    assert event.message == "Creating image"


@pytest.mark.parametrize(
    ("context", "request_id", "message"),
    [
        (f"[{REQUEST} 113d3a99c3da401fbd62cc2caa5b96d2 54fadb412c4e40cdbaed9335e4c35a9e - - -] ", REQUEST, "text"),
        (f"[{REQUEST} ] ", REQUEST, "text"),
        (f"[{REQUEST}] ", REQUEST, "text"),
        (f"[None {REQUEST} admin admin] ", REQUEST, "text"),
        (f"[- {REQUEST} - - - - -] ", REQUEST, "text"),
        (f"[req-00000000-0000-0000-0000-000000000000 {REQUEST} u p - d d] ", REQUEST, "text"),
        ("[-] ", "", "text"),
        ("[- - - - -] ", "", "text"),
        ("[None] ", "", "text"),
        ("", "", "text"),
        ("", "", "[Errno 111] ECONNREFUSED"),
        ("[-] ", "", "[Errno 111] ECONNREFUSED"),
        ("", "", "  indented"),
        ("[-] ", "", ""),
    ],
)
def test_a_context_is_told_from_a_message_that_begins_with_a_bracket(
    context: str, request_id: str, message: str
) -> None:
    event = only_event(oslo(message, context=context, level="WARNING"))
    assert event.request_id == request_id
    assert event.message == message


@pytest.mark.parametrize(
    ("written", "read"),
    [(name, name) for name in ("TRACE", "DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL")]
    + [("WARN", "WARNING"), ("FATAL", "CRITICAL")],
)
def test_every_level_is_known(written: str, read: str) -> None:
    assert only_event(oslo("text", level=written)).level == read


def test_a_line_without_a_pid_is_read() -> None:
    event = only_event("2018-06-27 05:21:45.375 INFO nova.compute.manager [-] text")
    assert (event.pid, event.message) == (None, "text")


@pytest.mark.parametrize(
    ("text", "iso", "service", "pid", "level", "message"),
    [
        (
            f"Nov 22 17:38:23 host nova-compute[123]: 2026-11-22 17:38:23.456 77 INFO nova [{REQUEST} - -] text",
            "2026-11-22T17:38:23.456+00:00", "nova-compute", 77, "INFO", "text",
        ),
        (
            f"Nov 22 17:38:23 host devstack@n-cpu.service[123]: DEBUG nova.compute [None {REQUEST} a b] text",
            "2026-11-22T17:38:23.000+00:00", "nova-compute", 123, "DEBUG", "text",
        ),
        (
            r"Nov 22 17:38:23.5 host n-api[9]: \x1b[00;32mINFO nova.api [\x1b[01;36mNone " + REQUEST
            + r" \x1b[00;36ma b\x1b[00;32m] \x1b[01;35m\x1b[00;32mtext\x1b[00m",
            "2026-11-22T17:38:23.500+00:00", "nova-api", 9, "INFO", "text",
        ),
        (
            "<134>1 2026-11-22T17:38:23.456+01:00 host neutron-server 12 - - 12 ERROR neutron.api [-] text",
            "2026-11-22T17:38:23.456+01:00", "neutron-server", 12, "ERROR", "text",
        ),
        (
            "2026-11-22T17:38:23.456789+00:00 host dnsmasq-dhcp[5]: DHCPDISCOVER(tap1) fa:16:3e:00:00:01",
            "2026-11-22T17:38:23.456+00:00", "dnsmasq", 5, "", "DHCPDISCOVER(tap1) fa:16:3e:00:00:01",
        ),
        (
            "2026-11-23T17:38:23.123456789Z stdout F 2026-11-23 17:38:23.123 1 INFO cinder.volume.manager [-] text",
            "2026-11-23T17:38:23.123+00:00", "nova-compute", 1, "INFO", "text",
        ),
        (
            '10.0.0.1 - - [23/Nov/2026:17:38:23 +0100] "GET /v3 HTTP/1.1" 200 123 "-" "curl"',
            "2026-11-23T17:38:23.000+01:00", "nova-compute", None, "",
            '10.0.0.1 - - [23/Nov/2026:17:38:23 +0100] "GET /v3 HTTP/1.1" 200 123 "-" "curl"',
        ),
    ],
)  # fmt: skip
def test_what_others_put_around_a_line_is_taken_off(
    text: str, iso: str, service: str, pid: int | None, level: str, message: str
) -> None:
    event = only_event(text)
    assert event.known_format
    assert (event.iso_timestamp, event.service, event.pid, event.level, event.message) == (
        iso,
        service,
        pid,
        level,
        message,
    )
    assert event.raw == text


words = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x2FF, categories=("L", "N", "P", "S", "Zs")), max_size=12
)
contexts = st.one_of(
    st.sampled_from(
        ["", "[-] ", "[- ] ", "[None] ", "[req-] ", f"[None {REQUEST} a] ", f"[- {REQUEST}] ", "[req-a req-b c] "]
    ),
    st.builds("[{}]{}".format, words, words),
)
messages = st.one_of(words, st.builds("{}[instance: {}]{}".format, words, st.sampled_from([INSTANCE, "x"]), words))
usual_lines = st.builds(
    "{}{}{}{} {} {} {}{}{}".format,
    st.sampled_from(
        [
            "", "nova-api.log ", "a.b.log ", "x ", "nova-api.log  ", "Nov 22 17:38:23 host nova-api[7]: ", "/a/b.log:",
            "2018-06-27T03:21:46.1Z stdout F ", "2018-06-27T05:21:46+00:00 host nova-api[7]: ",
        ]
    ),
    st.sampled_from(["2018-06-27 05:21:45", "2018-06-27T05:21:45", "2018-02-30 00:00:00"]),
    st.sampled_from([".375", ",375", ".3", "", ".375123", ".375Z"]),
    st.sampled_from([" 123", " 0123", "", " x", "  7"]),
    st.sampled_from(["INFO", "WARN", "INFORM", "ERROR "]),
    st.sampled_from(["nova.api", "[x", "a-b.c"]),
    contexts,
    st.sampled_from(["", f"[instance: {INSTANCE}] ", " "]),
    messages,
)  # fmt: skip


@given(usual_lines)
@example(oslo("text", context=""))
@example(oslo("  [instance: x] text", context=""))
def test_the_short_way_and_the_long_way_read_the_same(text: str) -> None:
    reader = Reader(SOURCE, Clock(UTC, lambda: WRITTEN))
    (line,) = log_lines([text])
    first = reader.read(line)
    assert reader.read(line) == first == reader.read_text(line, text, BARE)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200))
def test_no_line_is_refused(text: str) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    (item,) = [*parser.feed(log_lines([text])), *parser.close()]
    if text.strip():
        assert isinstance(item, LogEvent)
        assert item.raw == text
    else:
        assert isinstance(item, Notice)
        assert item.count == 1


@pytest.mark.parametrize(
    "before", [r"\x1b(B", r"\x1b[m\x1b(B", "\\x1b]8;;http://a\\x1b\\", r"\x1b]0;a\x07", r"\x9b31m"]
)
def test_what_a_terminal_takes_for_a_command_is_no_part_of_a_line(before: str) -> None:
    event = only_event(before + oslo("stopped"))
    assert (event.known_format, event.level, event.pid, event.message) == (True, "INFO", 29713, "stopped")


def test_the_output_of_a_command_is_part_of_its_record_though_it_holds_a_stamp() -> None:
    lines = ["Exit code: 0", "Stderr: 2018-06-27 05:21:44.890 5737 INFO neutron.common.config [-] Logging enabled!"]
    parser = Parser(SOURCE, UTC)
    found = [*parser.feed(log_lines([oslo("Running command"), *lines])), *parser.close()]
    assert [event.extra_lines for event in found if isinstance(event, LogEvent)] == [2]
