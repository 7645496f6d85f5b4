"""Recent scores as bars against the line of the threshold, on a scale that is always 0 to 1."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

from textual.strip import Strip
from textual.widget import Widget

from tui.look.glyphs import Glyphs
from tui.look.themes import Palette
from tui.widgets.sheet import Line, strip_of

AXIS = 6
"""Cells that the scale takes at the left."""


class ScoreGraph(Widget):
    """One column an event, the newest at the right; flagged ones in the colour of anomalies."""

    def __init__(self, palette: Palette, glyphs: Glyphs) -> None:
        super().__init__(id="graph")
        self._palette, self._glyphs = palette, glyphs
        self._scores: list[float] = []
        self._threshold = 0.5
        self._lines: list[Line] = []

    @property
    def capacity(self) -> int:
        """How many scores there is room for."""
        return max(self.size.width - AXIS, 0)

    def show(self, scores: list[float], threshold: float) -> None:
        """Draw these scores, oldest first."""
        if (scores, threshold) != (self._scores, self._threshold):
            self._scores, self._threshold = scores, threshold
            self.refresh()

    def restyle(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """Draw one line of it."""
        if y == 0:
            self._lines = graph_lines(
                self._scores, self._threshold, self.capacity, self.size.height, self._palette, self._glyphs
            )
        line = self._lines[y] if y < len(self._lines) else []
        return strip_of(line, self.size.width, self.rich_style)


def graph_lines(
    scores: Sequence[float], threshold: float, width: int, height: int, palette: Palette, glyphs: Glyphs
) -> list[Line]:
    """Draw scores as `height` lines from the top; nan leaves a gap."""
    steps = len(glyphs.bars) - 1
    rule_row = min(int(threshold * height), height - 1)
    shown = list(scores[-width:]) if width else []
    lines = []
    for row in reversed(range(height)):
        is_rule = row == rule_row
        label = f"{threshold:.2f}" if is_rule else "1" if row == height - 1 else "0" if row == 0 else ""
        line: Line = [(f"{label:>4} ", palette.accent if is_rule else palette.faint)]
        for text, style in _row(shown, threshold, row, height, steps, palette, glyphs, rule=is_rule):
            line.append((text, style))
        rest = width - len(shown)
        line.insert(1, ((glyphs.rule if is_rule else " ") * rest, palette.accent))
        lines.append(line)
    return lines


def _row(
    scores: list[float],
    threshold: float,
    row: int,
    height: int,
    steps: int,
    palette: Palette,
    glyphs: Glyphs,
    *,
    rule: bool,
) -> Line:
    line: Line = []
    for score in scores:
        filled = 0 if isnan(score) else max(round(score * height * steps), 1) - row * steps
        if filled > 0:
            style = palette.flagged_mark if score >= threshold else palette.faint
            text = glyphs.bars[min(filled, steps)]
        else:
            text, style = (glyphs.rule, palette.accent) if rule else (" ", palette.text)
        if line and line[-1][1] is style:
            line[-1] = (line[-1][0] + text, style)
        else:
            line.append((text, style))
    return line
