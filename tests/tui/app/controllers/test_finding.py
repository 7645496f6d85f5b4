"""Jumps, marks and search without a screen."""

from __future__ import annotations

import asyncio

import pytest

from core.errors import UsageError
from tests.helpers.events import scored_event
from tests.helpers.screen import some_events, update
from tests.helpers.view import view_of
from tui.app.controllers.jumps import JumpController
from tui.app.controllers.marks import MarkController
from tui.app.controllers.search import NOTICE_SECONDS, SearchController


def test_from_the_followed_end_the_next_anomaly_is_the_newest() -> None:
    session, view = view_of(some_events(50))
    jumps = JumpController(session, view)
    jumps.anomaly(1)
    assert view.table.cursor == 49
    jumps.anomaly(-1)
    assert view.table.cursor == 39
    jumps.anomaly(1)
    jumps.anomaly(1)
    assert (view.table.cursor, view.message, view.warned) == (49, "no further anomaly at 0.50", True)


def test_errors_and_warnings_are_apart() -> None:
    session, view = view_of([scored_event(level=level) for level in ("WARNING", "INFO", "CRITICAL", "INFO")])
    jumps = JumpController(session, view)
    jumps.error(-1)
    assert view.table.cursor == 2
    jumps.error(-1)
    assert view.message == "no earlier error"
    jumps.warning(-1)
    assert view.table.cursor == 0


@pytest.mark.parametrize(("text", "row"), [("00:00:07", 6), ("-10s", 39), ("+5s", 24)])
def test_a_time_is_relative_to_the_cursor_or_to_the_newest_event(text: str, row: int) -> None:
    session, view = view_of(some_events(50))
    view.table.move_to(19)
    JumpController(session, view).ask_time()
    view.answer(text)
    assert view.table.cursor == row


def test_without_times_there_is_none_to_go_to() -> None:
    session, view = view_of([])
    JumpController(session, view).ask_time()
    with pytest.raises(UsageError, match="no event has a time yet"):
        view.answer("-10s")


def test_marks_are_visited_in_both_directions() -> None:
    session, view = view_of(some_events(10))
    marks = MarkController(session, view)
    for row in (2, 7):
        view.table.move_to(row)
        marks.toggle()
        assert view.message.startswith("marked")
    marks.go(-1)
    assert view.table.cursor == 2
    marks.go(-1)
    assert view.message == "no earlier mark: m sets one"
    marks.toggle()
    assert view.message.startswith("unmarked")
    assert session.marks == {7}


async def test_a_near_match_is_found_at_once_and_a_far_one_in_the_background() -> None:
    session, view = view_of(some_events(5_000))
    search = SearchController(session, view)
    view.table.move_to_top()
    search.ask()
    view.answer("number 9$")
    assert (view.table.cursor, view.tasks) == (8, [])
    view.answer("number 4999$")
    assert view.table.cursor == 8
    await asyncio.gather(*view.tasks)
    assert view.table.cursor == 4_998


async def test_another_search_ends_the_one_before() -> None:
    session, view = view_of(some_events(5_000))
    search = SearchController(session, view)
    view.table.move_to_top()
    search.ask()
    view.answer("number 4999$")
    view.answer("number 4000$")
    await asyncio.gather(*view.tasks, return_exceptions=True)
    assert view.tasks[0].cancelled()
    assert view.table.cursor == 3_999


async def test_a_search_whose_pattern_is_removed_ends_without_a_message() -> None:
    session, view = view_of(some_events(5_000))
    search = SearchController(session, view)
    search.ask()
    view.answer("no such text")
    assert search.clear()
    await asyncio.gather(*view.tasks)
    assert view.message == ""


async def test_a_long_search_says_so() -> None:
    session, view = view_of(some_events(5_000))
    now = iter([0.0, NOTICE_SECONDS * 2, *[9.0] * 20])
    search = SearchController(session, view, clock=lambda: next(now))
    search.ask()
    view.answer("no such text")
    await asyncio.sleep(0)
    assert view.message == "searching…"
    await asyncio.gather(*view.tasks)
    assert view.message == "no event matches no such text"


def test_without_a_pattern_there_is_no_next_match() -> None:
    session, view = view_of(some_events(5))
    search = SearchController(session, view)
    search.find(1)
    assert view.message == "no pattern yet: / asks for one"
    assert not search.clear()


def test_an_empty_pattern_removes_the_highlights() -> None:
    session, view = view_of(some_events(5))
    search = SearchController(session, view)
    search.ask()
    view.answer("event")
    assert session.pattern is not None
    view.answer("")
    assert session.pattern is None


def test_a_match_that_a_filter_hides_is_not_found() -> None:
    session, view = view_of(some_events(20))
    session.only_flagged = True
    session.apply_filters()
    session.take(update([]), 1.0)
    search = SearchController(session, view)
    search.ask()
    view.answer("number 5$")
    assert view.message == "no event matches number 5$"
