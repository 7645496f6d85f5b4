"""Events per interval over the history, by severity, with what is flagged and where the cursor stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
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
from tui.look.glyphs import Glyphs
from tui.look.rows import Part
from tui.look.text import count
from tui.look.themes import Palette
from tui.widgets.sheet import Line, strip_of

AXIS: Final = 6
"""Cells that the scale takes at the left."""

MAX_ZOOM: Final = 16
"""Halvings of the span: of a day, about a second is left."""


def window(span: tuple[float, float], zoom: int, center: float) -> tuple[float, float]:
    """Choose the part of a span to show: half as long with each step of zoom, around the centre, inside the span."""
    first, last = span[0], max(span[1], span[0] + 1.0) + 1e-3
    seconds = (last - first) / 2**zoom
    start = min(max(center - seconds / 2, first), last - seconds)
    return start, start + seconds


def severities(bins: Bins) -> npt.NDArray[np.int64]:
    """Sum levels up to what a bar is stacked of: severe, warning, all else [n, 3]."""
    levels, warning, error = bins.levels, LEVEL_RANK["WARNING"], LEVEL_RANK["ERROR"]
    return np.stack([levels[:, error:].sum(1), levels[:, warning], levels[:, :warning].sum(1)], axis=1)


@dataclass(frozen=True, slots=True)
class _Scale:
    """What turns counts into heights."""

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


def timeline_lines(bins: Bins, height: int, cursor: int | None, palette: Palette, glyphs: Glyphs) -> list[Line]:
    """Draw bars in `height - 2` lines, then what is flagged, then the axis; `cursor` is an interval."""
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
        lines.append([(f"{label:>{AXIS - 1}} ", palette.faint), *_joined(cells)])
    lines.append([(" " * AXIS, palette.faint), *_joined(_marks(bins, parts, palette, glyphs))])
    lines.append(_axis(bins, cursor, palette, glyphs))
    return lines


def _cell(tops: list[int], bottom: int, steps: int, styles: tuple[Style, ...], glyphs: Glyphs) -> Part:
    """Draw one cell of a stacked bar: the lowest part in it as a bar, the next as what is behind the bar."""
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


def _marks(bins: Bins, parts: npt.NDArray[np.int64], palette: Palette, glyphs: Glyphs) -> list[Part]:
    """Write a sign under each interval: flagged, else severe, else warning. Colour alone would not do."""
    marks: list[Part] = []
    for flagged, (severe, warning, _) in zip(bins.flagged.tolist(), parts.tolist(), strict=True):
        if flagged:
            marks.append((glyphs.flagged, palette.flagged_mark))
        elif severe:
            marks.append(("e", palette.severe))
        else:
            marks.append(("w", palette.warning) if warning else (" ", palette.text))
    return marks


def _axis(bins: Bins, cursor: int | None, palette: Palette, glyphs: Glyphs) -> Line:
    edges, n = bins.edges, len(bins.flagged)
    left = _moment(float(edges[0]), float(edges[-1] - edges[0]))
    right = _moment(float(edges[-1]), float(edges[-1] - edges[0]))
    middle = f"a column is {duration(float(edges[1] - edges[0]))}, {count(int(bins.flagged.sum()))} flagged"
    axis = list(left.ljust(n)[:n])
    if n >= len(left) + len(middle) + len(right) + 4:
        at = (n - len(middle)) // 2
        axis[at : at + len(middle)] = middle
    if n >= len(left) + len(right) + 2:
        axis[n - len(right) :] = right
    parts: Line = [(" " * AXIS + "".join(axis), palette.faint)]
    if cursor is not None and 0 <= cursor < n:
        text = "".join(axis)
        parts = [
            (" " * AXIS + text[:cursor], palette.faint),
            ("^" if glyphs.only_ascii else "▲", palette.heading),
            (text[cursor + 1 :], palette.faint),
        ]
    return parts


def _moment(timestamp: float, seconds: float) -> str:
    moment = datetime.fromtimestamp(timestamp, UTC)
    if seconds < 60:
        return f"{moment:%H:%M:%S}.{moment.microsecond // 100_000}"
    return f"{moment:%H:%M:%S}" if seconds < 86_400 else f"{moment:%m-%d %H:%M}"


def _joined(cells: list[Part]) -> Line:
    """Join neighbours of one style, so that few segments are drawn."""
    line: Line = []
    for text, style in cells:
        if line and line[-1][1] == style:
            line[-1] = (line[-1][0] + text, style)
        else:
            line.append((text, style))
    return line


class Timeline(Widget):
    """The bars; zoomed about the cursor, which it follows."""

    def __init__(self, history: History, palette: Palette, glyphs: Glyphs) -> None:
        super().__init__(id="timeline")
        self._history = history
        self._palette, self._glyphs = palette, glyphs
        self._zoom = 0
        self._bins: Bins | None = None
        self._lines: list[Line] = []

    @property
    def text(self) -> str:
        """What it shows."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def restyle(self, palette: Palette) -> None:
        """Draw in other colours."""
        self._palette = palette

    def zoom(self, steps: int) -> bool:
        """Zoom in (1) or out (-1); tell whether there was anywhere to go."""
        zoom = min(max(self._zoom + steps, 0), MAX_ZOOM)
        changed, self._zoom = zoom != self._zoom, zoom
        return changed

    def show(self, row: int | None, threshold: float) -> None:
        """Draw the time around this row of the history."""
        reach = span(self._history)
        columns = self.size.width - AXIS
        lines: list[Line] = [[("no event has a time yet", self._palette.faint)]]
        self._bins = None
        if reach is not None and columns > 0:
            here = reach[1] if row is None else float(self._history.timestamps()[row])
            center = reach[1] if np.isnan(here) else here
            start, end = window(reach, self._zoom, center)
            self._bins = count_in_bins(self._history, start, end, columns, threshold)
            cursor = int((center - start) / (end - start) * columns)
            lines = timeline_lines(self._bins, self.size.height, cursor, self._palette, self._glyphs)
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    def neighbour(self, row: int, direction: int) -> float | None:
        """Find the middle of the next interval with events, before (-1) or after (1) the one of this row."""
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
