"""The detail of one event."""

from __future__ import annotations

from core.events import CHANNELS, Channel, Reason, Reference
from tests.helpers.events import notice, scored_event
from tests.helpers.view import view_of
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.lines import line_text
from tui.look.themes import PALETTES
from tui.session.session import Session
from tui.widgets.detail import detail_lines

DRAWING = Drawing(PALETTES["terminal"], UNICODE, 100)


def session_of_neighbours() -> Session:
    session, _ = view_of(
        [scored_event(0.91, template="loud"), scored_event(0.92, template="muted"), scored_event(0.1), notice()]
    )
    session.history.remute(lambda event: event.template == "muted")
    return session


def test_a_muted_neighbour_is_not_drawn_as_flagged() -> None:
    lines = detail_lines(session_of_neighbours(), 2, DRAWING)
    styles = {text.strip(): style for line in lines for text, style in line}
    assert styles["0.91"] == DRAWING.palette.flagged
    assert styles["0.92"] == DRAWING.palette.faint


def test_a_muted_event_says_that_it_would_be_flagged() -> None:
    lines = [line_text(line) for line in detail_lines(session_of_neighbours(), 1, DRAWING)]
    assert "  muted, else flagged at 0.50" in lines
    assert UNICODE.flagged not in lines[0]


def test_each_detector_that_spoke_is_listed_with_what_the_event_is_compared_with() -> None:
    gave = {Channel.NETWORK: 0.3199, Channel.NOVELTY: 0.12}
    event = scored_event(0.4)._replace(channels=tuple(map(gave.get, CHANNELS)), reference=Reference.BASELINE)
    session, _ = view_of([event])
    lines = [line_text(line) for line in detail_lines(session, 0, DRAWING)]
    assert "  each by itself: network 0.31  novelty 0.12" in lines
    assert "  compared with the baseline" in lines


def test_what_lowers_a_score_has_no_bar() -> None:
    why = (
        Reason(Channel.FAILURE, "severe", "ERROR", weight=2.0),
        Reason(Channel.FAILURE, "chronic", "less: usual", weight=-1.5),
    )
    session, _ = view_of([scored_event(0.6, reasons=why)])
    lines = [line_text(line) for line in detail_lines(session, 0, DRAWING)]
    raises, lowers = (next(line for line in lines if text in line) for text in ("ERROR", "less: usual"))
    assert raises.startswith("  ████████ ERROR")
    assert lowers.startswith("           less: usual")
    assert raises.endswith(" failure")
    assert lowers.endswith(" failure")


def test_a_notice_is_written_with_its_source() -> None:
    assert "rotated" in line_text(detail_lines(session_of_neighbours(), 3, DRAWING)[0])


def test_an_evicted_row_is_reported() -> None:
    lines = detail_lines(session_of_neighbours(), 99, DRAWING)
    assert [line_text(line) for line in lines] == ["this event is no longer in the history"]
