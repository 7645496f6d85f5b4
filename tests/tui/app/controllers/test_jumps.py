"""Jumping to rows, without a screen."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from tests.helpers.events import scored_event
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.jumps import JumpController


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
