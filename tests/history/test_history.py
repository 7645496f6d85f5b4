from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.decision.flagging import Flag, reaches
from core.decision.verdicts import VerdictKind
from core.events import LEVEL_RANK, LEVELS, Continuation, Item, LogLine, Notice, ScoredEvent
from core.history.history import LATE_LINES_KEPT, History, Row
from core.history.timeline import count_in_bins, nearest, span
from tests.helpers.events import notice, scored_event

SOURCES = ("a.log", "b.log", "c.log")
scores = st.none() | st.floats(0, 1)
stamps = st.none() | st.floats(0, 10_000)


def late(line: int, *, source: str = "a.log", text: str = "  more") -> Continuation:
    return Continuation(source, line, LogLine(source, line + 1, 0, 10, text))


@st.composite
def streams(draw: st.DrawFn) -> list[list[Item]]:
    batches: list[list[Item]] = []
    line = 0
    for _ in range(draw(st.integers(0, 6))):
        batch: list[Item] = []
        for _ in range(draw(st.integers(0, 12))):
            line += 1
            source = draw(st.sampled_from(SOURCES))
            match draw(st.integers(0, 5)):
                case 0:
                    batch.append(notice(source))
                case 1:
                    batch.append(late(draw(st.integers(1, line)), source=source))
                case _:
                    batch.append(
                        scored_event(
                            draw(scores),
                            draw(stamps),
                            source=source,
                            line=line,
                            level=draw(st.sampled_from(("", "INFO", "WARNING", "ERROR"))),
                            request_id=draw(st.sampled_from(("", "req-1", "req-2"))),
                        )
                    )
        batches.append(batch)
    return batches


class Model:
    """The same as a plain list."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.all: list[Row] = []
        self.late: dict[int, list[LogLine]] = {}

    @property
    def first(self) -> int:
        return max(len(self.all) - self.capacity, 0)

    @property
    def kept(self) -> list[Row]:
        return self.all[self.first :]

    def extend(self, items: list[Item]) -> None:
        self.all += [item for item in items if not isinstance(item, Continuation)]
        for item in items:
            if isinstance(item, Continuation):
                place = (item.source, item.event_line)
                own = [
                    row_id
                    for row_id, row in enumerate(self.all)
                    if row_id >= self.first
                    and isinstance(row, ScoredEvent)
                    and (row.event.source, row.event.line) == place
                ]
                if own:
                    self.late.setdefault(own[-1], []).append(item.line)


@given(streams(), st.integers(1, 20), st.floats(0, 1))
def test_the_ring_is_the_end_of_a_plain_list(batches: list[list[Item]], capacity: int, threshold: float) -> None:
    history, model = History(capacity), Model(capacity)
    for batch in batches:
        before = history.first_row_id
        extended = history.extend(batch)
        model.extend(batch)
        assert extended.appended == sum(not isinstance(item, Continuation) for item in batch)
        assert extended.evicted == history.first_row_id - before
    assert list(history) == model.kept
    assert history.first_row_id == model.first
    flagged = [isinstance(row, ScoredEvent) and reaches(row.score, threshold) for row in model.kept]
    assert history.alerting(threshold).tolist() == flagged
    assert history.count_alerting(threshold) == sum(flagged)
    for row in range(len(history)):
        lines = tuple(model.late.get(history.row_id(row), ()))
        assert history.late_lines(row) == lines
        assert history.late_count(row) == len(lines)
    for request in ("req-1", "req-2"):
        expected = [
            n for n, row in enumerate(model.kept) if isinstance(row, ScoredEvent) and row.event.request_id == request
        ]
        assert history.rows_of_request(request).tolist() == expected


@given(streams(), st.integers(1, 20), st.integers(1, 5), st.data())
def test_a_trail_is_the_newest_scores_of_its_source(
    batches: list[list[Item]], capacity: int, n: int, data: st.DataObject
) -> None:
    history = History(capacity)
    for batch in batches:
        history.extend(batch)
    row = data.draw(st.integers(0, len(history) - 1)) if len(history) else None
    for source in SOURCES:
        expected = [
            one.score
            for one in history[: None if row is None else row + 1]
            if isinstance(one, ScoredEvent) and one.score is not None and one.event.source == source
        ]
        assert history.trail(source, n, row).tolist() == expected[-n:]


@given(st.lists(st.booleans()), st.integers(-1, 12), st.sampled_from((1, -1)))
def test_the_next_wanted_row_is_the_nearest_in_its_direction(wanted: list[bool], row: int, direction: int) -> None:
    history = History()
    history.extend(scored_event(float(one)) for one in wanted)
    rows = [n for n, one in enumerate(wanted) if one and (n > row if direction > 0 else n < row)]
    expected = (rows[0] if direction > 0 else rows[-1]) if rows else None
    assert history.next(row, np.array(wanted, np.bool_), direction) == expected
    assert history.next(row, lambda one: isinstance(one, ScoredEvent) and one.score == 1.0, direction) == expected


@given(streams(), st.integers(1, 8), st.floats(0, 1))
def test_bins_hold_every_event_that_has_a_stamp(batches: list[list[Item]], n: int, threshold: float) -> None:
    history = History()
    for batch in batches:
        history.extend(batch)
    bins = count_in_bins(history, 0.0, 10_001.0, n, threshold)
    stamped = [row for row in history if isinstance(row, ScoredEvent) and row.event.timestamp is not None]
    assert bins.levels.shape == (n, len(LEVELS))
    assert len(bins.edges) == n + 1
    assert bins.levels.sum() == len(stamped)
    assert bins.flagged.sum() == sum(reaches(row.score, threshold) for row in stamped)
    for name, rank in LEVEL_RANK.items():
        level = "" if name == "unknown" else name
        assert bins.levels[:, rank].sum() == sum(row.event.level == level for row in stamped)


def test_bins_leave_out_what_is_outside_of_the_interval() -> None:
    history = History()
    history.extend(scored_event(0.9, stamp) for stamp in (9.0, 10.0, 14.9, 15.0, 19.9, 20.0))
    assert count_in_bins(history, 10.0, 20.0, 2, 0.5).flagged.tolist() == [2, 2]


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        count_in_bins(History(), 10.0, 10.0, 3, 0.5)


def test_an_id_outlives_the_eviction_of_older_rows() -> None:
    history = History(3)
    history.extend(scored_event(line=line) for line in (1, 2, 3))
    marked = history.row_id(2)
    gone = history.row_id(0)
    history.extend([scored_event(line=4), notice()])
    row = history.row_of(marked)
    assert row == 0
    kept = history[row]
    assert isinstance(kept, ScoredEvent)
    assert kept.event.line == 3
    assert history.row_of(gone) is None


def test_late_lines_touch_only_rows_that_were_shown_before() -> None:
    history = History()
    history.extend([scored_event(source="a.log", line=1)])
    extended = history.extend([scored_event(source="a.log", line=3), late(1), late(3), late(99)])
    assert extended.touched == {history.row_id(0)}
    assert history.late_count(1) == 1


def test_late_lines_of_an_evicted_event_are_dropped() -> None:
    history = History(1)
    history.extend([scored_event(source="a.log", line=1), late(1)])
    history.extend([scored_event(source="a.log", line=3)])
    assert history.late_lines(0) == ()
    assert history.late_count(0) == 0


def test_late_lines_are_counted_beyond_those_that_are_kept() -> None:
    history = History()
    history.extend([scored_event(source="a.log", line=1)])
    history.extend([late(1)] * (LATE_LINES_KEPT + 5))
    assert history.late_count(0) == LATE_LINES_KEPT + 5
    assert len(history.late_lines(0)) == LATE_LINES_KEPT


def test_a_late_line_belongs_to_the_newest_event_of_that_line() -> None:
    history = History()
    history.extend([scored_event(source="a.log", line=1), notice("a.log"), scored_event(source="a.log", line=1)])
    history.extend([late(1)])
    assert [history.late_count(row) for row in range(3)] == [0, 0, 1]


def test_muted_events_are_not_flagged_and_keep_their_score() -> None:
    history = History(muted=lambda row: row.template == "noise")
    history.extend([scored_event(0.9, template="noise"), scored_event(0.9), notice()])
    assert history.alerting(0.5).tolist() == [False, True, False]
    assert history.scores()[0] == 0.9
    history.remute(None)
    assert history.count_alerting(0.5) == 2
    history.remute(lambda row: True)
    assert history.count_alerting(0.5) == 0
    assert history.muted().tolist() == [True, True, False]


def test_what_is_normal_by_verdict_is_not_counted_and_what_is_real_is() -> None:
    said = {"usual": VerdictKind.NORMAL, "bad": VerdictKind.REAL}
    history = History(verdict_of=lambda row: said.get(row.template))
    history.extend([scored_event(0.9, template="usual"), scored_event(0.9, template="bad"), notice()])
    assert history.alerting(0.5).tolist() == [False, True, False]
    assert [history.flag(row, 0.5) for row in (0, 1)] == [
        Flag(flagged=True, muted=False, verdict=verdict) for verdict in said.values()
    ]
    assert [history.policy(0.5).is_alerting(row) for row in history if isinstance(row, ScoredEvent)] == [False, True]
    history.judge(None)
    assert history.count_alerting(0.5) == 2


def test_the_nearest_row_to_a_time_is_found_in_a_disordered_log() -> None:
    history = History()
    assert nearest(history, 5.0) is None
    history.extend([notice(), scored_event(0.1, 30.0), scored_event(0.1, 10.0), scored_event(None, None)])
    assert nearest(history, 12.0) == 2
    assert nearest(history, 1e9) == 1
    assert span(history) == (10.0, 30.0)


def test_a_history_without_stamps_spans_no_time() -> None:
    history = History()
    history.extend([notice(), scored_event(None, None)])
    assert span(history) is None
    assert nearest(history, 0.0) is None


def test_levels_compare_by_rank() -> None:
    history = History()
    history.extend([scored_event(level=level) for level in ("INFO", "WARNING", "ERROR", "", "CRITICAL")])
    history.extend([notice()])
    assert history.at_least("ERROR").tolist() == [False, False, True, False, True, False]
    assert history.at_least("WARNING", below="ERROR").tolist() == [False, True, False, False, False, False]


def test_clearing_evicts_all_rows_and_ids_continue() -> None:
    history = History()
    history.extend([scored_event(), notice()])
    history.clear()
    assert len(history) == 0
    assert history.first_row_id == 2
    history.extend([scored_event(line=7)])
    assert history.row_of(2) == 0


def test_a_batch_larger_than_the_ring_leaves_its_end() -> None:
    history = History(2)
    history.extend([scored_event(line=1)])
    extended = history.extend([scored_event(line=line) for line in range(2, 7)])
    assert (extended.appended, extended.evicted, history.first_row_id) == (5, 4, 4)
    assert [row.event.line for row in history if isinstance(row, ScoredEvent)] == [5, 6]


def test_columns_move_to_the_front_when_their_space_is_used_up() -> None:
    history = History(4)
    for line in range(5_000):
        history.extend([scored_event(line / 5_000, line=line)])
    assert history.scores().tolist() == [line / 5_000 for line in range(4_996, 5_000)]


def test_returned_columns_are_read_only() -> None:
    history = History()
    history.extend([scored_event()])
    with pytest.raises(ValueError, match="read-only"):
        history.scores()[0] = 1.0


def test_a_capacity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="1 or more"):
        History(0)


def test_an_empty_id_has_no_rows() -> None:
    history = History()
    history.extend([scored_event(), notice()])
    assert not len(history.rows_of_request(""))
    assert not len(history.rows_of_instance(""))


def test_the_rows_of_an_instance_come_from_all_sources() -> None:
    history = History()
    history.extend([scored_event(source=source, instance_id="f0e1") for source in SOURCES])
    history.extend([Notice("a.log", notice().kind, "f0e1")])
    assert history.rows_of_instance("f0e1").tolist() == [0, 1, 2]
