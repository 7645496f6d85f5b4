"""Panes: the detail of an event, and help."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final

from core.history.episodes import Episode, episodes
from core.history.timeline import nearest
from core.support.printable import duration, two_digits
from tui.app.actions.narrowing import Narrowing
from tui.look.text import draw, fit, moment, plural
from tui.widgets.layers import Choices, Chooser, Help
from tui.widgets.sheet import Line


class Looking(Narrowing):
    """Actions of the keys that open and close panes."""

    def action_detail(self) -> None:
        """Open the detail, or close it again; Enter also keeps a threshold that is being tried."""
        if self.session.trying:
            self.keep_threshold()
        elif self.table.cursor >= 0:
            self.show_detail(shown=not self.detail_open)

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help(self.keys, self.palette, self.glyphs))

    def action_timeline(self) -> None:
        """Show the timeline, or hide it again."""
        self.show_timeline(shown=not self.timeline_open)

    def action_zoom_in(self) -> None:
        """Show half as long a time."""
        self._zoom(1)

    def action_zoom_out(self) -> None:
        """Show twice as long a time."""
        self._zoom(-1)

    def _zoom(self, steps: int) -> None:
        if not self.timeline_open:
            self.show_timeline(shown=True)
        elif not self.timeline.zoom(steps):
            self.say("this is the whole history" if steps < 0 else "this is as close as it gets")
        else:
            self.draw()

    def action_left(self) -> None:
        """Go to the interval before on the timeline, or scroll messages back."""
        if self.timeline_open:
            self._along_timeline(-1)
        else:
            super().action_left()

    def action_right(self) -> None:
        """Go to the next interval on the timeline, or scroll messages on."""
        if self.timeline_open:
            self._along_timeline(1)
        else:
            super().action_right()

    def _along_timeline(self, direction: int) -> None:
        history = self.session.history
        row = history.row_of(self.table.cursor)
        stamp = None if row is None else self.timeline.neighbour(row, direction)
        found = None if stamp is None else nearest(history, stamp)
        if found is not None:
            self.table.move_to(history.row_id(found), center=True)

    def action_episodes(self) -> None:
        """List the episodes, and go to the one that is chosen."""
        found = episodes(self.session.history, self.session.threshold)
        if not found:
            self.say(f"nothing flagged at {self.session.threshold:.2f}: there is no episode")
            return
        found.reverse()
        title = f"{plural(len(found), 'episode')} at {self.session.threshold:.2f}, newest first"
        chooser = Chooser(title, partial(self._episode_choices, found), self.palette, self.glyphs)

        def chosen(place: int | None) -> None:
            if place is not None and place >= 0:
                self.table.move_to(found[place].first_row_id, center=True)

        self.push_screen(chooser, chosen)

    def _episode_choices(self, found: Sequence[Episode], width: int) -> Choices:
        """Write what an episode began with last and never leave it out: what stands before it gives way."""
        palette = self.palette
        stamp, length, services = _episode_columns(width)
        heading = "".join(
            (
                fit("start", stamp, ""),
                fit("length", length, ""),
                f"{'events':>6}  " if length else "",
                "worst ",
                fit("services", services, ""),
                "began with",
            )
        )
        return Choices([(heading, palette.faint)], [self._episode_line(one, width) for one in found])

    def _episode_line(self, episode: Episode, width: int) -> Line:
        palette, glyphs = self.palette, self.glyphs
        stamp, length, services = _episode_columns(width)
        lasted = duration(episode.end - episode.start) if episode.start and episode.end else ""
        when = moment(episode.start)
        names = draw(", ".join(episode.services), glyphs)
        return [
            (fit(when if stamp == _DATED else when[-len("00:00:00") :], stamp, ""), palette.faint),
            (fit(lasted, length, ""), palette.faint),
            (f"{episode.count:>6}  " if length else "", palette.text),
            (two_digits(episode.score), palette.flagged),
            ("  ", palette.text),
            (fit(fit(names, services - 2, glyphs.ellipsis), services, ""), palette.text),
            (draw(episode.cause, glyphs), palette.severe),
        ]

    def close_pane(self) -> bool:
        """Close the topmost pane; tell whether one was open."""
        if self.detail_open:
            self.show_detail(shown=False)
            return True
        if self.timeline_open:
            self.show_timeline(shown=False)
            return True
        return False


def _episode_columns(width: int) -> tuple[int, int, int]:
    """Share out a width: cells of the start, the length and the services; 0 for what is left out."""
    if width >= _ROOMY:
        return _DATED, 13, 24
    return (10, 13, 15) if width >= _SNUG else (10, 0, 0)


_DATED: Final = 21
_ROOMY: Final = 100
_SNUG: Final = 64
