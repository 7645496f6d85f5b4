"""Moving the cursor and finding things."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from itertools import chain
from math import isnan
from typing import Final

from core.decision.flagging import Mask
from core.errors import UsageError
from core.history.search import compile_pattern
from core.history.timeline import nearest, span
from tui.app.frame import Frame
from tui.session.times import parse_moment
from tui.widgets.prompts import Question

_SEARCH: Final = "search"
"""Group of the worker that searches on, of which there is one at most."""

_PATIENCE_SECONDS: Final = 0.2
"""After so long it is said that a search goes on."""

SHIFT_CELLS: Final = 16
"""How far messages scroll sideways at a time."""


class Moving(Frame):
    """Actions of the keys that move."""

    def action_down(self) -> None:
        """Next row."""
        self.table.move(1)

    def action_up(self) -> None:
        """Previous row."""
        self.table.move(-1)

    def action_page_down(self) -> None:
        """One page down, of the detail where it is open."""
        self._page(1.0)

    def action_page_up(self) -> None:
        """One page up."""
        self._page(-1.0)

    def action_half_down(self) -> None:
        """Half a page down."""
        self._page(0.5)

    def action_half_up(self) -> None:
        """Half a page up."""
        self._page(-0.5)

    def _page(self, pages: float) -> None:
        if self.detail_open:
            self.why.scroll_rows(round(pages * self.why.size.height))
        else:
            self.table.move_page(pages)

    def action_top(self) -> None:
        """First row."""
        self.table.move_to_top()

    def action_end(self) -> None:
        """Last row, and follow."""
        self.table.follow()

    def action_follow(self) -> None:
        """Follow, or stop following."""
        if self.table.following:
            self.table.release()
        else:
            self.session.frozen = False
            self.table.follow()

    def action_freeze(self) -> None:
        """Hold the view still, or let it go on."""
        self.session.frozen = not self.session.frozen
        self.draw()

    def action_left(self) -> None:
        """Scroll messages back."""
        self.table.shift(-SHIFT_CELLS)

    def action_right(self) -> None:
        """Scroll messages on."""
        self.table.shift(SHIFT_CELLS)

    def action_next_anomaly(self) -> None:
        """Next flagged event."""
        self._seek(self._flagged(), 1, f"anomaly at {self.session.threshold:.2f}")

    def action_previous_anomaly(self) -> None:
        """Previous flagged event."""
        self._seek(self._flagged(), -1, f"anomaly at {self.session.threshold:.2f}")

    def action_next_error(self) -> None:
        """Next event of level ERROR or worse."""
        self._seek(self.session.history.at_least("ERROR"), 1, "error")

    def action_previous_error(self) -> None:
        """Previous event of level ERROR or worse."""
        self._seek(self.session.history.at_least("ERROR"), -1, "error")

    def action_next_warning(self) -> None:
        """Next event of level WARNING."""
        self._seek(self.session.history.at_least("WARNING", below="ERROR"), 1, "warning")

    def action_previous_warning(self) -> None:
        """Previous event of level WARNING."""
        self._seek(self.session.history.at_least("WARNING", below="ERROR"), -1, "warning")

    def _flagged(self) -> Mask:
        return self.session.history.alerting(self.session.threshold)

    def _seek(self, where: Mask, direction: int, what: str) -> None:
        # From the end of a followed stream, "next" can only mean the newest one.
        found = self.session.seek(self.table.cursor, where, direction)
        if found is None and direction > 0 and self.table.following:
            found = self.session.seek(self.table.cursor + 1, where, -1)
        self._go_to(found, f"no {'further' if direction > 0 else 'earlier'} {what}")

    def _go_to(self, row_id: int | None, otherwise: str) -> None:
        if row_id is None:
            self.say(otherwise, wrong=True)
        else:
            self.table.move_to(row_id, center=True)

    def action_search(self) -> None:
        """Ask for a pattern, and go to where it matches next."""
        self.ask(
            Question("search", "/", self._search, placeholder="regular expression; capitals make it case-sensitive")
        )

    def _search(self, text: str) -> None:
        self.session.pattern = compile_pattern(text) if text else None
        self.table.restyle()
        if not text:
            return
        cursor, session = self.table.cursor, self.session
        self._look_for(chain(session.search(cursor - 1, 1), session.search(cursor, -1)), f"no event matches {text}")

    def action_next_match(self) -> None:
        """Next match of the pattern."""
        self._match(1)

    def action_previous_match(self) -> None:
        """Previous match of the pattern."""
        self._match(-1)

    def _match(self, direction: int) -> None:
        if self.session.pattern is None:
            self.say("there is no pattern yet: / asks for one", wrong=True)
            return
        which = "further" if direction > 0 else "earlier"
        slices = self.session.search(self.table.cursor, direction)
        self._look_for(slices, f"no {which} match of {self.session.pattern.pattern}")

    def _look_for(self, slices: Iterator[int | None], otherwise: str) -> None:
        """Go to what a search finds: at once where it finds it at once, and between keys where it takes longer."""
        self.workers.cancel_group(self, _SEARCH)
        for found in slices:
            if found is None:
                self.run_worker(self._look_further(slices, otherwise), group=_SEARCH)
            else:
                self._go_to(found, otherwise)
            return
        self._go_to(None, otherwise)

    async def _look_further(self, slices: Iterator[int | None], otherwise: str) -> None:
        pattern, began = self.session.pattern, time.monotonic()
        said = False
        for found in slices:
            if found is not None:
                self.hush()
                self._go_to(found, otherwise)
                return
            if not said and time.monotonic() > began + _PATIENCE_SECONDS:
                said = True
                self.say(f"searching{self.glyphs.ellipsis}")
            await asyncio.sleep(0)
        if self.session.pattern is pattern:
            self._go_to(None, otherwise)

    def action_goto_time(self) -> None:
        """Ask for a time, and go to the event nearest to it."""
        self.ask(Question("time", "go to", self._go_to_time, placeholder="05:21, 2017-05-16 05:21:45, -15m, +30s"))

    def _go_to_time(self, text: str) -> None:
        history = self.session.history
        reach = span(history)
        if reach is None:
            raise UsageError("no event has a time yet")
        here = history.row_of(self.table.cursor)
        stamps = history.timestamps()
        stamp = reach[1] if here is None or isnan(stamps[here]) else float(stamps[here])
        row = nearest(history, parse_moment(text, stamp, reach[1]))
        self._go_to(None if row is None else history.row_id(row), "no event has a time yet")

    def action_mark(self) -> None:
        """Mark the row at the cursor, or take its mark away."""
        if self.table.cursor >= 0:
            marked = self.session.toggle_mark(self.table.cursor)
            self.say(f"{'marked' if marked else 'mark taken away'}; u and U go to marks")
            self.table.refresh()

    def action_next_mark(self) -> None:
        """Next mark."""
        self._go_to(self.session.seek_mark(self.table.cursor, 1), "no further mark: m sets one")

    def action_previous_mark(self) -> None:
        """Previous mark."""
        self._go_to(self.session.seek_mark(self.table.cursor, -1), "no earlier mark: m sets one")
