"""Muting templates that are known and harmless, for a reason and for a time; every step can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from textual.timer import Timer

from core.decision.mutes import Mute, Mutes
from core.errors import TailsightError
from core.events import ScoredEvent
from tui.app.actions.looking import Looking
from tui.look.text import draw, fit, plural
from tui.session.times import parse_length
from tui.widgets.layers import Choices, Chooser
from tui.widgets.prompts import Question
from tui.widgets.sheet import Line

READ_AGAIN_SECONDS: Final = 5.0
"""How often it is looked whether somebody else has changed the mutes."""

_SNUG: Final = 64
"""Width below which the list of mutes names them and no more."""

_SOONEST: Final = 0.05
"""Seconds that a timer may fire too early: the mute would still hold then."""


class Muting(Looking):
    """Actions of the keys that mute."""

    mutes: Mutes | None
    _mute_changes = 0
    """Changes of this run that can be undone."""
    _next_expiry: Timer | None = None

    def action_mute(self) -> None:
        """Ask why and for how long the template at the cursor is not to be flagged."""
        row = self.session.row(self.table.cursor)
        if self.mutes is None:
            self.say("mutes are not kept in this run", wrong=True)
        elif isinstance(row, ScoredEvent) and row.template:
            self.ask(self._why_question(self.mutes, row, row.event.service))
        else:
            self.say("this row has no template that could be muted", wrong=True)

    def _why_question(self, mutes: Mutes, row: ScoredEvent, service: str) -> Question:
        other = "" if service else row.event.service
        return Question(
            "mute",
            f"why? mute {_where(service)}",
            lambda reason: self.ask(self._length_question(mutes, row, service, reason)),
            placeholder=f"a reason, for: {draw(row.template, self.glyphs)}",
            note=f"Tab: {_where(other)}" if row.event.service else "",
            turn=partial(self._why_question, mutes, row, other) if row.event.service else None,
        )

    def _length_question(self, mutes: Mutes, row: ScoredEvent, service: str, reason: str) -> Question:
        def accept(length: str) -> None:
            expires = datetime.now(UTC) + timedelta(seconds=parse_length(length)) if length.strip() else None
            mutes.add(row.template, service=service, reason=reason.strip(), expires=expires)
            self._mute_changes += 1
            self.remute()
            count = mutes.count(self.session.history)
            muted = sum(number for mute, number in count.items() if mute.template == row.template)
            self.say(f"muted {_where(service)}: {plural(muted, 'event')} held; X lists mutes and takes them back")

        return Question(
            "mute length", "for how long?", accept, placeholder="7d, 12h, 30m; empty: until it is taken back"
        )

    def action_mutes(self) -> None:
        """List the mutes; the chosen one is taken back."""
        mutes = self.mutes
        if mutes is None:
            self.say("mutes are not kept in this run", wrong=True)
            return
        self.read_mutes_again()
        count = mutes.count(self.session.history)
        held = mutes.all()
        undo: list[Callable[[], None]] = [partial(self._take_back, mutes, mute) for mute in held]
        if self._mute_changes:
            undo.append(partial(self._undo, mutes))
        if not undo:
            self.say("nothing is muted: x mutes the template at the cursor")
            return

        def chosen(place: int | None) -> None:
            if place is not None and place >= 0:
                undo[place]()
                self.remute()

        def choices(width: int) -> Choices:
            heading: Line = [(f"{'events':>6}  {'until':<18}{'in':<18}template, reason", self.palette.faint)]
            rows = [self._mute_line(mute, count[mute], width) for mute in held]
            if len(undo) > len(held):
                rows.append([("undo the last change", self.palette.accent)])
            return Choices(heading if width >= _SNUG else [("template, reason", self.palette.faint)], rows)

        title = f"{plural(len(mutes), 'mute')}; Enter takes one back"
        self.push_screen(Chooser(title, choices, self.palette, self.glyphs), chosen)

    def _mute_line(self, mute: Mute, events: int, width: int) -> Line:
        until = f"{mute.expires:%Y-%m-%d %H:%M}" if mute.expires is not None else "taken back"
        palette, glyphs = self.palette, self.glyphs
        what: Line = [(draw(mute.template, glyphs), palette.text), (f"  {draw(mute.reason, glyphs)}", palette.accent)]
        if width < _SNUG:
            return what
        return [
            (f"{events:>6}  ", palette.text),
            (fit(until, 18, ""), palette.faint),
            (fit(draw(mute.service or "every service", glyphs), 17, glyphs.ellipsis) + " ", palette.faint),
            *what,
        ]

    def _take_back(self, mutes: Mutes, mute: Mute) -> None:
        if self._guarded(partial(mutes.remove, mute.template, service=mute.service)):
            self._mute_changes += 1
            self.say("flagged again; X undoes it")

    def _undo(self, mutes: Mutes) -> None:
        if self._guarded(mutes.undo):
            self._mute_changes -= 1
            self.say("undone")

    def _guarded(self, change: Callable[[], bool]) -> bool:
        """Change the file of mutes, or say why that cannot be."""
        try:
            return change()
        except TailsightError as error:
            self.say(str(error), wrong=True)
            return False

    def watch_mutes(self) -> None:
        """Apply the mutes, and look at their file now and then."""
        if self.mutes is not None:
            self.remute()
            self.set_interval(READ_AGAIN_SECONDS, self.read_mutes_again)

    def remute(self) -> None:
        """Apply the mutes as they are now, and again when the next one ends."""
        if self.mutes is None:
            return
        self.session.history.remute(self.mutes.predicate())
        if self.session.only_flagged:
            self.session.narrow()
            self.table.rebuild()
        self.table.refresh()
        self.draw()
        if self._next_expiry is not None:
            self._next_expiry.stop()
        ends = self.mutes.next_expiry()
        if ends is not None:
            seconds = (ends - datetime.now(UTC)).total_seconds()
            self._next_expiry = self.set_timer(max(seconds, _SOONEST), self.remute)

    def read_mutes_again(self) -> None:
        """Take in what somebody else, in another run or by hand, has changed in the file."""
        if self.mutes is not None and self._guarded(self.mutes.reload):
            self.remute()


def _where(service: str) -> str:
    return f"in {service}" if service else "in every service"
