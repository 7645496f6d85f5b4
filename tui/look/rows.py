"""Draws one row of the event table: a pure function of the row, its place and how things look at the moment."""

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
from tui.look.glyphs import Glyphs
from tui.look.layout import GUTTER, SCORE, Layout
from tui.look.text import SHORTENED, clock, draw, fit, level_name, shorten_ids, shorten_path, sparkline
from tui.look.themes import Palette


@dataclass(frozen=True, slots=True)
class Look:
    """All that changes how every row is drawn."""

    layout: Layout
    palette: Palette
    glyphs: Glyphs
    threshold: float
    pattern: re.Pattern[str] | None = None
    shift: int = 0
    """Cells that messages are scrolled to the left."""


class Place(NamedTuple):
    """What is true of one row only."""

    cursor: bool = False
    """Whether the cursor stands here and is to be seen."""
    marked: bool = False
    flag: Flag = NO_FLAG
    related: bool = False
    """Whether it belongs to the request or instance of the row under the cursor."""
    context: bool = False
    """Whether it is shown only as the context of another row."""
    late_lines: int = 0


Part = tuple[str, Style]


def draw_row(row: Row, trail: Sequence[float], look: Look, place: Place) -> Strip:
    """Draw a row in exactly the cells of the layout."""
    palette = look.palette
    parts = _notice(row, look) if isinstance(row, Notice) else _event(row, trail, look, place)
    parts = _gutter(look, place) + parts
    under = Style.null()
    if place.flag.alerting:
        under = palette.flagged_row
    if place.cursor:
        under += palette.cursor
        if palette.cursor.reverse:
            # Reversed colours make a patchwork, so the row gives up its own, all but what has a background.
            parts = [(text, _plain(style, palette)) for text, style in parts]
    segments = [Segment(text, under + style) for text, style in parts if text]
    return Strip(segments).adjust_cell_length(look.layout.message_start + look.layout.message, under)


def _plain(style: Style, palette: Palette) -> Style:
    stands_out = style in {palette.flagged, palette.match}
    return Style(reverse=False) + style if stands_out else style.without_color


def header(look: Look) -> list[Part]:
    """Name the columns."""
    layout = look.layout
    names = ((layout.time, "time"), (layout.level, "level"), (layout.service, "service"))
    text = " " * GUTTER + "".join(f"{fit(name, width, '')} " for width, name in names if width)
    score = fit("score", SCORE + (layout.trail + 1 if layout.trail else 0), "")
    return [(f"{text}{score} message", look.palette.faint)]


def _gutter(look: Look, place: Place) -> list[Part]:
    glyphs, palette = look.glyphs, look.palette
    if place.marked:
        left = (glyphs.mark, palette.accent)
    elif place.cursor:
        left = (glyphs.cursor, palette.heading)
    elif place.related:
        left = (glyphs.related, palette.related)
    else:
        left = (" ", palette.text)
    right = (" ", palette.text)
    if place.flag.flagged:
        right = (glyphs.muted, palette.faint) if place.flag.muted else (glyphs.flagged, palette.flagged_mark)
    return [left, right, (" ", palette.text)]


def _notice(notice: Notice, look: Look) -> list[Part]:
    layout, glyphs = look.layout, look.glyphs
    rule = glyphs.notice * 2
    source = draw(shorten_path(notice.source, 40, glyphs.ellipsis), glyphs)
    text = f"{rule} {source}: {draw(notice.text, glyphs)} {rule}"
    width = layout.message_start + layout.message - GUTTER
    return [(fit(text, width, glyphs.ellipsis), look.palette.accent)]


def _event(row: ScoredEvent, trail: Sequence[float], look: Look, place: Place) -> list[Part]:
    layout, palette, glyphs, event = look.layout, look.palette, look.glyphs, row.event
    severity = palette.faint if place.context else palette.level(event.level)
    parts: list[Part] = []
    if layout.time:
        parts.append((fit(clock(event, layout.time), layout.time, "") + " ", palette.faint))
    if layout.level:
        parts.append((fit(level_name(event.level, layout.level), layout.level, "") + " ", severity))
    if layout.service:
        service = draw(event.service, glyphs) or "-"
        parts.append((fit(service, layout.service, glyphs.ellipsis) + " ", palette.faint))
    flagged = place.flag.alerting
    parts += [(score_text(row), palette.flagged if flagged else _score_style(row, palette)), (" ", palette.text)]
    if layout.trail:
        line = sparkline(trail, layout.trail, glyphs.bars)
        newest = palette.flagged_mark if flagged else palette.faint
        parts += [(line[:-1], palette.faint), (line[-1:] + " ", newest)]
    extra = event.extra_lines + place.late_lines
    tag = f" +{extra}" if extra else ""
    width = max(layout.message - len(tag), 0)
    parts += _message(event, width, severity, look)
    if tag:
        parts.append((tag, palette.faint))
    return parts


def score_text(row: ScoredEvent) -> str:
    """Write a score in five cells: `~0.97` while warming up, `?` where there is none."""
    if row.score is None:
        return "    ?"
    return f"{'~' if row.state is State.WARMING_UP else ' '}{two_digits(row.score)}"


def _score_style(row: ScoredEvent, palette: Palette) -> Style:
    return palette.score if row.state is State.SCORED else palette.faint


def _message(event: LogEvent, width: int, style: Style, look: Look) -> list[Part]:
    pattern, glyphs = look.pattern, look.glyphs
    # A line may have megabytes: no more of it is looked at than can be seen when its ids are shortened.
    full = draw(event.head[: look.shift + (width + 1) * SHORTENED], glyphs)
    text = full if look.shift else shorten_ids(full, glyphs.ellipsis)
    if pattern is not None and text != full and pattern.search(full) and not pattern.search(text):
        text = full
    text = fit(text[look.shift :], width, glyphs.ellipsis)
    if pattern is None:
        return [(text, style)]
    return highlight(text, pattern, style, look.palette.match)


def highlight(text: str, pattern: re.Pattern[str], style: Style, match_style: Style) -> list[Part]:
    """Split text at what the pattern matches; the joined parts are the text."""
    parts: list[Part] = []
    end = 0
    for match in pattern.finditer(text):
        if match.end() > match.start():
            parts += [(text[end : match.start()], style), (match[0], match_style)]
            end = match.end()
    return [*parts, (text[end:], style)]
