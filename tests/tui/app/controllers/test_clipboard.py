"""Copying, without a screen."""

from __future__ import annotations

from tests.helpers.events import notice, scored_event
from tests.helpers.view import view_of
from tui.app.controllers.clipboard import ClipboardController


def test_an_event_is_copied_with_all_its_lines_and_without_controls() -> None:
    session, view = view_of([scored_event(message="first\n  second\x1b[2J"), notice("/l/a.log", "rotated")])
    clipboard = ClipboardController(session, view)
    clipboard.copy()
    assert (view.copied, view.message) == ("/l/a.log: rotated", "copied 1 line")
    view.table.move_to(0)
    clipboard.copy()
    assert view.copied.split("\n")[1:] == ["  second\\x1b[2J"]
    assert view.message == "copied 2 lines"


def test_an_empty_table_has_nothing_to_copy() -> None:
    session, view = view_of([])
    ClipboardController(session, view).copy()
    assert (view.copied, view.message) == ("", "")
