"""Lines of styled text: the one primitive under every bar and pane that is not the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from rich.cells import cell_len, chop_cells
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from tui.look.rows import Part
from tui.look.text import fit

Line = list[Part]
"""Parts of one line, from left to right."""

GAP: Final = 2


def strip_of(line: Line, width: int, base: Style) -> Strip:
    """Draw a line in exactly `width` cells."""
    return Strip([Segment(text, base + style) for text, style in line if text]).adjust_cell_length(width, base)


def length(line: Line) -> int:
    """Cells that a line takes."""
    return sum(cell_len(text) for text, _ in line)


def elide(line: Line, width: int, ellipsis: str) -> Line:
    """Cut a line to `width` cells where it is longer; the ellipsis says that something was cut."""
    cut: Line = []
    room = width
    for text, style in line:
        cells = cell_len(text)
        if cells > room or (cells == room and length(line) > width):
            return [*cut, (fit(text + " " * room, room, ellipsis), style)]
        cut.append((text, style))
        room -= cells
    return cut


def spread(left: Line, right: Line, width: int) -> Line:
    """Put one line at the left and one at the right edge; the right one goes when there is no room for both."""
    room = width - length(left) - length(right)
    return [*left, (" " * room, Style.null()), *right] if room >= GAP else left


def wrap(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` cells, at spaces where there are any; an indent goes on."""
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
            # A path or an id would leave half a line empty; it is cut instead.
            *full, line = chop_cells(joined, max(width, 1))
            lines += full
        else:
            lines.append(line)
            line = word
    return [*lines, line]


class PlainScrollBar(ScrollBarRender):
    """A scroll bar of whole cells."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class Bar(Widget):
    """One line of text; it is drawn only when it says something else than before."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._line: Line = []

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(text for text, _ in self._line)

    def show(self, line: Line) -> None:
        """Say this."""
        if line != self._line:
            self._line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw it."""
        return strip_of(self._line, self.size.width, self.rich_style)


class Sheet(ScrollView, inherit_bindings=False):
    """Many lines, scrolled."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[Line] = []

    @property
    def text(self) -> str:
        """All that it says."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Say this."""
        if lines != self._lines:
            self._lines = lines
            self.virtual_size = Size(self.size.width, len(lines))
            self.refresh()

    def scroll_rows(self, rows: int) -> None:
        """Scroll by this many lines."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def render_line(self, y: int) -> Strip:
        """Draw one visible line."""
        index = self.scroll_offset.y + y
        line = self._lines[index] if index < len(self._lines) else []
        return strip_of(line, self.size.width, self.rich_style)
