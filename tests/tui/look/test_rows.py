"""Columns and rows of the event table."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from core.decision.flagging import Flag
from tests.helpers.events import notice, scored_event
from tui.config import COLUMNS
from tui.look.columns import column_widths
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.rows import RowState, RowStyle, draw_row, highlight
from tui.look.themes import NO_COLOUR, PALETTES, Palette

DRAWING = Drawing(PALETTES["terminal"], UNICODE, 80)


@given(st.integers(40, 300), st.integers(0, 60), st.sets(st.sampled_from(COLUMNS)))
def test_columns_never_take_more_than_the_width(width: int, widest: int, columns: set[str]) -> None:
    widths = column_widths(width, widest, columns)
    assert widths.message_start + widths.message == max(width, widths.message_start)
    assert widths.message >= width // 4


@given(
    st.integers(40, 200),
    st.text(max_size=300),
    st.sampled_from(["INFO", "ERROR", "", "CRITICAL"]),
    st.one_of(st.none(), st.floats(0, 1)),
    st.booleans(),
)
def test_a_row_takes_exactly_its_width(width: int, message: str, level: str, score: float | None, cursor: bool) -> None:
    row = scored_event(score, message=message, level=level, service=message[:30])
    style = RowStyle(DRAWING, column_widths(width, 20, COLUMNS), re.compile("a"))
    strip = draw_row(row, [0.1, 0.9], style, RowState(cursor=cursor, late_lines=3))
    assert strip.cell_length == width
    assert strip.text.isprintable()


def test_a_notice_is_a_row_of_its_own_kind() -> None:
    style = RowStyle(DRAWING, column_widths(80, 12, COLUMNS))
    assert "rotated" in draw_row(notice(), [], style, RowState()).text


def test_a_muted_anomaly_keeps_its_number_and_loses_its_alarm() -> None:
    style = RowStyle(DRAWING, column_widths(100, 12, COLUMNS))
    text = draw_row(scored_event(0.9), [], style, RowState(flag=Flag(flagged=True, muted=True))).text
    assert UNICODE.muted in text
    assert UNICODE.flagged not in text
    assert "0.90" in text


def test_a_match_inside_a_shortened_id_brings_the_id_back() -> None:
    message = "instance b9000564-fe1a-409b-b8cc-1e88b294cd1d is gone"
    style = RowStyle(DRAWING, column_widths(120, 12, COLUMNS))
    assert "fe1a" not in draw_row(scored_event(message=message), [], style, RowState()).text
    searching = replace(style, pattern=re.compile("fe1a"))
    assert "fe1a" in draw_row(scored_event(message=message), [], searching, RowState()).text


@given(st.text(alphabet="abc", max_size=30), st.sampled_from(["a", "b*", "(a|c)+", "^a", "x?"]))
def test_highlighting_changes_no_text(text: str, pattern: str) -> None:
    parts = highlight(text, re.compile(pattern), Style.null(), Style(bold=True))
    assert "".join(part for part, _ in parts) == text


@pytest.mark.parametrize("palette", [*PALETTES.values(), NO_COLOUR])
def test_the_number_of_an_anomaly_stands_out_under_the_cursor_too(palette: Palette) -> None:
    style = RowStyle(Drawing(palette, UNICODE, 100), column_widths(100, 12, COLUMNS))
    strip = draw_row(scored_event(0.9), [], style, RowState(cursor=True, flag=Flag(flagged=True, muted=False)))
    number = next(segment for segment in strip if "0.90" in segment.text)
    rest = next(segment for segment in strip if "spawned" in segment.text)
    assert number.style is not None
    assert rest.style is not None
    assert (number.style.bgcolor, number.style.reverse) != (rest.style.bgcolor, rest.style.reverse) or number.style.bold
