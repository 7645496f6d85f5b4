"""Searching, without a screen."""

from __future__ import annotations

import asyncio

from tests.helpers.screen import some_events, update
from tests.helpers.view import view_of
from tui.app.controllers.search import NOTICE_SECONDS, SearchController


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
