from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Continuation, LogEvent, LogLine
from core.parsing import Parser, json_lines
from core.parsing.json_lines import MAX_EXTRA_LINES
from tests.helpers.lines import SOURCE, log_lines, oslo, split_at

TRACEBACK = [
    "Traceback (most recent call last):",
    '  File "/usr/lib/python2.7/site-packages/nova/compute/manager.py", line 1855, in _do_build',
    "    filter_properties)",
    "RescheduledException: Build of instance was re-scheduled",
    "",
]


def parse(texts: list[str]) -> list[LogEvent | Continuation]:
    parser = Parser(SOURCE)
    return [*parser.feed(log_lines(texts)), *parser.close()]


def messages(found: list[LogEvent | Continuation]) -> list[str]:
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
    assert [item.known_format for item in found if isinstance(item, LogEvent)] == [False, False, True]


def test_a_json_body_that_spills_over_is_part_of_its_record() -> None:
    body = '{"message": "not found", "code": 404, "created": "2016-01-01T00:00:00Z"}'
    assert messages(parse([oslo("RESP BODY:"), body])) == [f"RESP BODY:\n{body}"]


def test_a_journald_traceback_belongs_to_the_record_of_its_process() -> None:
    found = parse(
        [
            "Nov 22 17:38:23 host nova-compute[1]: ERROR nova.compute [None req-1 a b] failed",
            "Nov 22 17:38:23 host nova-compute[2]: INFO nova.compute [None req-2 a b] other",
            "Nov 22 17:38:24 host nova-compute[1]: Traceback (most recent call last):",
        ]
    )
    assert messages(found) == ["failed\nTraceback (most recent call last):", "other"]


def test_a_record_keeps_so_many_lines_and_counts_the_rest() -> None:
    (event,) = parse([oslo("head"), *(["more"] * (MAX_EXTRA_LINES + 5))])
    assert isinstance(event, LogEvent)
    assert event.extra_lines == MAX_EXTRA_LINES + 5
    assert event.message.count("\n") == MAX_EXTRA_LINES


def test_a_line_that_comes_after_its_event_was_closed_is_a_continuation() -> None:
    parser = Parser(SOURCE)
    lines = log_lines([oslo("failed", level="ERROR"), oslo(TRACEBACK[0], level="ERROR", context=""), "bare"])
    assert parser.feed(lines[:1]) == []
    assert messages([*parser.close()]) == ["failed"]
    assert parser.feed(lines[1:]) == [Continuation(SOURCE, 1, lines[1]), Continuation(SOURCE, 1, lines[2])]
    assert parser.close() == []


def test_an_event_is_given_when_a_record_with_another_stamp_begins() -> None:
    parser = Parser(SOURCE)
    lines = log_lines([oslo("one"), oslo("two", stamp="2018-06-27 05:21:46.000")])
    assert messages(parser.feed(lines)) == ["one"]
    assert parser.opened == 1_530_076_906.0


def test_a_storm_of_equal_stamps_is_not_held_for_ever() -> None:
    parser = Parser(SOURCE)
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
        st.sampled_from(["bare", "", "nova-api.log bare", "glance-api.log bare", "{", '{"a": 1}']),
    ),
    max_size=25,
)
cuts = st.lists(st.integers(0, 100), max_size=6)


@given(texts, cuts)
def test_any_split_of_the_lines_gives_the_same_events(lines: list[str], where: list[int]) -> None:
    parser = Parser(SOURCE)
    found = [item for part in split_at(log_lines(lines), where) for item in parser.feed(part)]
    assert [*found, *parser.close()] == parse(lines)


@given(texts, cuts)
def test_closing_at_any_moment_moves_no_line_to_another_event(lines: list[str], where: list[int]) -> None:
    parser = Parser(SOURCE)
    found: list[LogEvent | Continuation] = []
    for part in split_at(log_lines(lines), where):
        found += [*parser.feed(part), *parser.close()]
    assert owners(found, log_lines(lines)) == owners(parse(lines), log_lines(lines))
    heads = [item._replace(message=item.head, length=0, extra_lines=0) for item in found if isinstance(item, LogEvent)]
    whole = [item for item in parse(lines) if isinstance(item, LogEvent)]
    assert heads == [item._replace(message=item.head, length=0, extra_lines=0) for item in whole]


def owners(found: list[LogEvent | Continuation], lines: list[LogLine]) -> dict[int, int]:
    """Bytes and lines of each event, whether they came with it or later."""
    total: dict[int, int] = {}
    for item in found:
        if isinstance(item, LogEvent):
            total[item.line] = item.length + 1_000_000 * (1 + item.extra_lines)
        else:
            total[item.event_line] += item.line.length + 1_000_000
    assert sum(total.values()) == sum(line.length + 1_000_000 for line in lines)
    return total


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
