"""Jumping to the next anomaly, error or warning, and to a time."""

from __future__ import annotations

from math import isnan

from core.errors import UsageError
from core.history.timeline import nearest, span
from core.support.arrays import Mask
from tui.app.view import View
from tui.session.session import Session
from tui.session.times import parse_time
from tui.widgets.prompts import Question


def go_to(view: View, row_id: int | None, otherwise: str) -> None:
    """Put the cursor on a row, or show the message where there is none."""
    if row_id is None:
        view.show_message(otherwise, warning=True)
    else:
        view.table.move_to(row_id, center=True)


class JumpController:
    """Puts the cursor on the next (1) or previous (-1) row of a kind."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def anomaly(self, direction: int) -> None:
        """Go to the next event that is flagged and not muted."""
        threshold = self._session.threshold
        self._seek(self._session.history.alerting(threshold), direction, f"anomaly at {threshold:.2f}")

    def error(self, direction: int) -> None:
        """Go to the next event of level ERROR or CRITICAL."""
        self._seek(self._session.history.at_least("ERROR"), direction, "error")

    def warning(self, direction: int) -> None:
        """Go to the next event of level WARNING."""
        self._seek(self._session.history.at_least("WARNING", below="ERROR"), direction, "warning")

    def ask_time(self) -> None:
        """Ask for a time, and go to the event nearest to it."""
        hint = "05:21, 2017-05-16 05:21:45, -15m, +30s"
        self._view.ask(Question("time", "go to", self._go_to_time, placeholder=hint))

    def _seek(self, where: Mask, direction: int, kind: str) -> None:
        table = self._view.table
        found = self._session.seek(table.cursor, where, direction)
        if found is None and direction > 0 and table.following:
            # No row is after the end that is followed, so the newest one is meant.
            found = self._session.seek(table.cursor + 1, where, -1)
        go_to(self._view, found, f"no {'further' if direction > 0 else 'earlier'} {kind}")

    def _go_to_time(self, text: str) -> None:
        history = self._session.history
        reach = span(history)
        if reach is None:
            raise UsageError("no event has a time yet")
        _, newest = reach
        row = history.row_of(self._view.table.cursor)
        here = newest if row is None else float(history.timestamps()[row])
        found = nearest(history, parse_time(text, newest if isnan(here) else here, newest))
        go_to(self._view, None if found is None else history.row_id(found), "no event has a time yet")
