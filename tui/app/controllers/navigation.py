"""Moving the cursor and the view."""

from __future__ import annotations

from typing import Final

from tui.app.controllers.timeline import TimelineController
from tui.app.view import Pane, View
from tui.session.session import Session

SHIFT_CELLS: Final = 16
"""How far messages scroll sideways at a time."""


class NavigationController:
    """Moves by rows and pages, follows the end, freezes the rows."""

    def __init__(self, session: Session, view: View, timeline: TimelineController) -> None:
        self._session, self._view, self._timeline = session, view, timeline

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows."""
        self._view.table.move(rows)

    def page(self, pages: float) -> None:
        """Move by so many pages: the detail where it is open, else the cursor."""
        if self._view.is_open(Pane.DETAIL):
            self._view.scroll_detail(pages)
        else:
            self._view.table.move_page(pages)

    def go_to_top(self) -> None:
        """Go to the first row."""
        self._view.table.move_to_top()

    def go_to_end(self) -> None:
        """Go to the last row, and follow."""
        self._view.table.follow()

    def toggle_follow(self) -> None:
        """Follow the end, or stop following."""
        if self._view.table.following:
            self._view.table.release()
        else:
            self._session.frozen = False
            self._view.table.follow()

    def toggle_freeze(self) -> None:
        """Freeze the visible rows while scoring goes on, or show the new ones."""
        self._session.frozen = not self._session.frozen
        self._view.draw()

    def go_sideways(self, direction: int) -> None:
        """Go to the next interval of the timeline where it is open, else scroll messages; -1 is left."""
        if self._view.is_open(Pane.TIMELINE):
            self._timeline.step(direction)
        else:
            self._view.table.shift(direction * SHIFT_CELLS)
