"""When the screen is drawn, with a clock and a terminal that a test controls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tui.app.throttle import BYTES_PER_SECOND, DRAW_SECONDS, SLOWEST_SECONDS, ThrottledDrawing


class Terminal:
    """A clock, a timer and the bytes that have been written."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.written = 0
        self.accepts = True
        self.drawn: list[float] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.throttle = ThrottledDrawing(
            self.draw,
            self.after,
            written=lambda: self.written,
            accepts_output=lambda: self.accepts,
            clock=lambda: self.now,
        )
        self.throttle.note_drawn()

    def draw(self) -> None:
        self.drawn.append(self.now)
        self.throttle.note_drawn()

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        self.timers.append((seconds, callback))

    def run_timer(self) -> float:
        seconds, callback = self.timers.pop()
        self.now += seconds
        callback()
        return seconds


def test_many_requests_make_one_drawing() -> None:
    terminal = Terminal()
    for _ in range(3):
        terminal.throttle.request()
    assert terminal.throttle.pending
    assert terminal.run_timer() == pytest.approx(DRAW_SECONDS)
    assert (len(terminal.drawn), terminal.timers, terminal.throttle.pending) == (1, [], False)


def test_after_a_pause_a_request_is_drawn_at_once() -> None:
    terminal = Terminal()
    terminal.now += 10
    terminal.throttle.request()
    assert terminal.run_timer() < 0.01


@pytest.mark.parametrize(
    ("written", "seconds"),
    [(100, DRAW_SECONDS), (BYTES_PER_SECOND // 5, 0.2), (10 * BYTES_PER_SECOND, SLOWEST_SECONDS)],
)
def test_a_drawing_that_wrote_much_puts_off_the_next(written: int, seconds: float) -> None:
    terminal = Terminal()
    terminal.written += written
    terminal.throttle.request()
    assert terminal.run_timer() == pytest.approx(seconds)


def test_a_terminal_that_takes_no_output_gets_no_drawing() -> None:
    terminal = Terminal()
    terminal.accepts = False
    terminal.throttle.request()
    terminal.run_timer()
    assert terminal.drawn == []
    assert terminal.throttle.pending
    terminal.accepts = True
    assert terminal.run_timer() == pytest.approx(DRAW_SECONDS)
    assert len(terminal.drawn) == 1
