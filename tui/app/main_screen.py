"""The main screen: its parts, what each of them shows, and how they give way on a small terminal."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Mapping
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static

from core.decision.calibration import Calibration
from tui.app.throttle import ThrottledDrawing
from tui.app.view import Cancellable, Pane, Stoppable
from tui.config import Config
from tui.look.drawing import Drawing
from tui.look.glyphs import Glyphs
from tui.look.lines import Line
from tui.look.rows import header
from tui.look.themes import Palette
from tui.process.usage import Usage
from tui.session.session import Session
from tui.terminal.clipboard import osc52
from tui.terminal.driver import DiffDriver, accepts_output
from tui.widgets.detail import Detail
from tui.widgets.event_table import EventTable
from tui.widgets.layers import Choices, Chooser
from tui.widgets.prompts import Prompt, Question
from tui.widgets.score_graph import ScoreGraph
from tui.widgets.sheet import Bar
from tui.widgets.status import empty_text, lowest_line, status_line, title_line
from tui.widgets.timeline import Timeline

LOW: Final = 16
FLAT: Final = 12
"""Heights below which first title and graph, then the names of the columns are hidden."""

TIGHT: Final = 60
"""Width below which a prompt that shows an error hides its label."""

WIDE: Final = 120
"""Width from which the table and the detail are side by side."""


class MainScreen(Screen[None], inherit_bindings=False):
    """Draws the session; it is the `View` of the controllers."""

    def __init__(
        self,
        session: Session,
        *,
        sources: str,
        calibration: Calibration | None,
        config: Config,
        palette: Palette,
        glyphs: Glyphs,
    ) -> None:
        super().__init__(id="main")
        self._session, self._sources, self._calibration = session, sources, calibration
        self._keymap: Mapping[str, str] = config.keys
        self._palette, self._glyphs = palette, glyphs
        drawing = Drawing(palette, glyphs, 80)
        self.table = EventTable(session, drawing, config.columns)
        self.detail = Detail()
        self.timeline = Timeline(session.history, drawing)
        self.prompt = Prompt(glyphs)
        self._graph = ScoreGraph(drawing)
        self._bars = {name: Bar(id=name) for name in ("title", "header", "status", "hints")}
        self._empty = Static(id="empty", markup=False)
        self._message: Line = []
        self._usage: Usage | None = None
        self.throttle = ThrottledDrawing(
            self.draw, self.set_timer, written=self._bytes_written, accepts_output=self._accepts_output
        )

    def compose(self) -> ComposeResult:
        """Bars at the edges, table and detail between them."""
        yield self._bars["title"]
        yield self._graph
        yield self.timeline
        with Horizontal(id="body"):
            with Vertical(id="table"):
                yield self._bars["header"]
                yield self.table
                yield self._empty
            yield self.detail
        yield self._bars["status"]
        yield self._bars["hints"]
        yield self.prompt

    def on_mount(self) -> None:
        """Show something before anything is known."""
        self.table.focus()
        self.draw()

    @property
    def drawing(self) -> Drawing:
        """How to draw at the moment."""
        return Drawing(self._palette, self._glyphs, self.size.width)

    def restyle(self, palette: Palette) -> None:
        """Draw with another palette."""
        self._palette = palette
        for part in (self.table, self._graph, self.timeline):
            part.restyle(self.drawing)
        self.draw()

    def draw(self) -> None:
        """Bring every part up to date; a part that shows the same as before is not drawn again."""
        if not self.is_attached:
            return
        self.throttle.note_drawn()
        session, drawing = self._session, self.drawing
        self.table.sync()
        empty = not len(session.visible)
        self.set_class(empty, "empty")
        if empty:
            self._show_empty(empty_text(session, self._sources, drawing))
        self.draw_bars()
        if self._graph.display:
            self._graph.show(self._recent_scores(), session.threshold)
        if self.is_open(Pane.TIMELINE):
            self.timeline.show(session.history.row_of(self.table.cursor), session.threshold)
        if self.is_open(Pane.DETAIL):
            self.detail.show_row(session, self.table.cursor, drawing)

    def draw_bars(self) -> None:
        """Bring the bars up to date."""
        session, drawing = self._session, self.drawing
        self._bars["title"].show(title_line(session, self._sources, drawing))
        self._bars["header"].show(header(self.table.row_style))
        following = self.table.following
        self._bars["status"].show(status_line(session, following=following, drawing=drawing, usage=self._usage))
        self._bars["hints"].show(lowest_line(session, self._message, self._calibration, self._keymap, drawing))

    def _show_empty(self, text: str) -> None:
        if str(self._empty.content) != text:
            self._empty.update(text)

    def _recent_scores(self) -> list[float]:
        history = self._session.history
        row = history.row_of(self.table.last_visible)
        if row is None:
            return []
        newest: list[float] = history.scores()[max(row + 1 - self._graph.capacity, 0) : row + 1].tolist()
        return newest

    def restyle_rows(self) -> None:
        """Draw all rows again: their style or state has changed."""
        self.table.restyle()

    def rebuild_rows(self) -> None:
        """Show other rows: the filters have changed."""
        self.table.rebuild()

    def show_message(self, text: str, *, warning: bool = False) -> None:
        """Show a message in the lowest line until the next key."""
        style = self._palette.warning if warning else self._palette.text
        self._message = [(self.drawing.safe(text), style)]
        self.draw_bars()

    def clear_message(self) -> None:
        """Remove the message."""
        if self._message:
            self._message = []
            self.draw_bars()

    def show_notification(self, text: str, *, title: str) -> None:
        """Show a notification for some seconds."""
        self.notify(self.drawing.safe(text), title=title, markup=False)

    def show_usage(self, usage: Usage | None) -> None:
        """Show in the status line what this process uses; None hides it."""
        self._usage = usage
        self.draw_bars()

    def ask(self, question: Question) -> None:
        """Ask the operator a question in the lowest line."""
        self.add_class("asking")
        self.prompt.ask(question)

    def choose(self, title: str, choices: Callable[[Drawing], Choices], chosen: Callable[[int], None]) -> None:
        """Show a list; `chosen` is called with the index of the row that the operator chooses, if any."""

        def closed(index: int | None) -> None:
            if index is not None:
                chosen(index)

        self.app.push_screen(Chooser(title, choices, self.drawing), closed)

    def is_open(self, pane: Pane) -> bool:
        """Tell whether a pane is open."""
        return self.has_class(pane)

    def show_pane(self, pane: Pane, *, shown: bool) -> None:
        """Open or close a pane."""
        self.set_class(shown, pane)
        if shown and pane is Pane.DETAIL:
            self.table.release()
            self.detail.scroll_to(y=0, animate=False)
        self.call_after_refresh(self.draw)

    def scroll_detail(self, pages: float) -> None:
        """Scroll the open detail."""
        self.detail.scroll_rows(round(pages * self.detail.size.height))

    def zoom_timeline(self, steps: int) -> bool:
        """Zoom the timeline in (1) or out (-1); tell whether that was possible."""
        return self.timeline.zoom(steps)

    def timeline_neighbour(self, row: int, direction: int) -> float | None:
        """Return the time of the next interval with events, before (-1) or after (1) a row of the history."""
        return self.timeline.neighbour(row, direction)

    def copy(self, text: str) -> None:
        """Put text into the clipboard of the terminal."""
        if self.app._driver is not None:
            self.app._driver.write(osc52(text, os.environ))

    def after(self, seconds: float, callback: Callable[[], object]) -> Stoppable:
        """Call back once, after so many seconds."""
        return self.set_timer(seconds, callback)

    def every(self, seconds: float, callback: Callable[[], object]) -> Stoppable:
        """Call back again and again."""
        return self.set_interval(seconds, callback)

    def start_task(self, coroutine: Coroutine[object, object, None]) -> Cancellable:
        """Run a coroutine in the background; keys act whenever it awaits."""
        return self.run_worker(coroutine)

    def on_prompt_closed(self) -> None:
        """Give the keys back to the table."""
        self.remove_class("asking")
        self.set_focus(self.table)
        self.draw()

    def on_event_table_cursor_moved(self) -> None:
        """Draw all that depends on the cursor."""
        if self.is_open(Pane.DETAIL):
            self.detail.scroll_to(y=0, animate=False)
        self.draw()

    def on_event_table_columns_changed(self) -> None:
        """Put the names of the columns over them."""
        self.draw_bars()

    def on_event_table_chosen(self) -> None:
        """Open the detail of a row that was double-clicked."""
        self.show_pane(Pane.DETAIL, shown=True)

    def on_resize(self, event: events.Resize) -> None:
        """Hide parts for which there is no room."""
        width, height = event.size
        self.set_class(height < LOW, "low")
        self.set_class(height < FLAT, "flat")
        self.set_class(width < TIGHT, "tight")
        self.set_class(width >= WIDE, "wide")
        self.set_class(width < WIDE, "narrow")
        self.call_after_refresh(self.draw)

    def _bytes_written(self) -> int:
        driver = self.app._driver
        return driver.written if isinstance(driver, DiffDriver) else 0

    def _accepts_output(self) -> bool:
        return self.app.is_headless or accepts_output()
