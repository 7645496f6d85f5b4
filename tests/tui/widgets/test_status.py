"""What the lowest line shows, in order of importance."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.helpers.screen import some_events, update
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.lines import Line, line_text
from tui.look.themes import PALETTES
from tui.session.session import Session
from tui.widgets.status import lowest_line

DRAWING = Drawing(PALETTES["terminal"], UNICODE, 120)
MESSAGE: Line = [("marked", PALETTES["terminal"].text)]


def session_with(*, trial: bool = False, failure: str = "", fit: float = 0.97) -> Session:
    session = Session(threshold=0.5, shipped=0.5)
    session.take(update(some_events(10), fit=fit), 0.0)
    session.failure = failure
    if trial:
        session.try_threshold(0.6)
    return session


@pytest.mark.parametrize(
    ("session", "message", "start"),
    [
        (session_with(trial=True, failure="disk full", fit=0.1), MESSAGE, "threshold 0.50 → 0.60"),
        (session_with(failure="disk full", fit=0.1), MESSAGE, "marked"),
        (session_with(failure="disk full", fit=0.1), [], "disk full  R tries again"),
        (session_with(fit=0.1), [], "only 10% of this log is known to the model"),
        (session_with(), [], "? help"),
    ],
)
def test_the_lowest_line_shows_what_matters_most(session: Session, message: Line, start: str) -> None:
    assert line_text(lowest_line(session, message, None, {}, DRAWING)).startswith(start)


def test_a_long_failure_keeps_the_key_that_retries() -> None:
    text = line_text(lowest_line(session_with(failure="x" * 500), [], None, {}, replace(DRAWING, width=40)))
    assert text == "x" * 24 + "…  R tries again"
