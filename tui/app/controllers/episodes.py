"""Listing the episodes of the history."""

from __future__ import annotations

from typing import Final

from core.history.episodes import Episode, episodes
from core.support.printable import duration, two_digits
from tui.app.view import View
from tui.look.drawing import Drawing
from tui.look.lines import Line
from tui.look.text import fit_text, plural, timestamp_text
from tui.session.session import Session
from tui.widgets.layers import Choices

_WITH_DATE: Final = 21
_TIME_CELLS: Final = len("00:00:00")
_WIDE: Final = 100
_MEDIUM: Final = 64


class EpisodeController:
    """Shows the episodes at the current threshold."""

    def __init__(self, session: Session, view: View) -> None:
        self._session, self._view = session, view

    def choose(self) -> None:
        """List the episodes, the newest first, and go to the one that is chosen."""
        found = episodes(self._session.history, self._session.threshold)
        threshold = f"{self._session.threshold:.2f}"
        if not found:
            self._view.show_message(f"nothing flagged at {threshold}: there is no episode")
            return
        found.reverse()
        self._view.choose(
            f"{plural(len(found), 'episode')} at {threshold}, newest first",
            lambda drawing: episode_choices(found, drawing),
            lambda index: self._view.table.move_to(found[index].first_row_id, center=True),
        )


def episode_choices(found: list[Episode], drawing: Drawing) -> Choices:
    """List episodes with the message that each began with at last; narrow lists leave out what is before it."""
    start, length, services = _columns(drawing.width)
    heading = "".join(
        (
            fit_text("start", start, ""),
            fit_text("length", length, ""),
            f"{'events':>6}  " if length else "",
            "worst ",
            fit_text("services", services, ""),
            "began with",
        )
    )
    return Choices([(heading, drawing.palette.faint)], [_episode_line(one, drawing) for one in found])


def _episode_line(episode: Episode, drawing: Drawing) -> Line:
    palette = drawing.palette
    start, length, services = _columns(drawing.width)
    lasted = duration(episode.end - episode.start) if episode.start and episode.end else ""
    stamp = timestamp_text(episode.start)
    names = drawing.safe(", ".join(episode.services))
    return [
        (fit_text(stamp if start == _WITH_DATE else stamp[-_TIME_CELLS:], start, ""), palette.faint),
        (fit_text(lasted, length, ""), palette.faint),
        (f"{episode.count:>6}  " if length else "", palette.text),
        (two_digits(episode.score), palette.flagged),
        ("  ", palette.text),
        (fit_text(drawing.fit(names, services - 2), services, ""), palette.text),
        (drawing.safe(episode.cause), palette.severe),
    ]


def _columns(width: int) -> tuple[int, int, int]:
    """Return the cells of start, length and services; 0 leaves a column out."""
    if width >= _WIDE:
        return _WITH_DATE, 13, 24
    return (10, 13, 15) if width >= _MEDIUM else (10, 0, 0)
