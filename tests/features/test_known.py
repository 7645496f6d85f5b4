"""Which parsed records features are made of."""

from __future__ import annotations

from core.events import Continuation, LogEvent, LogLine, Notice, NoticeKind
from core.features.known import known_events, read_events
from core.templates import Templater
from tests.helpers.lines import SOURCE, log_lines, oslo
from tests.helpers.stream import event, facts


def test_events_of_a_known_format_are_picked_with_the_facts_of_their_first_line() -> None:
    one, unknown = event("one\nmore of it"), event("two")._replace(known_format=False)
    notice = Notice("a", NoticeKind.ROTATED, "rotated")
    found = known_events(
        [notice, one, unknown, Continuation("a", 1, LogLine("a", 2, 0, 1, "x")), event("3")], Templater()
    )
    assert found.events == (one, event("3"))
    assert found.facts == (facts(event("one")), facts(event("3")))


def test_the_logger_is_a_part_of_what_a_message_says() -> None:
    of = event("Bad response code", logger="urllib3.connectionpool")
    assert known_events([of], Templater()).facts[0].template.kind == facts(of).template.kind


def test_lines_are_read_to_the_end_of_the_stream() -> None:
    stamps = [f"2018-06-27 05:21:4{second}.000" for second in range(3)]
    lines = log_lines([oslo(f"message {stamp[-5]}", stamp=stamp) for stamp in stamps])
    found = read_events(lines, Templater())
    assert [each.message for each in found.events] == ["message 0", "message 1", "message 2"]
    assert all(isinstance(each, LogEvent) and each.source == SOURCE for each in found.events)
    assert len(found.facts) == 3
