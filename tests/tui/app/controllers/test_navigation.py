"""Navigation, panes and timeline without a screen."""

from __future__ import annotations

import pytest

from tests.helpers.screen import some_events
from tests.helpers.view import FakeView, view_of
from tui.app.controllers.navigation import SHIFT_CELLS, NavigationController
from tui.app.controllers.panes import PaneController
from tui.app.controllers.threshold import ThresholdController
from tui.app.controllers.timeline import TimelineController
from tui.app.dispatch import first_of
from tui.app.view import Pane
from tui.session.session import Session

START = 1_494_892_800.0


@pytest.fixture
def parts() -> tuple[Session, FakeView]:
    return view_of(some_events(50))


def navigation(session: Session, view: FakeView) -> NavigationController:
    return NavigationController(session, view, TimelineController(session, view))


def test_a_page_scrolls_the_detail_where_it_is_open(parts: tuple[Session, FakeView]) -> None:
    view = parts[1]
    navigation(*parts).page(-1.0)
    assert (view.table.cursor, view.scrolled) == (39, 0.0)
    view.show_pane(Pane.DETAIL, shown=True)
    navigation(*parts).page(0.5)
    assert (view.table.cursor, view.scrolled) == (39, 0.5)


def test_following_again_thaws_frozen_rows(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    controller = navigation(session, view)
    controller.toggle_freeze()
    controller.toggle_follow()
    assert (session.frozen, view.table.following) == (True, False)
    controller.toggle_follow()
    assert (session.frozen, view.table.following) == (False, True)


def test_sideways_is_along_the_timeline_where_it_is_open(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    controller = navigation(session, view)
    controller.go_sideways(1)
    assert view.table.shifted == SHIFT_CELLS
    view.show_pane(Pane.TIMELINE, shown=True)
    controller.go_sideways(1)
    assert view.table.cursor == 49
    view.neighbour = START + 6
    controller.go_sideways(-1)
    assert (view.table.shifted, view.table.cursor) == (SHIFT_CELLS, 5)


def test_zoom_opens_the_timeline_and_reports_its_limits(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    timeline = TimelineController(session, view)
    timeline.zoom(1)
    assert view.is_open(Pane.TIMELINE)
    timeline.zoom(1)
    assert view.message == ""
    timeline.zoom(1)
    assert view.message == "the zoom is at its limit"
    timeline.zoom(-1)
    assert view.message == "the whole history is shown"


def test_enter_commits_a_trial_before_it_opens_the_detail(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    panes = PaneController(session, view, ThresholdController(session, view, None))
    session.try_threshold(0.7)
    panes.enter()
    assert (session.committed, view.open_panes) == (0.7, set())
    panes.enter()
    assert view.open_panes == {Pane.DETAIL}
    panes.enter()
    assert view.open_panes == set()


def test_an_empty_table_has_no_detail() -> None:
    session, view = view_of([])
    PaneController(session, view, ThresholdController(session, view, None)).enter()
    assert view.open_panes == set()


def test_panes_close_one_by_one_the_detail_first(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    panes = PaneController(session, view, ThresholdController(session, view, None))
    panes.toggle(Pane.TIMELINE)
    panes.toggle(Pane.DETAIL)
    assert panes.close()
    assert view.open_panes == {Pane.TIMELINE}
    assert panes.close()
    assert not panes.close()


def test_only_the_first_step_that_does_something_runs() -> None:
    done: list[int] = []

    def step(number: int) -> bool:
        done.append(number)
        return number == 2

    first_of(lambda: step(1), lambda: step(2), lambda: step(3))()
    assert done == [1, 2]
