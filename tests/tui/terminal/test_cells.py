"""What is written in place of a frame shows the same, in fewer characters."""

from __future__ import annotations

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size

from tui.terminal.cells import CellBuffer

COLUMNS, ROWS = 30, 4
BASE = "\x1b[1;1H"

Run = tuple[str, str]

texts = st.one_of(
    st.text("ab …▁", max_size=14), st.just(" " * 12), st.sampled_from(["漢字", "e\u0301", "né", "", "x" * 20])
)
styles = st.sampled_from(["", "2", "39;49", "2;39;49", "1;91;41", "38;5;39;49", "38;2;0;39;49", "7"])
pieces = st.tuples(st.integers(0, ROWS - 1), st.integers(0, 8), st.lists(st.tuples(styles, texts), max_size=3))
frames = st.lists(st.lists(pieces, min_size=1, max_size=6), min_size=1, max_size=5)


def frame(some: list[tuple[int, int, list[Run]]]) -> str:
    """Write pieces as Textual does, the cursor at the top left in the end."""
    written = ""
    for row, column, runs in some:
        written += f"\x1b[{row + 1};{column + 1}H"
        left = COLUMNS - column
        for style, whole in runs:
            text = set_cell_size(whole, min(cell_len(whole), left))
            left -= cell_len(text)
            written += f"\x1b[{style}m{text}\x1b[0m" if style else text
    return written + BASE


def shown(*writings: str) -> tuple[list[list[object]], tuple[int, int]]:
    """Return every cell with its style, and the cursor, as a terminal has them after these."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.Stream(screen)
    stream.feed("\x1b[?7l")
    for writing in writings:
        stream.feed(writing)
    cells: list[list[object]] = [[screen.buffer[row][column] for column in range(COLUMNS)] for row in range(ROWS)]
    return cells, (screen.cursor.y, screen.cursor.x)


@given(frames)
def test_the_changes_show_what_the_frames_show(drawn: list[list[tuple[int, int, list[Run]]]]) -> None:
    buffer = CellBuffer()
    whole = [frame(some) for some in drawn]
    assert shown(*map(buffer.changes, whole)) == shown(*whole)


def test_a_frame_that_shows_what_is_shown_writes_nothing() -> None:
    buffer = CellBuffer()
    same = frame([(0, 0, [("2", "time "), ("", "message")]), (1, 3, [("1;91;41", "0.97")])])
    assert buffer.changes(same)
    assert buffer.changes(same) == ""


def test_only_the_cells_that_differ_are_written() -> None:
    buffer = CellBuffer()
    buffer.changes(frame([(2, 0, [("2;39;49", "10:00:00.123 "), ("", "INFO     first")])]))
    changed = buffer.changes(frame([(2, 0, [("2;39;49", "10:00:00.124 "), ("", "INFO     second")])]))
    assert changed == f"\x1b[3;12H\x1b[2m4\x1b[10C\x1b[msecond{BASE}"


def test_many_blanks_are_erased() -> None:
    buffer = CellBuffer()
    buffer.changes(frame([(0, 0, [("", "x" * 20)])]))
    assert buffer.changes(frame([(0, 0, [("", "x" + " " * 19)])])) == f"\x1b[1;2H\x1b[19X{BASE}"


def test_a_row_with_wide_characters_is_written_whole() -> None:
    buffer = CellBuffer()
    buffer.changes(frame([(0, 0, [("", "漢 one")])]))
    assert "漢 two" in buffer.changes(frame([(0, 0, [("", "漢 two")])]))


@pytest.mark.parametrize("between", ["\x1b[?1049h", "\x1b[2J", "\x1bc", "text"])
def test_what_may_have_changed_the_screen_passes_and_all_is_written_again(between: str) -> None:
    buffer = CellBuffer()
    some = frame([(0, 0, [("", "text")])])
    first = buffer.changes(some)
    assert buffer.changes(between) == between
    assert buffer.changes(some) == first


@pytest.mark.parametrize(
    "between",
    ["\x1b[?1003h", "\x1b[?2026$p", "\x1b[>9u", "\x1b[<u", "\x07", "\x1b]52;c;eA==\x07", "\x1bPtmux;\x1b\x1b]52\x1b\\"],
)
def test_what_changes_no_cell_passes_and_nothing_is_written_again(between: str) -> None:
    buffer = CellBuffer()
    some = frame([(0, 0, [("", "text")])])
    buffer.changes(some)
    assert buffer.changes(between) == between
    assert buffer.changes(some) == ""


def test_all_is_written_again_after_forgetting() -> None:
    buffer = CellBuffer()
    some = frame([(0, 0, [("", "text")])])
    first = buffer.changes(some)
    buffer.forget()
    assert buffer.changes(some) == first
