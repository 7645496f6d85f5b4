"""Showing only some events, and the threshold that decides which are flagged."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from core.errors import UsageError
from core.events import ScoredEvent
from core.history.episodes import preview
from core.history.filters import parse_filter
from tui.app.actions.moving import Moving
from tui.app.frame import TIGHT
from tui.widgets.prompts import Question

TRIAL_SECONDS: Final = 5.0
"""A threshold that is tried is kept when it has not been moved for so long."""


class Narrowing(Moving):
    """Actions of the keys that hide rows or move the threshold."""

    _trial: Timer | None = None

    def action_filter(self) -> None:
        """Ask what to show."""
        value = self.session.filter.text if self.session.filter is not None else ""
        self.ask(
            Question(
                "filter",
                "show",
                self.filter_by,
                value=value,
                placeholder="level>=WARNING service=nova-* score>0.4 req=... !regex; empty shows all",
            )
        )

    def filter_by(self, text: str) -> None:
        """Show what this filter picks; an empty one shows all. Raises UsageError for what is no filter."""
        self.session.filter = parse_filter(text) if text.strip() else None
        self._narrow()

    def action_only_anomalies(self) -> None:
        """Show anomalies with what is around them, or everything again."""
        self.session.only_flagged = not self.session.only_flagged
        self._narrow()

    def action_more_context(self) -> None:
        """Show one more event before and after each match."""
        self._widen_context(1)

    def action_less_context(self) -> None:
        """Show one event less before and after each match."""
        self._widen_context(-1)

    def _widen_context(self, rows: int) -> None:
        if self.session.widen_context(rows):
            self.table.rebuild()
            self.draw()
        else:
            self.say("there is nothing to show more around: o or & narrows the view", wrong=True)

    def action_request(self) -> None:
        """Show the request (or instance) of the event at the cursor in all sources, or everything again."""
        row = self.session.row(self.table.cursor)
        if self.session.thread is not None:
            self.session.thread = None
        elif isinstance(row, ScoredEvent) and (row.event.request_id or row.event.instance_id):
            self.session.thread = row.event
        else:
            self.say("this row names no request and no instance", wrong=True)
            return
        self._narrow()

    def _narrow(self) -> None:
        self.session.narrow()
        self.table.rebuild()
        self.draw()

    def widen(self) -> bool:
        """Show more again, one step; tell whether anything was hidden."""
        if not self.session.widen():
            return False
        self.table.rebuild()
        self.draw()
        return True

    def action_threshold_down(self) -> None:
        """Threshold -0.01."""
        self._try(self.session.threshold - 0.01)

    def action_threshold_up(self) -> None:
        """Threshold +0.01."""
        self._try(self.session.threshold + 0.01)

    def action_threshold_much_down(self) -> None:
        """Threshold -0.10."""
        self._try(self.session.threshold - 0.10)

    def action_threshold_much_up(self) -> None:
        """Threshold +0.10."""
        self._try(self.session.threshold + 0.10)

    def action_threshold_reset(self) -> None:
        """Back to the calibrated threshold."""
        if self.session.threshold == self.session.calibrated:
            self.say(f"the threshold is the calibrated one, {self.session.calibrated:.2f}")
        self._try(self.session.calibrated)

    def action_threshold_type(self) -> None:
        """Ask for a threshold."""
        self.ask(
            Question(
                "threshold",
                "threshold",
                self._accept_threshold,
                placeholder=f"0 to 1, now {self.session.threshold:.2f}",
                preview=self._preview_threshold,
            )
        )

    def _accept_threshold(self, text: str) -> None:
        self._try(_read_threshold(text))
        self.keep_threshold()

    def _preview_threshold(self, text: str) -> str:
        try:
            threshold = _read_threshold(text)
        except UsageError:
            return ""
        after = preview(self.session.history, threshold)
        says = [f"flags {after.flagged:,}"]
        if self.size.width < TIGHT:
            return says[0]
        if after.per_hour is not None:
            says.append(f"{after.per_hour:.1f} episodes an hour")
        if self.calibration is not None:
            says.append(f"recall {self.calibration.at(threshold)[1]:.0%}")
        return ", ".join(says)

    def _try(self, threshold: float) -> None:
        self.session.try_threshold(threshold)
        if self._trial is not None:
            self._trial.stop()
        self._trial = self.set_timer(TRIAL_SECONDS, self.keep_threshold) if self.session.trying else None
        self._threshold_shown()

    def keep_threshold(self) -> None:
        """Keep the threshold that is being tried."""
        self.session.keep_threshold()
        self._threshold_shown()

    def drop_threshold(self) -> bool:
        """Go back to the threshold kept last; tell whether another was being tried."""
        if not self.session.trying:
            return False
        self.session.drop_threshold()
        self._threshold_shown()
        return True

    def _threshold_shown(self) -> None:
        self.table.restyle()
        if self.session.only_flagged:
            self.table.rebuild()
        self.draw()


def _read_threshold(text: str) -> float:
    try:
        threshold = float(text.replace(",", "."))
    except ValueError:
        raise UsageError(f"{text!r} is no threshold: type a number from 0 to 1") from None
    if not 0.0 <= threshold <= 1.0:
        raise UsageError(f"a threshold is from 0 to 1, not {text}")
    return threshold
