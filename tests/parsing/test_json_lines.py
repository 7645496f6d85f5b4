from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import LogEvent
from core.parsing import Parser
from tests.helpers.lines import SOURCE, log_lines, oslo

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
    "traceback": ["Traceback (most recent call last):\n", '  File "a.py", line 1\n    raise\n', "Boom\n"],
    "hostname": "compute-1",
    "context": {"request_id": "req-1", "instance": "[instance: b9000564-fe1a-409b-b8cc-1e88b294cd1d] "},
}


def read(document: object, source: str = SOURCE) -> LogEvent:
    parser = Parser(source)
    found = [*parser.feed(log_lines([json.dumps(document)], source)), *parser.close()]
    assert len(found) == 1
    event = found[0]
    assert isinstance(event, LogEvent)
    return event


def test_the_json_formatter_of_oslo_is_read() -> None:
    event = read(OSLO)
    assert event.iso_timestamp == "2018-06-27T05:21:45.000"
    assert (event.level, event.logger, event.pid) == ("ERROR", "nova.compute.manager", 4242)
    assert (event.request_id, event.instance_id) == ("req-1", "b9000564-fe1a-409b-b8cc-1e88b294cd1d")
    assert event.head == "Instance failed to spawn"
    assert event.message.endswith("    raise\nBoom")
    assert event.extra_lines == 4


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
    assert (event.request_id, event.message, event.extra_lines) == ("req-2", "slow\nvery", 1)


def test_a_number_is_a_stamp_too() -> None:
    assert read({"timestamp": 1_530_076_905.375, "level": "info", "message": "x"}).timestamp == 1_530_076_905.375


@pytest.mark.parametrize(
    "document",
    [
        {"message": "x", "level": "INFO"},
        {"message": "x", "timestamp": "2018-06-27T05:21:45"},
        {"level": "INFO", "timestamp": "2018-06-27T05:21:45"},
        {"message": "x", "level": "INFO", "timestamp": "yesterday"},
        {"message": "x", "level": "INFO", "timestamp": True},
        {"message": "x", "level": "INFO", "timestamp": -1},
        {"message": "x", "level": "INFO", "timestamp": 1e300},
        {"message": ["x"], "level": "INFO", "timestamp": 1},
        {},
    ],
)
def test_a_document_that_is_no_event_is_no_known_format(document: object) -> None:
    assert not read(document).known_format


def test_controls_in_a_json_text_are_escaped() -> None:
    event = read({**OSLO, "message": "a\u001b[31mb\u202ec", "name": "n\u0007"})
    assert event.head == r"a\x1b[31mb\u202ec"
    assert event.logger == r"n\x07"


def test_json_lines_and_oslo_lines_may_be_mixed() -> None:
    parser = Parser(SOURCE)
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
