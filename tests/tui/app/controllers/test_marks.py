"""Marking rows, without a screen."""

from __future__ import annotations

from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.marks import MarkController


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
