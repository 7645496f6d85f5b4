"""When the picture is drawn: as often as an eye wants it, and never more than the terminal takes."""

from __future__ import annotations

import select
import sys
import time
from abc import abstractmethod
from typing import Final

from textual.app import App
from textual.timer import Timer

from tui.terminal.driver import ThriftyDriver

DRAW_SECONDS: Final = 0.1
"""A stream that flows is drawn no more often than this."""

BYTES_PER_SECOND: Final = 14_000
SLOWEST_SECONDS: Final = 0.3
"""Where every picture changes most rows it is drawn less often, to keep to so many bytes; but as often as this."""


class Paced(App[None], inherit_bindings=False):
    """Draws when it is time; `draw` says what."""

    _draw_timer: Timer | None = None
    _drawn_at = 0.0
    _written = 0

    @abstractmethod
    def draw(self) -> None:
        """Bring every part up to date."""

    def draw_soon(self) -> None:
        """Draw when it is time again; many calls make one drawing."""
        if self._draw_timer is None:
            wait = max(self._drawn_at + self._pause() - time.monotonic(), 0.001)
            self._draw_timer = self.set_timer(wait, self._draw_now)

    def _pause(self) -> float:
        """Return the seconds from one drawing to the next: a flood of lines is not to become one of bytes."""
        written = self._driver.written if isinstance(self._driver, ThriftyDriver) else 0
        spent, self._written = written - self._written, written
        return min(max(spent / BYTES_PER_SECOND, DRAW_SECONDS), SLOWEST_SECONDS)

    @property
    def drawing_is_due(self) -> bool:
        """Whether something has changed that is not drawn yet."""
        return self._draw_timer is not None

    def has_drawn(self) -> None:
        """Note that the picture is up to date."""
        self._drawn_at = time.monotonic()

    def _draw_now(self) -> None:
        self._draw_timer = None
        if not self._terminal_takes_more():
            self.has_drawn()
            self.draw_soon()
            return
        self.draw()

    def _terminal_takes_more(self) -> bool:
        """Tell whether the terminal has taken what was drawn before: a slow one gets fewer pictures, not late ones."""
        if self.is_headless or sys.__stderr__ is None:
            return True
        return bool(select.select([], [sys.__stderr__.fileno()], [], 0)[1])
