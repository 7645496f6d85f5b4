"""What a record says by itself, and how its severity is worded."""

from __future__ import annotations

from typing import Any

import pytest

from core.features.record import Record, read_records, severity_reason
from core.schema import CATEGORICAL
from tests.helpers.stream import batch_of, event, facts, reply

PLAIN = Record(False, False, 0, False, False, False, 0, 0, 0, 0)


def record(of: Any) -> Record:
    columns = read_records([event(), of], [facts(event()), facts(of)])
    found = Record(*(column.tolist()[1] for column in columns))
    assert batch_of([event(), of]).record(Record, 1) == found
    return found


def word(vocabulary: str, code: int) -> str:
    return CATEGORICAL[vocabulary][code]


@pytest.mark.parametrize(
    ("level", "severe", "warning", "known"),
    [
        ("TRACE", False, False, "TRACE"),
        ("DEBUG", False, False, "DEBUG"),
        ("INFO", False, False, "INFO"),
        ("AUDIT", False, False, "AUDIT"),
        ("WARNING", False, True, "WARNING"),
        ("ERROR", True, False, "ERROR"),
        ("CRITICAL", True, False, "CRITICAL"),
        ("", False, False, "unknown"),
        ("FATALISH", False, False, "unknown"),
    ],
)
def test_the_level_says_whether_a_record_is_severe_or_a_warning(
    level: str, severe: bool, warning: bool, known: str
) -> None:
    found = record(event(level=level))
    assert (found.severe, found.warning, word("level", found.level)) == (severe, warning, known)


@pytest.mark.parametrize(
    ("request_id", "instance", "expected"),
    [("", "", False), ("a", "", True), ("", "b", True), ("a", "b", True)],
)
def test_that_a_record_names_a_request_or_an_instance_is_told_and_not_which(
    request_id: str, instance: str, expected: bool
) -> None:
    assert record(event(request=request_id, instance=instance)).names_entity is expected


@pytest.mark.parametrize(
    ("of", "fails"),
    [
        (event("Done", level="ERROR"), True),
        (event("Done", level="CRITICAL"), True),
        (event("The connection was refused", level="WARNING"), False),
        (event("The connection was refused"), False),
        (event("The connection was refused", level=""), False),
        (event("The connection was refused", level="FATALISH"), False),
        (event("The connection was made", level=""), False),
        (event("Out of memory: Kill process 2931 (qemu-kvm)", level=""), True),
        (event("Out of memory: Kill process 2931 (qemu-kvm)", level="FATALISH"), True),
        (event("Out of memory: Kill process 2931 (qemu-kvm)"), False),
        (event("Out of memory: Kill process 2931 (qemu-kvm)", level="WARNING"), False),
        (reply(status=500), True),
        (reply(status=499), False),
        (reply(status=404), False),
    ],
)
def test_a_failure_is_an_error_a_reply_of_5xx_or_without_a_level_what_reports_one(of: Any, fails: bool) -> None:
    assert record(of).reports_failure is fails
    assert batch_of([of]).column("reports_failure").tolist() == [fails]


@pytest.mark.parametrize(("of", "status"), [(reply(status=404), 404), (reply(status=503), 503), (event(), 0)])
def test_the_status_of_a_reply_is_evidence_as_it_is(of: Any, status: int) -> None:
    assert batch_of([of]).column("http_status").tolist() == [status]


@pytest.mark.parametrize(
    ("status", "known"),
    [(200, "2xx"), (301, "3xx"), (403, "4xx"), (404, "404"), (405, "4xx"), (500, "5xx"), (599, "5xx")],
)
def test_a_reply_has_its_method_its_status_and_its_kind(status: int, known: str) -> None:
    found = record(reply(status=status))
    assert word("method", found.method) == "GET"
    assert word("status", found.status) == known
    assert word("kind", found.kind) == "http_reply"


def test_a_message_without_a_request_has_neither_method_nor_status() -> None:
    found = record(event("Something happened"))
    assert (found.method, found.status) == (0, 0)


@pytest.mark.parametrize(("status", "code"), [(-1, 0), (0, 0), (99, 0), (600, 0), (10_000, 0)])
def test_a_status_out_of_range_is_unknown(status: int, code: int) -> None:
    odd = facts(reply())._replace(status=status)
    assert read_records([reply()], [odd]).status.tolist() == [code]


def test_failure_keywords_are_a_fact_of_the_message() -> None:
    assert record(event("The connection was refused")).failure_words
    assert not record(event("The connection was made")).failure_words


def test_what_reports_a_failure_without_a_level_is_worded_so() -> None:
    reports = PLAIN._replace(reports_failure=True, failure_words=True)
    found = severity_reason(reports, ""), severity_reason(reports._replace(severe=True), "ERROR")
    assert [reason and reason.text for reason in found] == [
        "the message reports a failure",
        "level ERROR, with a failure keyword",
    ]
    assert severity_reason(PLAIN._replace(reports_failure=True, http_status=503), "") is None


@pytest.mark.parametrize(
    ("severe", "warning", "failure_words", "text"),
    [
        (True, False, False, "level ERROR"),
        (True, False, True, "level ERROR, with a failure keyword"),
        (False, True, False, "level ERROR"),
        (False, True, True, "level ERROR, with a failure keyword"),
        (False, False, True, "the message has a failure keyword"),
        (False, False, False, None),
    ],
)
def test_severity_is_worded_by_level_and_keyword(
    severe: bool, warning: bool, failure_words: bool, text: str | None
) -> None:
    found = severity_reason(PLAIN._replace(severe=severe, warning=warning, failure_words=failure_words), "ERROR")
    assert (found and found.text) == text
    assert found is None or (found.value, found.usual) == (None, None)
