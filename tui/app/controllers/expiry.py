"""What changes which events alert without a key: files that somebody else edits, and times that run out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from tui.app.view import Stoppable, View
from tui.session.session import Session

RELOAD_SECONDS: Final = 5.0
"""How often a file is checked for changes by others."""

_SOONEST: Final = 0.05
"""Shortest delay of a timer, which may fire a little early: what ends would still hold then."""


class Expiry:
    """A timer for the moment at which the next of several things ends."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._timer: Stoppable | None = None

    def set(self, moment: datetime | None, callback: Callable[[], object]) -> None:
        """Call at this moment, and at no other that was set before; None for never."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if moment is not None:
            seconds = (moment - datetime.now(UTC)).total_seconds()
            self._timer = self._view.after(max(seconds, _SOONEST), callback)


def redraw_flags(session: Session, view: View) -> None:
    """Show that other events alert now."""
    if session.only_flagged:
        session.apply_filters()
        view.rebuild_rows()
    view.restyle_rows()
    view.draw()
