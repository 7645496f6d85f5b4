from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.events import Continuation, LogEvent, LogLine, Notice, NoticeKind
from core.parsing import Parser, json_lines
from core.parsing.forms import all_forms
from core.parsing.grouping import MAX_EVENT_BYTES, MAX_EVENT_LINES, Parsed
from tests.helpers.lines import SOURCE, log_lines, oslo, split_at

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/usr/lib/python2.7/site-packages/nova/compute/manager.py", line 1855, in _do_build',
    "    filter_properties)",
    "RescheduledException: Build of instance was re-scheduled",
    "",
]


WRITTEN = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()


def parse(texts: list[str]) -> list[Parsed]:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    return [*parser.feed(log_lines(texts)), *parser.close()]


def messages(found: list[Parsed]) -> list[str]:
    return [item.message for item in found if isinstance(item, LogEvent)]


def test_lines_without_a_head_belong_to_the_record_before_them() -> None:
    texts = [oslo("Command: ip"), "Exit code: 0", "", "Stderr: none", oslo("next", stamp="2018-06-27 05:21:46.000")]
    first, second = parse(texts)
    assert isinstance(first, LogEvent)
    assert first.message == "Command: ip\nExit code: 0\n\nStderr: none"
    assert (first.extra_lines, first.raw) == (3, texts[0])
    assert first.length == sum(len(text) + 1 for text in texts[:4])
    assert isinstance(second, LogEvent)
    assert second.line == 5


def test_a_traceback_of_one_record_a_line_is_one_event() -> None:
    head = oslo("POST failed.: TypeError", level="ERROR")
    found = parse([head, *(oslo(text, level="ERROR", context="") for text in TRACEBACK)])
    assert messages(found) == ["\n".join(["POST failed.: TypeError", *TRACEBACK])]


def test_trace_records_belong_to_the_error_before_them() -> None:
    instance = "[instance: b9000564-fe1a-409b-b8cc-1e88b294cd1d] "
    found = parse([oslo("failed", level="ERROR"), *(oslo(text, level="TRACE", context=instance) for text in TRACEBACK)])
    assert messages(found) == ["\n".join(["failed", *TRACEBACK])]


def test_a_warning_keeps_the_traceback_that_oslo_writes_at_level_error() -> None:
    found = parse([oslo("failed", level="WARNING"), oslo(TRACEBACK[0], level="ERROR", context="")])
    assert messages(found) == [f"failed\n{TRACEBACK[0]}"]


def test_two_records_with_contexts_and_equal_stamps_are_two_events() -> None:
    assert messages(parse([oslo("one", level="ERROR"), oslo("two", level="ERROR")])) == ["one", "two"]


def test_records_without_context_are_no_traceback_below_level_error() -> None:
    assert messages(parse([oslo("one", context=""), oslo("two", context="")])) == ["one", "two"]


def test_tracebacks_of_two_processes_with_equal_stamps_do_not_mix() -> None:
    found = parse(
        [
            oslo("one", level="ERROR", pid=1),
            oslo("two", level="ERROR", pid=2),
            oslo("  of one", level="ERROR", pid=1, context=""),
            oslo("  of two", level="ERROR", pid=2, context=""),
        ]
    )
    assert messages(found) == ["one\n  of one", "two\n  of two"]


def test_a_continuation_behind_a_file_prefix_belongs_to_the_last_record_of_that_file() -> None:
    found = parse(
        [
            oslo("Option is deprecated (", prefix="nova-placement-api.log "),
            oslo("other", prefix="keystone.log "),
            "nova-placement-api.log nova-network is deprecated",
            "nova-placement-api.log ).",
        ]
    )
    assert messages(found) == ["Option is deprecated (\nnova-network is deprecated\n).", "other"]


def test_a_continuation_of_a_file_that_has_no_record_yet_is_shown_as_it_is() -> None:
    first, second = parse([oslo("other", prefix="keystone.log "), "nova-api.log half a record"])
    assert isinstance(second, LogEvent)
    assert not second.known_format
    assert second.message == "nova-api.log half a record"
    assert first != second


def test_a_word_that_looks_like_a_file_is_part_of_the_message() -> None:
    assert messages(parse([oslo("see"), "nova-api.log for details"])) == ["see\nnova-api.log for details"]


def test_lines_before_the_first_record_are_events_of_unknown_format() -> None:
    found = parse(["    tail of a traceback", "", oslo("first")])
    assert [item.known_format for item in found if isinstance(item, LogEvent)] == [False, True]
    assert [item.count for item in found if isinstance(item, Notice)] == [1]


def test_a_json_body_that_spills_over_is_part_of_its_record() -> None:
    body = '{"message": "not found", "code": 404, "created": "2016-01-01T00:00:00Z"}'
    assert messages(parse([oslo("RESP BODY:"), body])) == [f"RESP BODY:\n{body}"]


JOURNAL = "Nov 20 10:00:01.123456 host nova-compute"


def test_a_line_that_a_log_daemon_stamped_continues_a_record_with_a_head_and_the_very_same_stamp() -> None:
    found = parse(
        [
            f"{JOURNAL}[1]: ERROR nova.compute [None req-1 a b] failed",
            f"{JOURNAL}[2]: INFO nova.compute [None req-2 a b] other",
            f"{JOURNAL}[1]: Traceback (most recent call last):",
            "Nov 20 10:00:01.123457 host nova-compute[1]: an event of its own",
        ]
    )
    assert messages(found) == ["failed\nTraceback (most recent call last):", "other", "an event of its own"]


def test_every_line_that_a_log_daemon_stamped_to_the_second_is_an_event() -> None:
    texts = [f"Nov 20 10:00:01 host nova-compute[1]: line {number}" for number in range(5)]
    texts.append("Nov 20 10:00:01 host nova-compute[1]: ERROR nova.compute [None req-1 a b] failed")
    texts += ["Nov 20 10:00:01 host nova-compute[1]: Traceback (most recent call last):"]
    found = parse(texts)
    assert len(found) == 7
    assert {item.service for item in found if isinstance(item, LogEvent)} == {"nova-compute"}


def test_a_stamped_line_without_a_head_keeps_its_own_stamp() -> None:
    found = parse([f"Nov 20 10:{minute:02}:01 host haproxy[7]: Server nova_api/a is DOWN" for minute in (0, 2, 27)])
    assert [item.iso_timestamp for item in found if isinstance(item, LogEvent)] == [
        f"2026-11-20T10:{minute:02}:01.000+00:00" for minute in (0, 2, 27)
    ]


def test_lines_of_a_container_belong_together_for_a_quarter_of_a_second() -> None:
    found = parse(
        [
            f"2026-11-20T10:00:01.000000001Z stdout F {oslo('failed', stamp='2026-11-20 10:00:01.000')}",
            "2026-11-20T10:00:01.200000001Z stdout F Traceback (most recent call last):",
            "2026-11-20T10:00:01.400000001Z stdout F ValueError: x",
            "2026-11-20T10:00:01.800000001Z stdout F + exec httpd",
            "2026-11-20T10:00:01.800000002Z stdout F + sleep",
            "2026-11-20T10:00:01.800000003Z stdout F   indented",
        ]
    )
    assert messages(found) == [
        "failed\nTraceback (most recent call last):\nValueError: x",
        "+ exec httpd",
        "+ sleep\n  indented",
    ]


def test_standard_output_and_standard_error_of_a_container_do_not_mix() -> None:
    found = parse(
        [
            f"2026-11-20T10:00:01.1Z stdout F {oslo('failed', stamp='2026-11-20 10:00:01.000')}",
            "2026-11-20T10:00:01.1Z stderr F of another stream",
        ]
    )
    assert messages(found) == ["failed", "of another stream"]


@pytest.mark.parametrize("runtime", ["cri", "docker"])
def test_the_parts_of_a_line_are_one_line(runtime: str) -> None:
    whole = oslo("x" * 60, stamp="2026-11-20 10:00:01.000")
    parts = [whole[:40], whole[40:80], whole[80:]]
    if runtime == "cri":
        texts = [f"2026-11-20T10:00:01.1Z stdout {'F' if part is parts[-1] else 'P'} {part}" for part in parts]
    else:
        ends = ["", "", "\\n"]
        texts = [
            f'{{"log":"{part}{end}","stream":"stdout","time":"2026-11-20T10:00:01.1Z"}}'
            for part, end in zip(parts, ends, strict=True)
        ]
    (event,) = parse(texts)
    assert isinstance(event, LogEvent)
    assert (event.message, event.line, event.extra_lines) == ("x" * 60, 1, 2)
    assert event.length == sum(len(text) + 1 for text in texts)


def test_a_line_whose_rest_does_not_come_is_given_as_far_as_it_goes() -> None:
    (event,) = parse([f"2026-11-20T10:00:01.1Z stdout P {oslo('half', stamp='2026-11-20 10:00:01.000')}"])
    assert isinstance(event, LogEvent)
    assert event.message == "half"


def test_a_record_keeps_so_many_lines_and_counts_the_rest() -> None:
    event, notice = parse([oslo("head"), *(["more"] * (MAX_EVENT_LINES + 5))])
    assert isinstance(event, LogEvent)
    assert event.extra_lines == MAX_EVENT_LINES
    assert event.message.count("\n") == MAX_EVENT_LINES
    assert isinstance(notice, Notice)
    assert (notice.kind, notice.count) == (NoticeKind.EXCESS, 5)


def test_a_record_keeps_so_many_bytes_and_counts_the_lines_of_the_rest() -> None:
    text = "x" * 99_999
    event, notice = parse([oslo("head"), *([text] * 20)])
    assert isinstance(event, LogEvent)
    assert event.length <= MAX_EVENT_BYTES + 200
    assert isinstance(notice, Notice)
    assert notice.count == 20 - event.extra_lines


def test_a_header_of_tail_is_a_notice_and_names_the_service_of_what_follows() -> None:
    found = parse(
        [
            "==> /var/log/nova/nova-api.log <==",
            oslo("one", logger="oslo_service.service"),
            "",
            "==> /var/log/glance/glance-api.log <==",
            oslo("two", logger="oslo_service.service"),
        ]
    )
    assert [item.service for item in found if isinstance(item, LogEvent)] == ["nova-api", "glance"]
    assert sum(item.count for item in found if isinstance(item, Notice)) == 2


@pytest.mark.parametrize(
    "head",
    [
        "2018-02-30 05:21:46.000 7 ERROR nova.compute [-] on a day that never was",
        "2018.06.27 05:21:46 an unknown form",
        '{"timestamp": "2018-06-27T05:21:46Z", "level": "ERROR", "message": "torn',
    ],
)
def test_a_head_that_cannot_be_read_is_an_event_of_its_own_and_not_part_of_the_record_before_it(head: str) -> None:
    json = '{"timestamp": "2018-06-27T05:21:44Z", "level": "INFO", "message": "first"}'
    found = [item for item in parse([json, oslo("before"), head, oslo("after")]) if isinstance(item, LogEvent)]
    assert [item.known_format for item in found] == [True, True, False, True]
    assert (found[2].message, found[2].level, found[2].timestamp) == (head, "", None)


def test_a_line_that_comes_after_its_event_was_closed_is_a_continuation() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    lines = log_lines([oslo("failed", level="ERROR"), oslo(TRACEBACK[0], level="ERROR", context=""), "bare"])
    assert parser.feed(lines[:1]) == []
    assert messages([*parser.close()]) == ["failed"]
    assert parser.feed(lines[1:]) == [Continuation(SOURCE, 1, lines[1]), Continuation(SOURCE, 1, lines[2])]
    assert parser.close() == []


def test_an_event_is_given_when_a_record_with_another_stamp_begins() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    lines = log_lines([oslo("one"), oslo("two", stamp="2018-06-27 05:21:46.000")])
    assert messages(parser.feed(lines)) == ["one"]
    assert parser.opened == 1_530_076_906.0


def test_a_storm_of_equal_stamps_is_not_held_for_ever() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    assert parser.feed(log_lines([oslo("one")] * 10_000))


texts = st.lists(
    st.one_of(
        st.builds(
            oslo,
            st.sampled_from(["one", "two", "  three", "Traceback (most recent call last):"]),
            stamp=st.sampled_from(["2018-06-27 05:21:45.375", "2018-06-27 05:21:45.376", "2018-06-27 05:21:46.000"]),
            pid=st.integers(1, 2),
            level=st.sampled_from(["INFO", "ERROR", "TRACE"]),
            context=st.sampled_from(["", "[-] ", "[req-1 a b] "]),
            prefix=st.sampled_from(["", "nova-api.log ", "keystone.log "]),
        ),
        st.sampled_from(["bare", "", "nova-api.log bare", "glance-api.log bare", "{ ", '{"a": 1}']),
    ),
    max_size=25,
)
cuts = st.lists(st.integers(0, 100), max_size=6)


@given(texts, cuts)
def test_any_split_of_the_lines_gives_the_same_events(lines: list[str], where: list[int]) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    found = [item for part in split_at(log_lines(lines), where) for item in parser.feed(part)]
    assert [*found, *parser.close()] == parse(lines)


@given(texts, cuts)
def test_closing_at_any_moment_moves_no_line_to_another_event(lines: list[str], where: list[int]) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    found: list[Parsed] = []
    for part in split_at(log_lines(lines), where):
        found += [*parser.feed(part), *parser.close()]
    assert owners(found, log_lines(lines)) == owners(parse(lines), log_lines(lines))
    heads = [item._replace(message=item.head, length=0, extra_lines=0) for item in found if isinstance(item, LogEvent)]
    whole = [item for item in parse(lines) if isinstance(item, LogEvent)]
    assert heads == [item._replace(message=item.head, length=0, extra_lines=0) for item in whole]


def owners(found: list[Parsed], lines: list[LogLine]) -> dict[int, int]:
    """Bytes and lines of each event, whether they came with it or later; a notice stands for the lines it counts."""
    total: dict[int, int] = {}
    noted = 0
    for item in found:
        if isinstance(item, LogEvent):
            total[item.line] = item.length + 1_000_000 * (1 + item.extra_lines)
        elif isinstance(item, Continuation):
            total[item.event_line] += item.line.length + 1_000_000
        else:
            noted += item.count
    assert sum(total.values()) // 1_000_000 + noted == len(lines)
    return total


SAMPLES = [sample["line"] for form in all_forms() for sample in form.samples]
OTHERS = [
    "", " ", "bare", "    indented", "Traceback (most recent call last):", "{", '{"a": 1}', "}", "\\x09tab",
    "nova-api.log bare", "__CURSOR=s=1", "__REALTIME_TIMESTAMP=1795168801123456", "MESSAGE=text",
    '{"timestamp": "2026-11-20T10:00:01Z", "level": "INFO", "message": "text"}',
    '{"timestamp": "2026-11-20T10:00:01Z", "level": "IN',
    '{"log": "half of ", "stream": "stdout", "time": "2026-11-20T10:00:01Z"}',
    '{"log": "the rest\\n", "stream": "stdout", "time": "2026-11-20T10:00:01Z"}',
    "2026-02-30 10:00:01.123 7 INFO nova [-] never", "2026-11-20T10:00:01.1Z stdout P part ",
    "2026-11-20T10:00:01.1Z stderr F rest", "nova-api.log 2026-11-20T10:00:01.1Z stdout P part ",
]  # fmt: skip
mixed = st.lists(st.one_of(st.sampled_from(SAMPLES), st.sampled_from(OTHERS), st.text(max_size=20)), max_size=30)


def accounted(found: list[Parsed]) -> int:
    """Lines that are in events, in notices, or came late."""
    counts = Counter[str]()
    for item in found:
        if isinstance(item, LogEvent):
            counts["events"] += 1 + item.extra_lines
        elif isinstance(item, Notice):
            counts["notices"] += item.count
        else:
            counts["late"] += 1
    return counts.total()


@settings(max_examples=300)
@given(mixed, cuts)
def test_every_line_of_any_mixture_of_forms_is_in_one_event_or_in_one_notice(
    texts: list[str], where: list[int]
) -> None:
    lines = log_lines(texts)
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    found = [item for part in split_at(lines, where) for item in parser.feed(part)]
    found += parser.close()
    assert found == parse(texts)
    assert accounted(found) == len(lines)
    assert len({item.line for item in found if isinstance(item, LogEvent)}) == len(
        [item for item in found if isinstance(item, LogEvent)]
    )


@settings(max_examples=200)
@given(mixed, cuts)
def test_every_line_of_any_mixture_is_accounted_for_when_the_log_falls_quiet_in_between(
    texts: list[str], where: list[int]
) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    found: list[Parsed] = []
    for part in split_at(log_lines(texts), where):
        found += [*parser.feed(part), *parser.close()]
    assert accounted(found) == len(texts)


def test_a_line_on_which_reading_fails_is_of_no_known_format_and_the_rest_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read = json_lines.read

    def fail(line: LogLine, *rest: Any) -> Any:
        if "broken" in line.text:
            raise OverflowError
        return read(line, *rest)

    monkeypatch.setattr(json_lines, "read", fail)
    parser = Parser("a.log")
    found = [*parser.feed(log_lines([oslo("before"), '{"broken": 1}', oslo("after")])), *parser.close()]
    assert [(event.message, event.known_format) for event in found if isinstance(event, LogEvent)] == [
        ("before", True),
        ('{"broken": 1}', False),
        ("after", True),
    ]
