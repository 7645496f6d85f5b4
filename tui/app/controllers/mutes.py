"""Muting templates that are known and harmless, with a reason and for a time; every change can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from core.decision.mutes import Mute, Mutes
from core.errors import TailsightError
from core.events import ScoredEvent
from tui.app.controllers.expiry import RELOAD_SECONDS, Expiry, redraw_flags
from tui.app.view import View
from tui.look.drawing import Drawing
from tui.look.lines import Line
from tui.look.text import fit_text, plural
from tui.session.session import Session
from tui.session.times import parse_duration
from tui.widgets.layers import Choices
from tui.widgets.prompts import Question

_SHORT_LIST: Final = 64
"""Width below which the list shows only templates and reasons."""


class MuteController:
    """Mutes and unmutes; `mutes` is None in a run that keeps none."""

    def __init__(self, session: Session, view: View, mutes: Mutes | None) -> None:
        self._session, self._view, self._mutes = session, view, mutes
        self._changes = 0
        """Changes of this run that can be undone."""
        self._expiry = Expiry(view)

    def start(self) -> None:
        """Apply the mutes, and reload their file from time to time."""
        if self._mutes is not None:
            self._apply(self._mutes)
            self._view.every(RELOAD_SECONDS, self.reload)

    def reload(self) -> None:
        """Apply what another run or an editor has changed in the file."""
        if self._mutes is not None and self._guarded(self._mutes.reload):
            self._apply(self._mutes)

    def ask(self) -> None:
        """Ask why and for how long the template under the cursor is muted."""
        row = self._session.row(self._view.table.cursor)
        if self._mutes is None:
            self._view.show_message(_NOT_KEPT, warning=True)
        elif isinstance(row, ScoredEvent) and row.template:
            self._view.ask(self._reason_question(self._mutes, row, row.event.service))
        else:
            self._view.show_message("this row has no template that could be muted", warning=True)

    def choose(self) -> None:
        """List the mutes; the chosen one is removed."""
        mutes = self._mutes
        if mutes is None:
            self._view.show_message(_NOT_KEPT, warning=True)
            return
        self.reload()
        counts = mutes.count(self._session.history)
        listed = mutes.all()
        actions: list[Callable[[], None]] = [partial(self._remove, mutes, mute) for mute in listed]
        if self._changes:
            actions.append(partial(self._undo, mutes))
        if not actions:
            self._view.show_message("nothing is muted: x mutes the template at the cursor")
            return

        def chosen(index: int) -> None:
            actions[index]()
            self._apply(mutes)

        def choices(drawing: Drawing) -> Choices:
            palette = drawing.palette
            full = f"{'events':>6}  {'until':<18}{'in':<18}template, reason"
            heading = full if drawing.width >= _SHORT_LIST else "template, reason"
            rows = [mute_line(mute, counts[mute], drawing) for mute in listed]
            if self._changes:
                rows.append([("undo the last change", palette.accent)])
            return Choices([(heading, palette.faint)], rows)

        self._view.choose(f"{plural(len(mutes), 'mute')}; Enter removes one", choices, chosen)

    def _reason_question(self, mutes: Mutes, row: ScoredEvent, service: str) -> Question:
        other = "" if service else row.event.service
        has_service = bool(row.event.service)
        return Question(
            "mute",
            f"why? mute {_where(service)}",
            lambda reason: self._view.ask(self._duration_question(mutes, row, service, reason)),
            placeholder=f"a reason, for: {self._view.drawing.safe(row.template)}",
            note=f"Tab: {_where(other)}" if has_service else "",
            alternative=partial(self._reason_question, mutes, row, other) if has_service else None,
        )

    def _duration_question(self, mutes: Mutes, row: ScoredEvent, service: str, reason: str) -> Question:
        def accept(length: str) -> None:
            expires = datetime.now(UTC) + timedelta(seconds=parse_duration(length)) if length.strip() else None
            mutes.add(row.template, service=service, reason=reason.strip(), expires=expires)
            self._changes += 1
            self._apply(mutes)
            counts = mutes.count(self._session.history)
            muted = sum(number for mute, number in counts.items() if mute.template == row.template)
            events = plural(muted, "event")
            self._view.show_message(f"muted {_where(service)}: {events} in the history; X lists and removes mutes")

        hint = "7d, 12h, 30m; empty: until it is removed"
        return Question("mute duration", "for how long?", accept, placeholder=hint)

    def _remove(self, mutes: Mutes, mute: Mute) -> None:
        if self._guarded(partial(mutes.remove, mute.template, service=mute.service)):
            self._changes += 1
            self._view.show_message("unmuted; X undoes it")

    def _undo(self, mutes: Mutes) -> None:
        if self._guarded(mutes.undo):
            self._changes -= 1
            self._view.show_message("undone")

    def _guarded(self, change: Callable[[], bool]) -> bool:
        """Change or reload the file, or show why that failed; tell whether something changed."""
        try:
            return change()
        except TailsightError as error:
            self._view.show_message(str(error), warning=True)
            return False

    def _apply(self, mutes: Mutes) -> None:
        """Apply the active mutes to the history, and again when the next one expires."""
        self._session.history.remute(mutes.predicate())
        redraw_flags(self._session, self._view)
        self._expiry.set(mutes.next_expiry(), partial(self._apply, mutes))


def mute_line(mute: Mute, events: int, drawing: Drawing) -> Line:
    """Write one mute with the number of events that it mutes."""
    palette = drawing.palette
    what: Line = [(drawing.safe(mute.template), palette.text), (f"  {drawing.safe(mute.reason)}", palette.accent)]
    if drawing.width < _SHORT_LIST:
        return what
    until = f"{mute.expires:%Y-%m-%d %H:%M}" if mute.expires is not None else "removed"
    return [
        (f"{events:>6}  ", palette.text),
        (fit_text(until, 18, ""), palette.faint),
        (drawing.fit(drawing.safe(mute.service or "every service"), 17) + " ", palette.faint),
        *what,
    ]


def _where(service: str) -> str:
    return f"in {service}" if service else "in every service"


_NOT_KEPT: Final = "mutes are not kept in this run"
