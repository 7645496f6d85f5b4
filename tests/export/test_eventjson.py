from __future__ import annotations

import orjson
from hypothesis import given
from hypothesis import strategies as st

from core.decision.flagging import FlaggingPolicy
from core.events import Channel, Reason, ScoredEvent
from core.export.eventjson import encode_batch, event_record
from tests.helpers.events import FIELDS, scored_event

SLOW = Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8", 41.8, 19.8, weight=2.5)


def test_fields_come_in_the_documented_order() -> None:
    assert list(event_record(scored_event(), FlaggingPolicy(0.5))) == FIELDS
    assert list(orjson.loads(encode_batch([scored_event()], FlaggingPolicy(0.5)))) == FIELDS


def test_missing_values_of_a_record_are_null() -> None:
    record = event_record(scored_event(None, None, level="", service=""), FlaggingPolicy(0.5))
    for name in ("timestamp", "level", "service", "request_id", "instance_id", "score"):
        assert record[name] is None
    assert record["flagged"] is False
    assert record["state"] == "unknown_format"


def test_reasons_are_given_for_flagged_events_without_their_weight() -> None:
    event = scored_event(0.9, reasons=(SLOW,))
    (reason,) = event_record(event, FlaggingPolicy(0.5))["reasons"]
    assert reason == {
        "channel": "network",
        "feature": "duration_z",
        "text": "spawn took 41.8 s, usually 19.8",
        "value": 41.8,
        "usual": 19.8,
    }
    assert event_record(event, FlaggingPolicy(0.95))["reasons"] == []


def test_a_muted_event_keeps_its_score_and_says_that_it_is_muted() -> None:
    record = event_record(scored_event(0.9), FlaggingPolicy(0.5, lambda _: True))
    assert (record["score"], record["flagged"], record["muted"]) == (0.9, True, True)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_written_score_says_what_flagged_says(score: float, threshold: float) -> None:
    record = event_record(scored_event(score), FlaggingPolicy(threshold))
    assert record["score"] == score
    assert record["flagged"] == (record["score"] >= threshold)


MESSAGES = st.text() | st.sampled_from(['},{"seq":', '"},{"seq":', '\\"},{"seq":', "\\"])


@given(st.lists(st.builds(scored_event, st.none() | st.floats(0, 1), message=MESSAGES)), st.floats(0, 1))
def test_a_batch_is_its_events_one_line_each(events: list[ScoredEvent], threshold: float) -> None:
    policy = FlaggingPolicy(threshold)
    data = encode_batch(events, policy)
    assert data == b"".join(orjson.dumps(event_record(event, policy)) + b"\n" for event in events)
    assert data.count(b"\n") == len(events)


def test_a_batch_can_be_muted() -> None:
    policy = FlaggingPolicy(0.5, lambda event: event.template == "a")
    lines = encode_batch([scored_event(0.9, template=name) for name in "ab"], policy)
    assert [orjson.loads(line)["muted"] for line in lines.splitlines()] == [True, False]


def test_a_file_name_that_is_no_utf8_is_escaped() -> None:
    event = scored_event(0.9, source="/var/log/\udcff.log", reasons=(SLOW,))
    assert orjson.loads(encode_batch([event], FlaggingPolicy(0.5)))["source"] == r"/var/log/\udcff.log"


def test_the_event_of_a_silence_has_no_line() -> None:
    record = event_record(scored_event(0.9, line=0), FlaggingPolicy(0.5))
    assert (record["line"], record["lines"]) == (None, 0)
