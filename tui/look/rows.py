"""Draws one row of the event table: a pure function of the row, its state and the style of all rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from core.decision.flagging import NO_FLAG, Flag
from core.events import LogEvent, Notice, ScoredEvent, State
from core.history.history import Row
from core.support.printable import two_digits
from tui.look.columns import GUTTER, SCORE, ColumnWidths
from tui.look.drawing import Drawing
from tui.look.lines import Line, StyledText
from tui.look.text import LONGEST_SHORTENING, clock, fit_text, level_name, shorten_ids, shorten_path, sparkline
from tui.look.themes import Palette


@dataclass(frozen=True, slots=True)
class RowStyle:
    """What changes how every row is drawn."""

    drawing: Drawing
    columns: ColumnWidths
    pattern: re.Pattern[str] | None = None
    """What is highlighted in messages."""
    shift: int = 0
    """Cells that messages are scrolled to the left."""


class RowState(NamedTuple):
    """What changes how one row is drawn."""

    cursor: bool = False
    """The cursor is on this row, and visible."""
    marked: bool = False
    flag: Flag = NO_FLAG
    related: bool = False
    """Of the same request or instance as the row under the cursor."""
    context: bool = False
    """Visible only as the context of another row."""
    late_lines: int = 0
    """Lines of the event that came after it was drawn first."""


def draw_row(row: Row, trail: Sequence[float], style: RowStyle, state: RowState) -> Strip:
    """Draw a row in exactly the cells of the columns; `trail` is the last scores of its source, oldest first."""
    palette = style.drawing.palette
    parts = _notice(row, style) if isinstance(row, Notice) else _event(row, trail, style, state)
    parts = _gutter(style, state) + parts
    under = Style.null()
    if state.flag.alerting:
        under = palette.flagged_row
    if state.cursor:
        under += palette.cursor
        if palette.cursor.reverse:
            # Each colour would be reversed on its own, so only what has a background keeps its colours.
            parts = [(text, _without_colour(part_style, palette)) for text, part_style in parts]
    segments = [Segment(text, under + part_style) for text, part_style in parts if text]
    return Strip(segments).adjust_cell_length(style.columns.message_start + style.columns.message, under)


def _without_colour(style: Style, palette: Palette) -> Style:
    has_background = style in {palette.flagged, palette.match}
    return Style(reverse=False) + style if has_background else style.without_color


def header(style: RowStyle) -> Line:
    """Name the columns."""
    columns = style.columns
    names = ((columns.time, "time"), (columns.level, "level"), (columns.service, "service"))
    text = " " * GUTTER + "".join(f"{fit_text(name, width, '')} " for width, name in names if width)
    score = fit_text("score", SCORE + (columns.trail + 1 if columns.trail else 0), "")
    return [(f"{text}{score} message", style.drawing.palette.faint)]


def _gutter(style: RowStyle, state: RowState) -> list[StyledText]:
    glyphs, palette = style.drawing.glyphs, style.drawing.palette
    if state.marked:
        left = (glyphs.mark, palette.accent)
    elif state.cursor:
        left = (glyphs.cursor, palette.heading)
    elif state.related:
        left = (glyphs.related, palette.related)
    else:
        left = (" ", palette.text)
    right = (" ", palette.text)
    if state.flag.flagged:
        right = (glyphs.flagged, palette.flagged_mark) if state.flag.alerting else (glyphs.muted, palette.faint)
    return [left, right, (" ", palette.text)]


def _notice(notice: Notice, style: RowStyle) -> list[StyledText]:
    columns, drawing = style.columns, style.drawing
    rule = drawing.glyphs.notice * 2
    source = drawing.safe(shorten_path(notice.source, 40, drawing.glyphs.ellipsis))
    text = f"{rule} {source}: {drawing.safe(notice.text)} {rule}"
    return [(drawing.fit(text, columns.message_start + columns.message - GUTTER), drawing.palette.accent)]


def _event(row: ScoredEvent, trail: Sequence[float], style: RowStyle, state: RowState) -> list[StyledText]:
    columns, drawing, event = style.columns, style.drawing, row.event
    palette = drawing.palette
    severity = palette.faint if state.context else palette.level(event.level)
    parts: list[StyledText] = []
    if columns.time:
        parts.append((fit_text(clock(event, columns.time), columns.time, "") + " ", palette.faint))
    if columns.level:
        parts.append((fit_text(level_name(event.level, columns.level), columns.level, "") + " ", severity))
    if columns.service:
        unread = row.state is State.UNKNOWN_FORMAT
        service = drawing.safe(event.source.rpartition("/")[2] if unread else event.service) or "-"
        parts.append((drawing.fit(service, columns.service) + " ", palette.faint))
    alerting = state.flag.alerting
    parts += [(score_text(row), palette.flagged if alerting else _score_style(row, palette)), (" ", palette.text)]
    if columns.trail:
        line = sparkline(trail, columns.trail, drawing.glyphs.bars)
        newest = palette.flagged_mark if alerting else palette.faint
        parts += [(line[:-1], palette.faint), (line[-1:] + " ", newest)]
    extra = event.extra_lines + state.late_lines
    extra_text = f" +{extra}" if extra else ""
    parts += _message(event, max(columns.message - len(extra_text), 0), severity, style)
    if extra_text:
        parts.append((extra_text, palette.faint))
    return parts


def score_text(row: ScoredEvent) -> str:
    """Write a score in five cells: `~0.97` while warming up, `?` where there is none."""
    if row.score is None:
        return "    ?"
    return f"{'~' if row.state is State.WARMING_UP else ' '}{two_digits(row.score)}"


def _score_style(row: ScoredEvent, palette: Palette) -> Style:
    return palette.score if row.state is State.SCORED else palette.faint


def _message(event: LogEvent, width: int, severity: Style, style: RowStyle) -> list[StyledText]:
    pattern, drawing = style.pattern, style.drawing
    # A line may have megabytes: only what can be visible after ids are shortened is looked at.
    full = drawing.safe(event.head[: style.shift + (width + 1) * LONGEST_SHORTENING])
    text = full if style.shift else shorten_ids(full, drawing.glyphs.ellipsis)
    if pattern is not None and text != full and pattern.search(full) and not pattern.search(text):
        text = full
    text = drawing.fit(text[style.shift :], width)
    if pattern is None:
        return [(text, severity)]
    return highlight(text, pattern, severity, drawing.palette.match)


def highlight(text: str, pattern: re.Pattern[str], style: Style, match_style: Style) -> list[StyledText]:
    """Split text at what the pattern matches; the joined parts are the text."""
    parts: list[StyledText] = []
    end = 0
    for match in pattern.finditer(text):
        if match.end() > match.start():
            parts += [(text[end : match.start()], style), (match[0], match_style)]
            end = match.end()
    return [*parts, (text[end:], style)]
