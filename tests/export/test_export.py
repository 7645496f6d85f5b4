from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision.flagging import FlaggingPolicy
from core.errors import OutputError
from core.events import Channel, Item, Reason, ScoredEvent
from core.export.document import (
    ExcerptCollector,
    Extract,
    Format,
    Model,
    Selection,
    encode_document,
    extract_rows,
    propose_path,
    write_document,
)
from core.export.eventjson import event_record
from core.history.history import History
from tests.helpers.events import notice, scored_event

MODEL = Model("ab" * 32, 415_873)
NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
streams = st.lists(
    st.one_of(
        st.builds(
            scored_event,
            st.none() | st.floats(0, 1),
            st.floats(0, 1e9),
            line=st.integers(1, 9),
            source=st.sampled_from(("a.log", "b.log")),
            template=st.sampled_from("xyz"),
        ),
        st.just(notice()),
    ),
    max_size=30,
)


def muted(event: ScoredEvent) -> bool:
    return event.template == "x"


def collected(stream: list[Item], threshold: float, context: int = 2) -> Extract:
    collector = ExcerptCollector(FlaggingPolicy(threshold, muted), before=context, after=context)
    for item in stream:
        if isinstance(item, ScoredEvent):
            collector.feed(item)
    return collector.extract()


def held(stream: list[Item]) -> History:
    history = History(muted=muted)
    history.extend(stream)
    return history


@given(streams, st.floats(0, 1), st.integers(0, 3))
def test_an_export_reads_back_as_exactly_the_flagged_events(stream: list[Item], threshold: float, context: int) -> None:
    document = collected(stream, threshold, context).document(MODEL, redacted=False)
    read = orjson.loads(encode_document(document))
    events = [item for item in stream if isinstance(item, ScoredEvent)]
    records = [event_record(event, FlaggingPolicy(threshold, muted)) for event in events]
    flagged = [n for n, record in enumerate(records) if record["flagged"] and not record["muted"]]
    expected = [
        records[n]
        | {"context": {"before": records[max(n - context, 0) : n], "after": records[n + 1 : n + 1 + context]}}
        for n in flagged
    ]
    assert read["events"] == orjson.loads(orjson.dumps(expected))
    scored = sum(event.score is not None for event in events)
    assert read["summary"]["sequence_length"] == scored
    assert read["summary"]["num_anomalies"] == len(flagged)
    assert read["summary"]["anomaly_rate"] == pytest.approx(100 * len(flagged) / scored if scored else 0, abs=1e-4)


@given(streams, st.floats(0, 1))
def test_the_app_and_the_command_export_the_same(stream: list[Item], threshold: float) -> None:
    history = held(stream)
    rows = history.alerting(threshold).nonzero()[0].tolist()
    ours = extract_rows(history, rows, threshold, before=2, after=2).document(MODEL, exported_at=NOW)
    theirs = collected(stream, threshold).document(MODEL, exported_at=NOW)
    assert sorted(ours.pop("sources")) == sorted(theirs.pop("sources"))
    assert ours == theirs


def test_the_document_says_what_made_it() -> None:
    document = collected([scored_event(0.9)], 0.5).document(MODEL, exported_at=NOW)
    assert list(document)[:7] == ["schema", "exported_at", "tool", "model", "threshold", "sources", "summary"]
    assert document["schema"] == "tailsight.flagged/1"
    assert document["exported_at"] == "2026-01-31T12:00:00+00:00"
    assert document["tool"].startswith("tailsight ")
    assert document["model"] == {"sha256": MODEL.sha256, "parameters": MODEL.parameters}
    assert document["sources"] == ["/var/log/nova/nova-compute.log"]


def test_chosen_rows_need_not_be_flagged_and_notices_are_left_out() -> None:
    history = held([scored_event(0.1, line=1), notice(), scored_event(0.9, line=2), scored_event(0.1, line=3)])
    document = extract_rows(history, [3, 1, 0], 0.5).document(MODEL, selection=Selection.MARKED)
    assert [event["line"] for event in document["events"]] == [1, 3]
    assert [event["line"] for event in document["events"][0]["context"]["after"]] == [2, 3]
    assert document["selection"] == "marked"
    assert document["summary"]["num_anomalies"] == 1


def test_secrets_are_redacted_wherever_they_stand_unless_told_otherwise() -> None:
    said = "login with password=hunter2"
    secret = scored_event(0.9, message=said, template=said, reasons=(Reason(Channel.NOVELTY, "new_template", said),))
    extract = collected([secret, scored_event(0.1, message=said), secret], 0.5)
    assert b"hunter2" not in encode_document(extract.document(MODEL))
    assert encode_document(extract.document(MODEL, redacted=False)).count(b"hunter2") == 2 * (3 + 2 + 3)


def test_json_lines_are_the_events_alone() -> None:
    document = collected([scored_event(0.9), scored_event(0.1), scored_event(0.8)], 0.5).document(MODEL)
    lines = encode_document(document, Format.JSON_LINES).splitlines()
    assert [orjson.loads(line) for line in lines] == orjson.loads(orjson.dumps(document["events"]))


def test_writing_says_how_many_events_there_are(tmp_path: Path) -> None:
    document = collected([scored_event(0.9)] * 3, 0.5).document(MODEL)
    path = tmp_path / "flagged.json"
    assert write_document(path, document) == 3
    assert len(orjson.loads(path.read_bytes())["events"]) == 3
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_an_existing_file_is_kept_by_default(tmp_path: Path) -> None:
    path = tmp_path / "flagged.json"
    path.write_text("mine")
    document = collected([], 0.5).document(MODEL)
    with pytest.raises(OutputError, match="exists already"):
        write_document(path, document)
    assert path.read_text() == "mine"
    write_document(path, document, overwrite=True)
    assert path.read_text() != "mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_proposed_name_is_not_taken(tmp_path: Path) -> None:
    first = propose_path(tmp_path, Selection.EPISODE, Format.JSON_LINES, NOW)
    assert first.name == "tailsight-episode-20260131-120000.jsonl"
    first.touch()
    second = propose_path(tmp_path, Selection.EPISODE, Format.JSON_LINES, NOW)
    second.touch()
    assert second.name == "tailsight-episode-20260131-120000-2.jsonl"
    assert propose_path(tmp_path, Selection.EPISODE, Format.JSON_LINES, NOW).name.endswith("-3.jsonl")
