"""Searching messages by a regular expression."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from itertools import chain
from typing import Final

from core.history.search import compile_pattern
from tui.app.controllers.jumps import go_to
from tui.app.view import Cancellable, View
from tui.session.session import Session
from tui.widgets.prompts import Question

NOTICE_SECONDS: Final = 0.2
"""After so long a message says that the search is running."""


class SearchController:
    """Owns the running search, of which there is one at most."""

    def __init__(self, session: Session, view: View, clock: Callable[[], float] = time.monotonic) -> None:
        self._session, self._view, self._clock = session, view, clock
        self._task: Cancellable | None = None

    def ask(self) -> None:
        """Ask for a pattern, and go to its next match, or else to the previous one."""
        hint = "regular expression; capitals make it case-sensitive"
        self._view.ask(Question("search", "/", self._accept, placeholder=hint))

    def find(self, direction: int) -> None:
        """Go to the next (1) or previous (-1) match."""
        pattern = self._session.pattern
        if pattern is None:
            self._view.show_message("no pattern yet: / asks for one", warning=True)
            return
        which = "further" if direction > 0 else "earlier"
        slices = self._session.search(self._view.table.cursor, direction)
        self._start(slices, f"no {which} match of {pattern.pattern}")

    def clear(self) -> bool:
        """Remove the pattern and its highlights; tell whether there was one."""
        if self._session.pattern is None:
            return False
        self._session.pattern = None
        self._view.restyle_rows()
        return True

    def _accept(self, text: str) -> None:
        self._session.pattern = compile_pattern(text) if text else None
        self._view.restyle_rows()
        if text:
            cursor, session = self._view.table.cursor, self._session
            slices = chain(session.search(cursor - 1, 1), session.search(cursor, -1))
            self._start(slices, f"no event matches {text}")

    def _start(self, slices: Iterator[int | None], otherwise: str) -> None:
        """Search the first slice at once, so that a near match is found at once, and the others between keys."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        for found in slices:
            if found is None:
                self._task = self._view.start_task(self._search(slices, self._session.pattern, otherwise))
            else:
                go_to(self._view, found, otherwise)
            return
        go_to(self._view, None, otherwise)

    async def _search(self, slices: Iterator[int | None], pattern: re.Pattern[str] | None, otherwise: str) -> None:
        started = self._clock()
        noticed = False
        for found in slices:
            if found is not None:
                self._view.clear_message()
                go_to(self._view, found, otherwise)
                return
            if not noticed and self._clock() > started + NOTICE_SECONDS:
                noticed = True
                self._view.show_message(f"searching{self._view.drawing.glyphs.ellipsis}")
            await asyncio.sleep(0)
        if self._session.pattern is pattern:
            go_to(self._view, None, otherwise)
