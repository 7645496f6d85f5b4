"""The verdicts of the operator's file: what is normal here does not alert."""

from __future__ import annotations

from core.decision.verdicts import Verdicts
from core.errors import TailsightError
from tui.app.controllers.expiry import RELOAD_SECONDS, Expiry, redraw_flags
from tui.app.view import View
from tui.session.session import Session


class VerdictController:
    """Applies the verdicts; `verdicts` is None in a run that keeps none."""

    def __init__(self, session: Session, view: View, verdicts: Verdicts | None) -> None:
        self._session, self._view, self._verdicts = session, view, verdicts
        self._expiry = Expiry(view)

    def start(self) -> None:
        """Apply the verdicts, and read their file again from time to time."""
        if self._verdicts is not None:
            self._apply()
            self._view.every(RELOAD_SECONDS, self.reload)

    def reload(self) -> None:
        """Apply what was changed in the file; one that cannot be read, as it is being edited, changes nothing."""
        if self._verdicts is None:
            return
        try:
            has_changed = self._verdicts.reload()
        except TailsightError as error:
            self._view.show_message(str(error), warning=True)
            return
        if has_changed:
            self._apply()

    def _apply(self) -> None:
        if self._verdicts is not None:
            self._session.history.judge(self._verdicts.predicate())
            redraw_flags(self._session, self._view)
            self._expiry.set(self._verdicts.next_expiry(), self._apply)
