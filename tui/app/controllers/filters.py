"""Showing only some rows."""

from __future__ import annotations

from core.events import ScoredEvent
from core.history.filters import parse_filter
from tui.app.view import View
from tui.session.session import Session
from tui.widgets.prompts import Question


class FilterController:
    """Sets and removes the filters of the session."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def ask(self) -> None:
        """Ask for a filter."""
        value = self._session.filter.text if self._session.filter is not None else ""
        hint = "level>=WARNING service=nova-* score>0.4 req=... !regex; empty shows all"
        self._view.ask(Question("filter", "show", self.apply, value=value, placeholder=hint))

    def apply(self, text: str) -> None:
        """Show what this filter matches; an empty one shows all. Raises UsageError for an invalid filter."""
        self._session.filter = parse_filter(text) if text.strip() else None
        self._apply()

    def toggle_anomalies(self) -> None:
        """Show only anomalies with their context, or everything again."""
        self._session.only_flagged = not self._session.only_flagged
        self._apply()

    def toggle_request(self) -> None:
        """Show only the request (or else the instance) of the event under the cursor, or everything again."""
        row = self._session.row(self._view.table.cursor)
        if self._session.request is not None:
            self._session.request = None
        elif isinstance(row, ScoredEvent) and (row.event.request_id or row.event.instance_id):
            self._session.request = row.event
        else:
            self._view.show_message("this row has no request and no instance", warning=True)
            return
        self._apply()

    def change_context(self, rows: int) -> None:
        """Show so many rows more or fewer around each match."""
        if self._session.change_context(rows):
            self._redraw()
        else:
            self._view.show_message("no filter to show more rows around: o or & sets one", warning=True)

    def remove(self) -> bool:
        """Remove the narrowest filter; tell whether there was any."""
        if not self._session.remove_filter():
            return False
        self._redraw()
        return True

    def _apply(self) -> None:
        self._session.apply_filters()
        self._redraw()

    def _redraw(self) -> None:
        self._view.rebuild_rows()
        self._view.draw()
