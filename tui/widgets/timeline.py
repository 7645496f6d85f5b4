"""Events per interval of time over the history, by severity, with the flagged intervals and the cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from core.events import LEVEL_RANK
from core.history.history import History
from core.history.timeline import Bins, count_in_bins, span
from core.support.printable import duration
from tui.look.drawing import Drawing
from tui.look.glyphs import Glyphs
from tui.look.lines import Line, StyledText, join_equal, line_text, strip_of
from tui.look.text import count, host_time

COUNT_CELLS: Final = 6
"""Cells of the counts at the left."""

MAX_ZOOM: Final = 16
"""Halvings of the time span: of a day, about a second is left."""


def zoomed(span: tuple[float, float], zoom: int, center: float) -> tuple[float, float]:
    """Choose the part of a time span to show: halved per step of zoom, around the centre, inside the span. Seconds."""
    first, last = span[0], max(span[1], span[0] + 1.0) + 1e-3
    seconds = (last - first) / 2**zoom
    start = min(max(center - seconds / 2, first), last - seconds)
    return start, start + seconds


def severities(bins: Bins) -> npt.NDArray[np.int64]:
    """Count per interval what a bar is stacked of: severe, warning, all other events [n, 3]."""
    levels, warning, error = bins.levels, LEVEL_RANK["WARNING"], LEVEL_RANK["ERROR"]
    return np.stack([levels[:, error:].sum(1), levels[:, warning], levels[:, :warning].sum(1)], axis=1)


@dataclass(frozen=True, slots=True)
class _Scale:
    """Turns counts into heights."""

    most: int
    height: int
    steps: int

    def tops(self, counts: list[int]) -> list[int]:
        """Return where each part of a stacked bar ends, in steps; a part with an event takes at least one."""
        room = self.height * self.steps
        tops: list[int] = []
        top = total = 0
        for number in counts:
            total += number
            top = max(round(total / self.most * room), top + 1) if number else top
            tops.append(min(top, room))
        return tops


def timeline_lines(bins: Bins, height: int, cursor: int | None, drawing: Drawing) -> list[Line]:
    """Draw bars in `height - 2` lines, then the flagged intervals, then the axis; `cursor` is an interval."""
    palette, glyphs = drawing.palette, drawing.glyphs
    parts = severities(bins)
    totals = parts.sum(1)
    most = max(int(totals.max(initial=0)), 1)
    bars = max(height - 2, 1)
    scale = _Scale(most, bars, len(glyphs.bars) - 1)
    stacks = [scale.tops(row) for row in parts.tolist()]
    styles = (palette.severe, palette.warning, palette.faint)
    lines: list[Line] = []
    for row in reversed(range(bars)):
        label = count(most) if row == bars - 1 else "0" if row == 0 else ""
        cells = [_cell(tops, row * scale.steps, scale.steps, styles, glyphs) for tops in stacks]
        lines.append([(f"{label:>{COUNT_CELLS - 1}} ", palette.faint), *join_equal(cells)])
    lines.append([(" " * COUNT_CELLS, palette.faint), *join_equal(_marks(bins, parts, drawing))])
    lines.append(_axis(bins, cursor, drawing))
    return lines


def _cell(tops: list[int], bottom: int, steps: int, styles: tuple[Style, ...], glyphs: Glyphs) -> StyledText:
    """Draw one cell of a stacked bar: its lowest part as a bar, the part above as the background of that bar."""
    part = next((index for index, top in enumerate(tops) if top > bottom), None)
    if part is None:
        return " ", Style.null()
    top = tops[part]
    filled = min(top - bottom, steps)
    style = styles[part]
    above = next((index for index in range(part + 1, len(tops)) if tops[index] > top), None)
    if filled < steps and above is not None and tops[above] - bottom > (filled + steps) / 2:
        style += Style(bgcolor=styles[above].color)
    return glyphs.bars[filled], style


def _marks(bins: Bins, parts: npt.NDArray[np.int64], drawing: Drawing) -> list[StyledText]:
    """Write a mark under each interval: flagged, else severe, else warning."""
    palette, glyphs = drawing.palette, drawing.glyphs
    marks: list[StyledText] = []
    for flagged, (severe, warning, _) in zip(bins.flagged.tolist(), parts.tolist(), strict=True):
        if flagged:
            marks.append((glyphs.flagged, palette.flagged_mark))
        elif severe:
            marks.append(("e", palette.severe))
        else:
            marks.append(("w", palette.warning) if warning else (" ", palette.text))
    return marks


def _axis(bins: Bins, cursor: int | None, drawing: Drawing) -> Line:
    palette, glyphs = drawing.palette, drawing.glyphs
    edges, n = bins.edges, len(bins.flagged)
    left = _time(float(edges[0]), float(edges[-1] - edges[0]))
    right = _time(float(edges[-1]), float(edges[-1] - edges[0]))
    middle = f"a column is {duration(float(edges[1] - edges[0]))}, {count(int(bins.flagged.sum()))} flagged"
    axis = list(left.ljust(n)[:n])
    if n >= len(left) + len(middle) + len(right) + 4:
        at = (n - len(middle)) // 2
        axis[at : at + len(middle)] = middle
    if n >= len(left) + len(right) + 2:
        axis[n - len(right) :] = right
    parts: Line = [(" " * COUNT_CELLS + "".join(axis), palette.faint)]
    if cursor is not None and 0 <= cursor < n:
        text = "".join(axis)
        parts = [
            (" " * COUNT_CELLS + text[:cursor], palette.faint),
            ("^" if glyphs.only_ascii else "▲", palette.heading),
            (text[cursor + 1 :], palette.faint),
        ]
    return parts


def _time(timestamp: float, seconds: float) -> str:
    moment = host_time(timestamp)
    if moment is None:
        return ""
    if seconds < 60:
        return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"
    return f"{moment:%H:%M:%S}" if seconds < 86_400 else f"{moment:%m-%d %H:%M}"


class Timeline(Widget):
    """The bars around the cursor."""

    def __init__(self, history: History, drawing: Drawing) -> None:
        super().__init__(id="timeline")
        self._history = history
        self._drawing = drawing
        self._zoom = 0
        self._bins: Bins | None = None
        self._lines: list[Line] = []

    @property
    def text(self) -> str:
        """Its text without styles."""
        return "\n".join(line_text(line).rstrip() for line in self._lines)

    def restyle(self, drawing: Drawing) -> None:
        """Draw with other styles from now on."""
        self._drawing = drawing

    def zoom(self, steps: int) -> bool:
        """Zoom in (1) or out (-1); tell whether that was possible."""
        zoom = min(max(self._zoom + steps, 0), MAX_ZOOM)
        changed, self._zoom = zoom != self._zoom, zoom
        return changed

    def show(self, row: int | None, threshold: float) -> None:
        """Draw the time around this row of the history."""
        reach = span(self._history)
        columns = self.size.width - COUNT_CELLS
        lines: list[Line] = [[("no event has a time yet", self._drawing.palette.faint)]]
        self._bins = None
        if reach is not None and columns > 0:
            here = reach[1] if row is None else float(self._history.timestamps()[row])
            center = reach[1] if np.isnan(here) else here
            start, end = zoomed(reach, self._zoom, center)
            self._bins = count_in_bins(self._history, start, end, columns, threshold)
            cursor = int((center - start) / (end - start) * columns)
            lines = timeline_lines(self._bins, self.size.height, cursor, self._drawing)
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def neighbour(self, row: int, direction: int) -> float | None:
        """Return the time of the next interval with events before (-1) or after (1) this row, in seconds since 1970."""
        here = float(self._history.timestamps()[row])
        if self._bins is None or np.isnan(here):
            return None
        middles = (self._bins.edges[:-1] + self._bins.edges[1:]) / 2
        column = int(np.searchsorted(self._bins.edges, here, side="right")) - 1
        filled = np.flatnonzero(self._bins.levels.sum(1))
        beyond = filled[filled > column] if direction > 0 else filled[filled < column][::-1]
        return float(middles[beyond[0]]) if len(beyond) else None

    def render_line(self, y: int) -> Strip:
        """Draw one line of it."""
        line = self._lines[y] if y < len(self._lines) else []
        return strip_of(line, self.size.width, self.rich_style)
