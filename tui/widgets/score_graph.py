"""Recent scores as bars with a line at the threshold, on a fixed scale from 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import Final

from textual.strip import Strip
from textual.widget import Widget

from core.decision.flagging import reaches
from tui.look.drawing import Drawing
from tui.look.lines import Line, join_equal, strip_of

SCALE_CELLS: Final = 6
"""Cells of the scale at the left."""


class ScoreGraph(Widget):
    """One column per event, the newest at the right."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__(id="graph")
        self._drawing = drawing
        self._scores: list[float] = []
        self._threshold = 0.5
        self._lines: list[Line] = []

    @property
    def capacity(self) -> int:
        """How many scores there is room for."""
        return max(self.size.width - SCALE_CELLS, 0)

    def show(self, scores: list[float], threshold: float) -> None:
        """Draw these scores, oldest first."""
        if (scores, threshold) != (self._scores, self._threshold):
            self._scores, self._threshold = scores, threshold
            self.refresh()

    def restyle(self, drawing: Drawing) -> None:
        """Draw with other styles."""
        self._drawing = drawing
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of it."""
        if y == 0:
            drawing = self._drawing.resized(self.capacity)
            self._lines = graph_lines(self._scores, self._threshold, self.size.height, drawing)
        line = self._lines[y] if y < len(self._lines) else []
        return strip_of(line, self.size.width, self.rich_style)


def graph_lines(scores: Sequence[float], threshold: float, height: int, drawing: Drawing) -> list[Line]:
    """Draw the newest scores that fit the width as `height` lines, the top one first; nan leaves a gap."""
    palette, glyphs, width = drawing.palette, drawing.glyphs, drawing.width
    rule_row = min(int(threshold * height), height - 1)
    shown = list(scores[-width:]) if width else []
    lines = []
    for row in reversed(range(height)):
        is_rule = row == rule_row
        label = f"{threshold:.2f}" if is_rule else "1" if row == height - 1 else "0" if row == 0 else ""
        blank = (glyphs.rule, palette.accent) if is_rule else (" ", palette.text)
        cells = []
        for score in shown:
            steps = _steps(score, row, height, len(glyphs.bars) - 1)
            style = palette.flagged_mark if reaches(score, threshold) else palette.faint
            cells.append((glyphs.bars[steps], style) if steps else blank)
        rest = (blank[0] * (width - len(shown)), palette.accent)
        lines.append([(f"{label:>4} ", palette.accent if is_rule else palette.faint), rest, *join_equal(cells)])
    return lines


def _steps(score: float, row: int, height: int, steps: int) -> int:
    """Return how far the bar of a score fills the cell in this row, 0 to `steps`; any score fills at least one step."""
    filled = 0 if isnan(score) else max(round(score * height * steps), 1) - row * steps
    return min(max(filled, 0), steps)
