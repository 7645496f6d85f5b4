from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import LogEvent
from core.parsing import Parser
from tests.helpers.json_records import JSON_RECORDS
from tests.helpers.lines import SOURCE, log_lines, oslo

WRITTEN = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
OSLO: dict[str, Any] = {
    "message": "Instance failed to spawn",
    "asctime": "2018-06-27 05:21:45",
    "name": "nova.compute.manager",
    "msg": "Instance failed to spawn",
    "args": [],
    "levelname": "ERROR",
    "levelno": 40,
    "process": 4242,
    "created": 1_530_076_905.375,
    "msecs": 375.0,
    "traceback": ["Traceback (most recent call last):\n", '  File "a.py", line 1\n    raise\n', "Boom\n"],
    "hostname": "compute-1",
    "context": {"request_id": "req-1", "instance": "[instance: b9000564-fe1a-409b-b8cc-1e88b294cd1d] "},
}


def read(document: object, source: str = SOURCE) -> LogEvent:
    return read_text(json.dumps(document), source)


def read_text(text: str, source: str = SOURCE) -> LogEvent:
    parser = Parser(source, UTC, lambda: WRITTEN)
    found = [*parser.feed(log_lines([text], source)), *parser.close()]
    assert len(found) == 1
    event = found[0]
    assert isinstance(event, LogEvent)
    return event


def test_the_json_formatter_of_oslo_is_read() -> None:
    event = read(OSLO)
    assert event.iso_timestamp == "2018-06-27T05:21:45.375+00:00"
    assert (event.level, event.logger, event.pid) == ("ERROR", "nova.compute.manager", 4242)
    assert (event.request_id, event.instance_id) == ("req-1", "b9000564-fe1a-409b-b8cc-1e88b294cd1d")
    assert event.head == "Instance failed to spawn"
    assert event.message.endswith("    raise\nBoom")
    assert (event.message.count("\n"), event.extra_lines) == (4, 0)


def test_a_preprocessed_event_is_read_by_the_names_that_we_write() -> None:
    event = read(
        {
            "timestamp": "2018-06-27T05:21:45.375+02:00",
            "level": "WARNING",
            "service": "glance-api",
            "logger": "glance.store",
            "pid": 7,
            "request_id": "req-2",
            "instance_id": "",
            "message": "slow\nvery",
        }
    )
    assert event.iso_timestamp == "2018-06-27T05:21:45.375+02:00"
    assert (event.level, event.service, event.logger, event.pid) == ("WARNING", "glance", "glance.store", 7)
    assert (event.request_id, event.message, event.extra_lines) == ("req-2", "slow\nvery", 0)


def test_a_number_is_a_stamp_too() -> None:
    assert read({"timestamp": 1_530_076_905.375, "level": "info", "message": "x"}).timestamp == 1_530_076_905.375


@pytest.mark.parametrize("name", JSON_RECORDS)
def test_a_record_gives_the_fields_that_its_program_means(name: str) -> None:
    document, fields = JSON_RECORDS[name]
    event = read(document, "host.log")
    given = {field: event.iso_timestamp if field == "timestamp" else getattr(event, field) for field in fields}
    assert event.known_format
    assert given == fields


HEAD = '{"timestamp": "2026-11-20T10:00:01Z", "level": "ERROR", "message": '


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f'{HEAD}"x", "value": NaN}}', "x"),
        (f'{HEAD}"x", "value": 1e999}}', "x"),
        (f'{HEAD}"x", "value": 123456789012345678901234567890}}', "x"),
        (f'{HEAD}"a\\x09b"}}', "a\\x09b"),
        (f'{HEAD}"a\\x7fb"}}', "a\\x7fb"),
        (f'{HEAD}"a\\U000e0001b"}}', "a\\U000e0001b"),
        (f'{HEAD}"a\\ud800b"}}', "a\\ud800b"),
        (f'{HEAD}"a\\\\x1bb"}}', "a\\x1bb"),
        (f'{HEAD}"x"}}   ', "x"),
        (f'{HEAD}"x"}}\\x0d', "x"),
        (f'\\ufeff{HEAD}"x"}}', "x"),
        (f'\\x1e{HEAD}"x"}}', "x"),
        (f'  \\x09{HEAD}"x"}}', "x"),
        (f'{HEAD}"x"}}{HEAD}', "x"),
        ('{"level": "INFO", "timestamp": "2026-11-20T10:00:01Z", "level": "ERROR", "message": "x"}', "x"),
    ],
)
def test_an_odd_character_or_number_costs_no_record(text: str, message: str) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    (event,) = [*parser.feed(log_lines([text])), *parser.close()]
    assert isinstance(event, LogEvent)
    assert (event.level, event.message) == ("ERROR", message)


@pytest.mark.parametrize(
    "document",
    [
        {"message": "x", "level": "INFO"},
        {"level": "INFO", "message": "x", "timestamp": "yesterday"},
        {"message": "x", "level": "INFO", "timestamp": True},
        {"message": "x", "level": "INFO", "timestamp": -1},
        {"message": "x", "level": "INFO", "timestamp": 1e300},
        {"message": "x", "level": "INFO", "timestamp": "2026-02-30T10:00:01Z"},
        {},
    ],
)
def test_a_document_that_names_no_moment_is_no_known_format(document: object) -> None:
    assert not read(document).known_format


def test_a_torn_record_is_an_event_of_unread_form_of_its_own() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    texts = [json.dumps(OSLO), json.dumps(OSLO)[:60], json.dumps(OSLO)]
    found = [item for item in [*parser.feed(log_lines(texts)), *parser.close()] if isinstance(item, LogEvent)]
    assert [event.known_format for event in found] == [True, False, True]


def fields_a_line(style: str, number: int) -> list[str]:
    """Write one entry of the journal."""
    entry = {
        "__CURSOR": f"s={number}",
        "__REALTIME_TIMESTAMP": f"179516880{number}123456",
        "PRIORITY": "3",
        "SYSLOG_IDENTIFIER": "nova-compute",
        "_PID": "7",
        "MESSAGE": f"2026-11-20 10:00:0{number}.120 8 ERROR nova.compute.manager [-] Failed {number}",
    }
    if style == "export":
        return [*(f"{name}={value}" for name, value in entry.items()), ""]
    fields = [f'\\x09"{name}" : {json.dumps(value)}' for name, value in entry.items()]
    return ["{", *(f"{field}," for field in fields[:-1]), fields[-1], "}"]


@pytest.mark.parametrize("style", ["export", "json-pretty"])
def test_an_entry_of_the_journal_with_a_field_a_line_is_one_event(style: str) -> None:
    parser = Parser("journal", UTC, lambda: WRITTEN)
    texts = [text for number in range(3) for text in fields_a_line(style, number)]
    found = [
        item for item in [*parser.feed(log_lines(texts, "journal")), *parser.close()] if isinstance(item, LogEvent)
    ]
    assert [(event.message, event.level, event.service, event.pid) for event in found] == [
        (f"Failed {number}", "ERROR", "nova-compute", 8) for number in range(3)
    ]
    assert sum(1 + event.extra_lines for event in found) == len(texts)
    assert sum(event.length for event in found) == sum(len(text) + 1 for text in texts)


@pytest.mark.parametrize("style", ["export", "json-pretty"])
def test_an_entry_that_has_not_ended_is_given_with_all_its_lines(style: str) -> None:
    parser = Parser("journal", UTC, lambda: WRITTEN)
    texts = fields_a_line(style, 1)[:4]
    (event,) = [*parser.feed(log_lines(texts, "journal")), *parser.close()]
    assert isinstance(event, LogEvent)
    assert event.extra_lines == 3


def test_a_file_that_begins_with_a_brace_is_not_swallowed() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    texts = ["{", *(f"line {number}" for number in range(3_000)), oslo("read", stamp="2026-11-20 10:00:01.000")]
    found = [*parser.feed(log_lines(texts)), *parser.close()]
    assert any(isinstance(item, LogEvent) and item.message == "read" for item in found)
    assert sum(1 + item.extra_lines if isinstance(item, LogEvent) else 1 for item in found) == len(texts)


def test_controls_in_a_json_text_are_escaped() -> None:
    event = read({**OSLO, "message": "a\u001b[31mb\u202ec", "name": "n\u0007"})
    assert event.head == r"a\x1b[31mb\u202ec"
    assert event.logger == r"n\x07"


def test_json_lines_and_oslo_lines_may_be_mixed() -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    texts = [oslo("one", stamp="2018-06-27 05:21:44.000"), json.dumps(OSLO), "tail", oslo("two")]
    found = [*parser.feed(log_lines(texts)), *parser.close()]
    assert [item.head for item in found if isinstance(item, LogEvent)] == ["one", "Instance failed to spawn", "two"]
    assert isinstance(found[1], LogEvent)
    assert found[1].message.endswith("Boom\ntail")


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(), inner, max_size=3)),
    max_leaves=5,
)
names = [*OSLO, "timestamp", "level", "logger", "pid", "request_id", "instance_id", "service", "time"]


@given(st.dictionaries(st.sampled_from(names), values))
def test_no_document_is_refused(change: dict[str, object]) -> None:
    event = read({**OSLO, **change})
    assert event.message.replace("\n", "").isprintable()
    assert (event.logger + event.service + event.request_id + event.instance_id).isprintable()
    assert event.known_format == (event.timestamp is not None)
    assert event.iso_timestamp is None or event.iso_timestamp >= "1"


@pytest.mark.parametrize(
    "text",
    [
        r'{"time": "2026-11-20T10:00:01Z", "level": "error", "message": "no such file C:\path\to", "v": 1}',
        r'{"time": "2026-11-20T10:00:01Z", "level": "error", "message": "it\'s", "v": 1}',
        r'{"time": "2026-11-20T10:00:01Z", "level": "error", "message": "\u12", "v": 1}',
        '{"time": "2026-11-20T10:00:01Z", "level": "error", "message": "a", "v": [1, {"b": 2,},],}',
        '{"time": "2026-11-20T10:00:01Z", "level": "error", "message": "a, None }", "v": None, "w": True, "x": -NaN}',
    ],
)
def test_what_other_languages_write_for_json_costs_no_record(text: str) -> None:
    found = read_text(text)
    assert (found.level, found.iso_timestamp, found.known_format) == ("ERROR", "2026-11-20T10:00:01.000+00:00", True)


@pytest.mark.parametrize(
    ("stamp", "level", "logger"),
    [
        ("timestamp", "logLevel", "loggerName"),
        ("TimeStamp", "LogLevel", "Logger-Name"),
        ("Time", "Level", "LoggerName"),
        ("@t", "@l", "SourceContext"),
        ("event_time", "severity-text", "category"),
    ],
)
def test_names_of_fields_may_differ_in_case_hyphens_and_underscores(stamp: str, level: str, logger: str) -> None:
    found = read({stamp: "2026-11-20T10:00:01Z", level: "E", logger: "nova.compute.manager", "Message": "boom"})
    assert (found.iso_timestamp, found.level) == ("2026-11-20T10:00:01.000+00:00", "ERROR")
    assert (found.logger, found.message) == ("nova.compute.manager", "boom")


def test_a_journal_entry_without_a_head_is_read_by_the_fields_of_the_logging_library() -> None:
    found = read(
        {
            "__REALTIME_TIMESTAMP": "1795168801123456",
            "SYSLOG_IDENTIFIER": "nova-compute",
            "PRIORITY": "3",
            "MESSAGE": "Build failed",
            "LOGGER_NAME": "nova.compute.manager",
            "REQUEST_ID": "req-1",
        }
    )
    assert (found.level, found.logger, found.request_id) == ("ERROR", "nova.compute.manager", "req-1")
    assert (found.service, found.message) == ("nova-compute", "Build failed")


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "vm1", "created": "2026-11-20T10:00:00Z", "status": "ACTIVE"}',
        '{"name": "vm1", "message": "gone", "time": "2026-11-20T10:00:00Z"}',
    ],
)
def test_an_object_in_the_message_of_a_record_is_no_record(body: str) -> None:
    parser = Parser(SOURCE, UTC, lambda: WRITTEN)
    found = [*parser.feed(log_lines([oslo("RESP BODY:"), body])), *parser.close()]
    assert [item.extra_lines for item in found if isinstance(item, LogEvent)] == [1]
