"""Text that is safe to print and fits: escaping, cutting to cells, shortening ids, numbers and times."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from rich.cells import cell_len, set_cell_size

from core.events import LogEvent
from core.support.printable import escape
from tui.look.glyphs import Glyphs

LONG_ID: Final = re.compile(
    r"(?:(?<=\[)instance: )?\b([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b([0-9a-f]{8})[0-9a-f]{24}\b"
)
"""A UUID with or without hyphens; inside brackets together with the word `instance`, which nova writes before it."""

LONGEST_SHORTENING: Final = 6
"""Shortening ids makes a text at most so many times shorter."""

_CHARACTERS_PER_CELL: Final = 8
"""A letter and its combining marks."""

_SHORT_LEVELS: Final = {"CRITICAL": "CRIT", "WARNING": "WARN"}


def safe_text(text: str, glyphs: Glyphs) -> str:
    """Make text of unknown origin safe to print: controls are escaped, and non-ASCII text on an ASCII terminal."""
    text = escape(text)
    if not glyphs.only_ascii or text.isascii():
        return text
    return text.encode("ascii", "backslashreplace").decode("ascii")


def fit_text(text: str, width: int, ellipsis: str) -> str:
    """Cut or pad text to exactly `width` cells; the ellipsis marks a cut."""
    if width <= 0:
        return ""
    if text.isascii():
        return text.ljust(width) if len(text) <= width else text[: width - len(ellipsis)] + ellipsis
    # A line may have megabytes: only what can be visible is measured.
    text = text[: width * _CHARACTERS_PER_CELL]
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, width - len(ellipsis)) + ellipsis


def shorten_ids(text: str, ellipsis: str) -> str:
    """Shorten UUIDs to their first eight digits."""
    return LONG_ID.sub(lambda match: (match[1] or match[2]) + ellipsis, text)


def shorten_path(path: str, width: int, ellipsis: str) -> str:
    """Cut a path from the left: its end says most."""
    if len(path) <= width:
        return path
    return ellipsis + path[len(path) - width + 1 :] if width > 1 else ellipsis[:width]


def level_name(level: str, width: int) -> str:
    """Write a level in 8, 5 or 1 cells."""
    if width >= 8:
        return level or "-"
    if width >= 5:
        return _SHORT_LEVELS.get(level, level or "-")
    return level[:1] or "-"


def sparkline(scores: Sequence[float], width: int, bars: str) -> str:
    """Draw the last `width` scores on a scale that is always 0 to 1; a score of 0 is the lowest bar, not a blank."""
    steps = len(bars) - 1
    drawn = "".join(bars[1 + min(int(score * steps), steps - 1)] for score in scores[-width:]) if width else ""
    return drawn.rjust(width)


def host_time(timestamp: float | None) -> datetime | None:
    """Return a timestamp as the time of this host; None for none, and for what no calendar has."""
    try:
        return None if timestamp is None else datetime.fromtimestamp(timestamp)
    except (ValueError, OverflowError, OSError):
        return None


def clock(event: LogEvent, width: int) -> str:
    """Write the time of an event in this host's zone: 23, 12, 8 or 5 cells."""
    moment = host_time(event.timestamp)
    if moment is None:
        return ""
    if width >= 23:
        return moment.isoformat(" ", "milliseconds")
    if width >= 12:
        return moment.time().isoformat("milliseconds")
    return moment.time().isoformat("seconds" if width >= 8 else "minutes")


def count(number: int) -> str:
    """Write a whole number with separators between thousands."""
    return f"{number:,}"


def size(number: int) -> str:
    """Write a number of bytes with a decimal unit."""
    if number < 1_000:
        return f"{number} B"
    value = number / 1_000
    for unit in ("kB", "MB", "GB"):
        if value < 999.5:
            return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"
        value /= 1_000
    return f"{value:.1f} TB"


def plural(number: int, noun: str) -> str:
    """Write a count with its noun."""
    return f"{count(number)} {noun}{'' if number == 1 else 's'}"


def timestamp_text(timestamp: float | None) -> str:
    """Write a timestamp to the second; empty for None."""
    moment = host_time(timestamp)
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"
