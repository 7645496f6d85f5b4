"""The threshold from which events are flagged: tried first, then committed or reverted."""

from __future__ import annotations

from typing import Final

from core.decision.calibration import Calibration
from core.errors import UsageError
from core.history.episodes import preview
from tui.app.view import Stoppable, View
from tui.look.meaning import false_alarms, recall_text
from tui.session.session import Session
from tui.widgets.prompts import Question

TRIAL_SECONDS: Final = 5.0
"""A threshold on trial is committed when it has not been moved for so long."""

SHORT_PREVIEW_WIDTH: Final = 60
"""Width below which the prompt says only how many events a threshold flags."""


class ThresholdController:
    """Owns the trial of a threshold."""

    def __init__(self, session: Session, view: View, calibration: Calibration | None) -> None:
        self._session, self._view, self._calibration = session, view, calibration
        self._trial: Stoppable | None = None

    def move(self, step: float) -> None:
        """Try a threshold higher or lower by this step."""
        self._try(self._session.threshold + step)

    def reset(self) -> None:
        """Try the shipped threshold."""
        shipped = self._session.shipped
        if self._session.threshold == shipped:
            self._view.show_message(f"the threshold is the shipped one, {shipped:.2f}")
        self._try(shipped)

    def ask(self) -> None:
        """Ask for a threshold."""
        hint = f"0 to 1, now {self._session.threshold:.2f}"
        question = Question("threshold", "threshold", self._accept, placeholder=hint, preview=self._preview)
        self._view.ask(question)

    def commit(self) -> None:
        """Keep the threshold on trial."""
        self._session.commit_threshold()
        self._redraw()

    def revert(self) -> bool:
        """Return to the threshold committed last; tell whether another was on trial."""
        if not self._session.on_trial:
            return False
        self._session.revert_threshold()
        self._redraw()
        return True

    def _accept(self, text: str) -> None:
        self._try(_parse_threshold(text))
        self.commit()

    def _preview(self, text: str) -> str:
        try:
            threshold = _parse_threshold(text)
        except UsageError:
            return ""
        after = preview(self._session.history, threshold)
        parts = [f"flags {after.flagged:,}"]
        if self._view.drawing.width < SHORT_PREVIEW_WIDTH:
            return parts[0]
        if after.per_hour is not None:
            parts.append(f"{after.per_hour:.1f} episodes an hour")
        if self._calibration is not None:
            by = self._session.calibrated_by
            parts.append(false_alarms(threshold, self._calibration, by)[0])
            parts.append(recall_text(threshold, self._calibration, by))
        return ", ".join(filter(None, parts))

    def _try(self, threshold: float) -> None:
        self._session.try_threshold(threshold)
        if self._trial is not None:
            self._trial.stop()
        self._trial = self._view.after(TRIAL_SECONDS, self.commit) if self._session.on_trial else None
        self._redraw()

    def _redraw(self) -> None:
        self._view.restyle_rows()
        if self._session.only_flagged:
            self._view.rebuild_rows()
        self._view.draw()


def _parse_threshold(text: str) -> float:
    try:
        threshold = float(text.replace(",", "."))
    except ValueError:
        raise UsageError(f"invalid threshold {text!r}: type a number from 0 to 1") from None
    if not 0.0 <= threshold <= 1.0:
        raise UsageError(f"invalid threshold {text!r}: it is from 0 to 1")
    return threshold
