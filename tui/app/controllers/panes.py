"""Opening and closing the parts of the main screen."""

from __future__ import annotations

from tui.app.controllers.threshold import ThresholdController
from tui.app.view import Pane, View
from tui.session.session import Session


class PaneController:
    """Opens and closes panes; the one declared first in `Pane` closes first."""

    def __init__(self, session: Session, view: View, threshold: ThresholdController) -> None:
        self._session, self._view, self._threshold = session, view, threshold

    def enter(self) -> None:
        """Commit a threshold on trial, else open or close the detail of the row under the cursor."""
        if self._session.on_trial:
            self._threshold.commit()
        elif self._view.table.cursor >= 0:
            self.toggle(Pane.DETAIL)

    def toggle(self, pane: Pane) -> None:
        """Open or close a pane."""
        self._view.show_pane(pane, shown=not self._view.is_open(pane))

    def close(self) -> bool:
        """Close one pane; tell whether one was open."""
        for pane in Pane:
            if self._view.is_open(pane):
                self._view.show_pane(pane, shown=False)
                return True
        return False
