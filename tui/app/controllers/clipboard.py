"""Copying the event under the cursor."""

from __future__ import annotations

from core.events import Notice
from core.support.printable import escape
from tui.app.view import View
from tui.look.text import plural
from tui.session.session import Session


class ClipboardController:
    """Copies through the terminal."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def copy(self) -> None:
        """Copy the raw line under the cursor, with all further lines of its event; controls are escaped."""
        row = self._session.row(self._view.table.cursor)
        if row is None:
            return
        if isinstance(row, Notice):
            lines = [f"{row.source}: {row.text}"]
        else:
            lines = [row.event.raw, *row.event.message.split("\n")[1:]]
        self._view.copy("\n".join(map(escape, lines)))
        self._view.show_message(f"copied {plural(len(lines), 'line')}")
