"""Zooming the timeline, and moving along it."""

from __future__ import annotations

from core.history.timeline import nearest
from tui.app.view import Pane, View
from tui.session.session import Session


class TimelineController:
    """Moves by intervals of the timeline."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def zoom(self, steps: int) -> None:
        """Zoom in (1) or out (-1); a closed timeline is opened."""
        if not self._view.is_open(Pane.TIMELINE):
            self._view.show_pane(Pane.TIMELINE, shown=True)
        elif self._view.zoom_timeline(steps):
            self._view.draw()
        else:
            self._view.show_message("the whole history is shown" if steps < 0 else "the zoom is at its limit")

    def step(self, direction: int) -> None:
        """Go to the previous (-1) or next (1) interval with events."""
        history, table = self._session.history, self._view.table
        row = history.row_of(table.cursor)
        time = None if row is None else self._view.timeline_neighbour(row, direction)
        found = None if time is None else nearest(history, time)
        if found is not None:
            table.move_to(history.row_id(found), center=True)
