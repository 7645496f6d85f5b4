"""Marking rows, and going from mark to mark."""

from __future__ import annotations

from tui.app.controllers.jumps import go_to
from tui.app.view import View
from tui.session.session import Session


class MarkController:
    """Sets and visits marks."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def toggle(self) -> None:
        """Mark or unmark the row under the cursor."""
        cursor = self._view.table.cursor
        if cursor >= 0:
            marked = self._session.toggle_mark(cursor)
            self._view.restyle_rows()
            self._view.show_message(f"{'marked' if marked else 'unmarked'}; u and U go to marks")

    def go(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) mark."""
        found = self._session.seek_mark(self._view.table.cursor, direction)
        go_to(self._view, found, f"no {'further' if direction > 0 else 'earlier'} mark: m sets one")
