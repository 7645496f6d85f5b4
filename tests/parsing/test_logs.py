"""Complete logs are merged in the order in which they would have been watched."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.events import LogEvent, LogLine
from core.parsing import EventStream, merge_logs
from tests.helpers.lines import log_lines, oslo, split_at

Writes = list[tuple[str, int]]


def stamp(milliseconds: int) -> str:
    return f"2018-06-26 08:{milliseconds // 60_000:02}:{milliseconds // 1_000 % 60:02}.{milliseconds % 1_000:03}"


def written(writes: Writes) -> list[LogLine]:
    """Lines in the order in which they were written, each some time after the one before it."""
    now = 0
    texts: list[tuple[str, str]] = []
    for source, step in writes:
        now += step
        texts.append((source, oslo(f"message {len(texts)}", stamp=stamp(now))))
    lines = {source: iter(log_lines([text for at, text in texts if at == source], source)) for source, _ in texts}
    return [next(lines[source]) for source, _ in texts]


def messages(found: object) -> list[str]:
    assert isinstance(found, list)
    return [item.message for item in found if isinstance(item, LogEvent)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2_000)), max_size=40), st.lists(st.integers(0, 99)))
def test_they_come_as_they_would_have_come_one_line_after_the_other(writes: Writes, cuts: list[int]) -> None:
    every_log = [(source, 1_000) for source in "abcabc"]  # what is open at the end is closed log by log
    lines = written([*every_log, *writes, *every_log])
    stream = EventStream()
    watched = [*stream.feed(lines), *stream.quiet()]
    logs = {source: split_at([line for line in lines if line.source == source], cuts) for source in "cab"}
    assert messages(list(merge_logs(logs))) == messages(watched)


def test_an_event_without_a_stamp_keeps_its_place_in_its_log() -> None:
    logs = {
        "a": [log_lines([oslo("one", stamp=stamp(0)), "no stamp here", oslo("three", stamp=stamp(2_000))], "a")],
        "b": [log_lines([oslo("two", stamp=stamp(1_000)), oslo("four", stamp=stamp(3_000))], "b")],
    }
    assert messages(list(merge_logs(logs)))[:1] == ["one\nno stamp here"]
    assert messages(list(merge_logs(logs)))[1:] == ["two", "three", "four"]


def test_a_log_that_goes_back_in_time_is_not_held_up_by_the_others() -> None:
    logs = {
        "a": [log_lines([oslo("late", stamp=stamp(50_000)), oslo("early", stamp=stamp(1_000))], "a")],
        "b": [log_lines([oslo("middle", stamp=stamp(20_000)), oslo("last", stamp=stamp(60_000))], "b")],
    }
    assert messages(list(merge_logs(logs))) == ["middle", "late", "early", "last"]


def test_no_logs_have_no_events() -> None:
    assert list(merge_logs({})) == []
    assert list(merge_logs({"a": [[]], "b": []})) == []
