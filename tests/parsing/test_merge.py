from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Continuation, LogEvent, LogLine, Notice, NoticeKind
from core.parsing import EventStream, Merger, Parser
from core.parsing.merge import Merged
from tests.helpers.lines import log_lines, oslo, split_at

BASE = 1_530_000_000


def event(source: str, seconds: float, message: str = "text", line: int = 1) -> LogEvent:
    return LogEvent(source, line, 0, 1, BASE + seconds, None, "INFO", "", "a", 1, "", "", message, "")


def at(seconds: float) -> str:
    milliseconds = round(seconds * 1000)
    return f"2018-06-26 08:{milliseconds // 60_000:02}:{milliseconds // 1000 % 60:02}.{milliseconds % 1000:03}"


def order(found: Sequence[Merged]) -> list[tuple[str, str]]:
    return [(item.source, item.message if isinstance(item, LogEvent) else type(item).__name__) for item in found]


def test_two_sources_come_in_the_order_of_their_stamps() -> None:
    merger = Merger()
    found = merger.push([event("b", 0.0), event("a", 0.1), event("a", 0.3, "second"), event("b", 0.2), event("b", 9.0)])
    assert order(found)[-3:] == [("a", "text"), ("b", "text"), ("a", "second")]


def test_one_source_is_not_held() -> None:
    assert len(Merger().push([event("a", 0.0), event("a", 0.0)])) == 2


def test_nothing_is_held_longer_than_the_hold() -> None:
    merger = Merger()
    merger.push([event("a", 0.0), event("b", 0.0, "held")])
    assert order(merger.push([event("a", 0.25)])) == [("b", "held")]


def test_equal_stamps_are_ordered_by_source_and_then_as_they_came() -> None:
    merger = Merger()
    merger.push([event("x", -1.0), event("b", 0.0, "1"), event("a", 0.0, "2"), event("b", 0.0, "3")])
    assert order(merger.flush())[-3:] == [("a", "2"), ("b", "1"), ("b", "3")]


def test_notices_and_late_lines_stay_behind_what_came_before_them_from_their_source() -> None:
    merger = Merger()
    late = Continuation("b", 1, LogLine("b", 2, 0, 1, "late"))
    notice = Notice("b", NoticeKind.ROTATED, "rotated")
    merger.push([event("a", 0.0), event("b", 0.1), late, notice, event("a", 0.05)])
    assert order(merger.flush()) == [("a", "text"), ("b", "text"), ("b", "Continuation"), ("b", "Notice")]


def test_a_source_that_goes_back_in_time_has_what_is_held_given_first() -> None:
    merger = Merger()
    merger.push([event("a", 100.0), event("b", 100.0, "held")])
    assert order(merger.push([event("b", 50.0, "earlier")]))[0] == ("b", "held")


def test_a_stamp_far_in_the_future_does_not_hold_its_event_for_ever() -> None:
    merger = Merger()
    merger.push([event("a", 0.0), event("b", 1e9, "future")])
    found = merger.push(event("a", index / 1000) for index in range(30_000))
    assert ("b", "future") in order(found)


@pytest.mark.parametrize("hold", [-0.1, 0.3, float("nan")])
def test_a_hold_beyond_a_quarter_of_a_second_is_refused(hold: float) -> None:
    with pytest.raises(ValueError, match="hold must be"):
        Merger(hold)


moments = st.integers(0, 20).map(lambda tick: tick / 10)
events = st.lists(st.tuples(st.sampled_from("abc"), moments), max_size=30).map(
    lambda made: [event(source, seconds, str(index)) for index, (source, seconds) in enumerate(made)]
)
cuts = st.lists(st.integers(0, 100), max_size=6)


@given(events, cuts)
def test_any_split_of_the_items_gives_the_same_order(items: list[LogEvent], where: list[int]) -> None:
    whole, parts = Merger(), Merger()
    expected = [*whole.push(items), *whole.flush()]
    assert [item for part in split_at(items, where) for item in parts.push(part)] + parts.flush() == expected
    assert sorted(order(expected)) == sorted(order(items))


@given(events)
def test_items_of_one_source_never_overtake_each_other(items: list[LogEvent]) -> None:
    merger = Merger()
    found = [*merger.push(items), *merger.flush()]
    for source in "abc":
        assert [item for item in found if item.source == source] == [item for item in items if item.source == source]


@given(st.lists(st.tuples(st.sampled_from("ab"), moments), min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_sources_that_lag_less_than_the_hold_come_out_sorted(made: list[tuple[str, float]], random: object) -> None:
    assert hasattr(random, "uniform")
    sent = sorted(((seconds, source) for source, seconds in made), key=lambda pair: (pair[0], pair[1]))
    lag = {source: random.uniform(0, 0.2) for source in "ab"}
    arriving = sorted(sent, key=lambda pair: pair[0] + lag[pair[1]])
    merger = Merger()
    start = [event("a", -10.0), event("b", -10.0)]
    found = [*merger.push([*start, *(event(source, seconds) for seconds, source in arriving)]), *merger.flush()]
    assert [(item.timestamp, item.source) for item in found[2:] if isinstance(item, LogEvent)] == [
        (BASE + seconds, source) for seconds, source in sent
    ]


def test_a_quiet_source_is_not_waited_for() -> None:
    quiet = log_lines([oslo("quiet", stamp=at(0.1))], "quiet")
    busy = log_lines([oslo(str(tick), stamp=at(tick)) for tick in range(10)], "busy")
    found = EventStream().feed([*quiet, *busy])
    assert order(found)[:3] == [("busy", "0"), ("quiet", "quiet"), ("busy", "1")]


def test_a_quiet_source_is_not_waited_for_even_if_it_was_alone_at_first() -> None:
    stream = EventStream()
    stream.feed(log_lines([oslo("quiet", stamp=at(0.1))], "quiet"))
    busy = log_lines([oslo(str(tick), stamp=at(tick)) for tick in range(1, 10)], "busy")
    assert order(stream.feed(busy))[0] == ("quiet", "quiet")


def test_one_source_gives_what_its_parser_gives() -> None:
    lines = log_lines([oslo(str(tick), stamp=at(tick)) for tick in range(5)], "busy")
    stream, parser = EventStream(), Parser("busy")
    assert stream.feed(lines) == parser.feed(lines)
    assert stream.quiet() == parser.close()


def test_notices_pass_in_their_place() -> None:
    first, second = log_lines([oslo("1", stamp=at(1)), oslo("2", stamp=at(2))], "busy")
    stream = EventStream()
    found = [*stream.feed([first, Notice("busy", NoticeKind.ROTATED, "rotated"), second]), *stream.quiet()]
    assert order(found)[-1] == ("busy", "2")
    assert ("busy", "Notice") in order(found)


lines = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.one_of(
            st.builds(
                oslo,
                st.sampled_from(["1", "2", "  3"]),
                stamp=moments.map(at),
                level=st.sampled_from(["INFO", "ERROR"]),
                context=st.sampled_from(["", "[-] "]),
            ),
            st.just("bare"),
        ),
    ),
    max_size=30,
).map(
    lambda made: [
        line._replace(source=source)
        for (source, _), line in zip(made, log_lines(text for _, text in made), strict=True)
    ]
)


@given(lines, cuts)
def test_any_split_of_the_lines_of_many_sources_gives_the_same_stream(items: list[LogLine], where: list[int]) -> None:
    whole, parts = EventStream(), EventStream()
    expected = [*whole.feed(items), *whole.quiet()]
    assert [item for part in split_at(items, where) for item in parts.feed(part)] + parts.quiet() == expected
