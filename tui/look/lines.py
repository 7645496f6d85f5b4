"""Lines of styled text: the one primitive under every bar and pane that is not the table."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tui.look.text import fit_text

StyledText = tuple[str, Style]

Line = list[StyledText]
"""Parts of one line, from left to right."""

MIN_GAP: Final = 2
"""Cells between what stands at the left and at the right of a line."""


def strip_of(line: Line, width: int, base: Style) -> Strip:
    """Draw a line in exactly `width` cells."""
    return Strip([Segment(text, base + style) for text, style in line if text]).adjust_cell_length(width, base)


def line_text(line: Line) -> str:
    """Return the text of a line without its styles."""
    return "".join(text for text, _ in line)


def line_width(line: Line) -> int:
    """Return the cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def elide(line: Line, width: int, ellipsis: str) -> Line:
    """Cut a line to `width` cells where it is longer; the ellipsis marks the cut."""
    cut: Line = []
    room = width
    for text, style in line:
        cells = cell_len(text)
        if cells > room or (cells == room and line_width(line) > width):
            return [*cut, (fit_text(text + " " * room, room, ellipsis), style)]
        cut.append((text, style))
        room -= cells
    return cut


def spread(left: Line, right: Line, width: int) -> Line:
    """Put one line at the left and one at the right edge; the right one is left out when there is no room for both."""
    room = width - line_width(left) - line_width(right)
    return [*left, (" " * room, Style.null()), *right] if room >= MIN_GAP else left


def join_equal(parts: Iterable[StyledText]) -> Line:
    """Join neighbours of equal style, so that few segments are drawn."""
    line: Line = []
    for text, style in parts:
        if line and line[-1][1] == style:
            line[-1] = (line[-1][0] + text, style)
        else:
            line.append((text, style))
    return line


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` cells, at spaces where possible; continued lines keep the indent."""
    words = text.lstrip(" ")
    indent = " " * min(len(text) - len(words), width // 4 * 2)
    if indent:
        return [indent + line for line in wrap(words, width - len(indent))]
    lines: list[str] = []
    line = ""
    for word in words.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if cell_len(word) > width // 2:
            # Moving a path or an id to the next line would leave half a line empty, so it is cut.
            *full, line = chop_cells(joined, max(width, 1))
            lines += full
        else:
            lines.append(line)
            line = word
    return [*lines, line]
