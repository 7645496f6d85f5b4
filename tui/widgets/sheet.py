"""Widgets that show lines of styled text: one line, or many that scroll."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBarRender
from textual.strip import Strip
from textual.widget import Widget

from tui.look.lines import Line, line_text, strip_of


class PlainScrollBar(ScrollBarRender):
    """A scroll bar of whole cells, for a terminal that prints ASCII only."""

    VERTICAL_BARS: ClassVar[list[str]] = [" "] * 8
    HORIZONTAL_BARS: ClassVar[list[str]] = [" "] * 8


class Bar(Widget):
    """One line of text, drawn again only when it changes."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._line: Line = []

    @property
    def text(self) -> str:
        """Its text without styles."""
        return line_text(self._line)

    def show(self, line: Line) -> None:
        """Show this line."""
        if line != self._line:
            self._line = line
            self.refresh()

    def render_line(self, y: int) -> Strip:  # noqa: ARG002
        """Draw it."""
        return strip_of(self._line, self.size.width, self.rich_style)


class Sheet(ScrollView, inherit_bindings=False):
    """Many lines that scroll."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines: Sequence[Line] = []

    @property
    def text(self) -> str:
        """Its text without styles."""
        return "\n".join(line_text(line).rstrip() for line in self._lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
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
