"""When the screen is drawn: as often as eyes follow, and no more often than the terminal takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

DRAW_SECONDS: Final = 0.1
"""At least this long from one drawing to the next while data flows."""

BYTES_PER_SECOND: Final = 14_000
"""When most rows change with every drawing, they are drawn less often to keep to this rate."""

SLOWEST_SECONDS: Final = 0.3
"""At most this long from one drawing to the next, whatever they write."""


class ThrottledDrawing:
    """Draws some time after it is requested; many requests make one drawing.

    `written` counts the bytes written to the terminal, and `accepts_output` tells whether it has taken them.
    """

    def __init__(
        self,
        draw: Callable[[], None],
        after: Callable[[float, Callable[[], None]], object],
        *,
        written: Callable[[], int],
        accepts_output: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._draw, self._after = draw, after
        self._written, self._accepts_output, self._clock = written, accepts_output, clock
        self._drawn_at = 0.0
        self._counted = 0
        self._pending = False

    @property
    def pending(self) -> bool:
        """Whether a drawing is requested and not done."""
        return self._pending

    def request(self) -> None:
        """Draw when it is time."""
        if not self._pending:
            self._pending = True
            self._after(max(self._drawn_at + self._interval() - self._clock(), 0.001), self._draw_if_possible)

    def note_drawn(self) -> None:
        """Note that everything has just been drawn."""
        self._drawn_at = self._clock()

    def _interval(self) -> float:
        """Return the seconds from the last drawing to the next one, by the bytes that it wrote."""
        counted = self._written()
        written, self._counted = counted - self._counted, counted
        return min(max(written / BYTES_PER_SECOND, DRAW_SECONDS), SLOWEST_SECONDS)

    def _draw_if_possible(self) -> None:
        self._pending = False
        if self._accepts_output():
            self._draw()
        else:
            # A slow terminal gets fewer drawings instead of late ones.
            self.note_drawn()
            self.request()
