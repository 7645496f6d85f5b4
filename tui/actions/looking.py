"""Panes: the detail of an event, and help."""

from __future__ import annotations

from core.episodes import Episode, episodes
from core.timeline import nearest
from tui.actions.narrowing import Narrowing
from tui.text import draw, duration, fit, moment, plural
from tui.widgets.layers import Chooser, Help
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
        heading: Line = [(_EPISODE_HEADING, self.palette.faint)]
        chooser = Chooser(title, heading, [self._episode_line(one) for one in found], self.palette)

        def chosen(place: int | None) -> None:
            if place is not None and place >= 0:
                self.table.move_to(found[place].first_row_id, center=True)

        self.push_screen(chooser, chosen)

    def _episode_line(self, episode: Episode) -> Line:
        palette, glyphs = self.palette, self.glyphs
        lasted = duration(episode.end - episode.start) if episode.start and episode.end else ""
        services = draw(", ".join(episode.services), glyphs)
        return [
            (fit(moment(episode.start), 20, "") + fit(lasted, 12, ""), palette.faint),
            (f"{episode.count:>6}  ", palette.text),
            (f"{episode.score:.2f}", palette.flagged),
            (f"  {fit(services, 24, glyphs.ellipsis)}  ", palette.text),
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


_EPISODE_HEADING = f"{'start':<20}{'length':<12}{'events':>6}  {'worst':<6}{'services':<26}began with"
