"""The picture: the parts of the screen, what each of them says, and how they give way to each other."""

from __future__ import annotations

import os
from typing import ClassVar, Final

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.widgets import Static

from core.decision.calibration import Calibration
from tui.app.pace import Paced
from tui.config import Config
from tui.keys import ALWAYS, BINDINGS, COMMANDS
from tui.look.glyphs import glyphs_for
from tui.look.rows import header
from tui.look.text import draw
from tui.look.themes import DEFAULT_THEME, NO_COLOUR, PALETTES, THEMES, Palette
from tui.session.session import POOR_FIT, Session
from tui.widgets.event_table import EventTable
from tui.widgets.prompts import Prompt, Question
from tui.widgets.score_graph import ScoreGraph
from tui.widgets.sheet import Bar, Line, PlainScrollBar, Sheet, elide
from tui.widgets.status import (
    consequence_line,
    empty_text,
    failure_line,
    hint_line,
    poor_fit_line,
    status_line,
    title_line,
)
from tui.widgets.timeline import Timeline
from tui.widgets.why import CONTEXT, why_lines

LOW: Final = 16
FLAT: Final = 12
"""Heights below which first title and graph, then the names of the columns give way."""

TIGHT: Final = 60
"""Width below which a prompt that says what is wrong says no more what it asks for."""

WIDE: Final = 120
"""Width from which the table and the detail stand side by side."""


_ACTIONS: Final = frozenset(command.action for command in COMMANDS)


class Frame(Paced, inherit_bindings=False):
    """Draws the session. What keys do is in the classes built on this one."""

    CSS_PATH = "app.tcss"
    TITLE = "tailsight"
    BINDINGS: ClassVar[list[BindingType]] = list(BINDINGS)
    COMMAND_PALETTE_BINDING = "colon"
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        session: Session,
        *,
        sources: str,
        calibration: Calibration | None,
        config: Config,
    ) -> None:
        self._no_colour = "NO_COLOR" in os.environ
        # Under NO_COLOR Textual drops all colours only where it leaves the terminal's own alone.
        super().__init__(ansi_color=True if self._no_colour else None)
        for builtin in self.available_themes:
            self.unregister_theme(builtin)
        for one in THEMES:
            self.register_theme(one)
        self.theme = DEFAULT_THEME if self._no_colour else config.theme
        self.set_keymap(config.keys)
        self.session = session
        self.sources = sources
        self.calibration = calibration
        self.config = config
        self.keys = config.keys
        self.glyphs = glyphs_for(os.environ)
        self.set_class(self.glyphs.only_ascii, "ascii")
        ScrollBar.renderer = PlainScrollBar if self.glyphs.only_ascii else ScrollBarRender
        self.failure = ""
        """Why scoring stopped; empty while it goes on."""
        self.usage: tuple[float, int] | None = None
        """Processors that this process uses, and bytes of memory; None unless the operator asks."""
        self.table = EventTable(session, self.palette, self.glyphs, config.columns)
        self.why = Sheet(id="why")
        self.prompt = Prompt(self.glyphs)
        self.timeline = Timeline(session.history, self.palette, self.glyphs)
        self._graph = ScoreGraph(self.palette, self.glyphs)
        self._bars = {name: Bar(id=name) for name in ("title", "header", "status", "hints")}
        self._empty = Static(id="empty", markup=False)
        self._said: Line = []
        self._told_about: tuple[object, ...] = ()

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
            yield self.why
        yield self._bars["status"]
        yield self._bars["hints"]
        yield self.prompt

    def on_mount(self) -> None:
        """Say something before anything is known."""
        self.theme_changed_signal.subscribe(self, lambda _theme: self._recolour())
        # The shell wrote over the picture while the app was stopped.
        self.app_resume_signal.subscribe(self, lambda _app: self._repaint())
        self.table.focus()
        self.draw()

    def _repaint(self) -> None:
        self.refresh(layout=True)
        # Once more when a change of size while it was stopped has had its effect.
        self.call_after_refresh(self.refresh, layout=True)

    @property
    def ground(self) -> Screen[None]:
        """The screen under all layers."""
        return self.screen_stack[0]

    @property
    def palette(self) -> Palette:
        """The styles of the theme."""
        return NO_COLOUR if self._no_colour else PALETTES[self.theme]

    def _recolour(self) -> None:
        self.table.restyle(self.palette)
        self._graph.restyle(self.palette)
        self.timeline.restyle(self.palette)
        self.draw()

    def draw(self) -> None:
        """Bring every part up to date; what says the same as before is not drawn."""
        if not self.screen_stack:
            return
        self.has_drawn()
        session = self.session
        self.table.sync()
        empty = not len(session.view)
        self.ground.set_class(empty, "empty")
        if empty:
            self._say_empty(empty_text(session, self.sources, self.failure, self.glyphs))
        self.draw_bars()
        if self._graph.display:
            self._graph.show(self._recent_scores(), session.threshold)
        if self.timeline_open:
            self.timeline.show(session.history.row_of(self.table.cursor), session.threshold)
        if self.detail_open:
            self.draw_why()

    def draw_bars(self) -> None:
        """Bring the bars up to date."""
        session, palette, glyphs, width = self.session, self.palette, self.glyphs, self.size.width
        self._bars["title"].show(title_line(session, self.sources, palette, glyphs, width))
        self._bars["header"].show(header(self.table.look))
        self._bars["status"].show(
            status_line(
                session,
                following=self.table.following,
                failure=self.failure,
                palette=palette,
                glyphs=glyphs,
                width=width,
                usage=self.usage,
            )
        )
        self._bars["hints"].show(elide(self._hints(width), width, glyphs.ellipsis))

    def _hints(self, width: int) -> Line:
        session, palette, glyphs = self.session, self.palette, self.glyphs
        if session.trying:
            before, after = session.consequence()
            return consequence_line(session, before, after, self.calibration, palette, glyphs, width)
        if self._said:
            return self._said
        if self.failure:
            return failure_line(self.failure, palette, glyphs, width)
        fit = session.update.fit if session.update is not None else None
        if fit is not None and fit < POOR_FIT:
            return poor_fit_line(fit, palette, width, has_fitted=session.has_fitted)
        return hint_line(self.keys, palette, glyphs, width)

    def draw_why(self) -> None:
        """Tell about the event at the cursor."""
        session, cursor = self.session, self.table.cursor
        width = max(self.why.scrollable_content_region.width, 20)
        row = session.history.row_of(cursor)
        late = 0 if row is None else session.history.late_count(row)
        after = session.history.row_id(len(session.history)) - cursor
        # Looking around costs milliseconds, so it is done only when what would be said may be something else.
        about = (cursor, width, session.threshold, session.flag(cursor).muted, late, min(after, CONTEXT), self.palette)
        if about != self._told_about:
            self._told_about = about
            self.why.show(why_lines(session, cursor, width, self.palette, self.glyphs))

    def _say_empty(self, text: str) -> None:
        if str(self._empty.content) != text:
            self._empty.update(text)

    def _recent_scores(self) -> list[float]:
        row = self.session.history.row_of(self.table.last_visible)
        if row is None:
            return []
        newest: list[float] = self.session.history.scores()[max(row + 1 - self._graph.capacity, 0) : row + 1].tolist()
        return newest

    def say(self, text: str, *, wrong: bool = False) -> None:
        """Say something in the lowest line until the next key."""
        self._said = [(draw(text, self.glyphs), self.palette.warning if wrong else self.palette.text)]
        self.draw_bars()

    def hush(self) -> None:
        """Say no longer what was said."""
        if self._said:
            self._said = []
            self.draw_bars()

    def ask(self, question: Question) -> None:
        """Ask the operator something in the lowest line."""
        self.ground.add_class("asking")
        self.prompt.ask(question)

    def on_prompt_closed(self) -> None:
        """Give the keys back to the table."""
        self.ground.remove_class("asking")
        self.ground.set_focus(self.table)
        self.draw()

    @property
    def detail_open(self) -> bool:
        """Whether the detail is shown; not when the app has let go of its screens, which it does before it ends."""
        return bool(self.screen_stack) and self.ground.has_class("why")

    def show_detail(self, *, shown: bool) -> None:
        """Open or close the detail."""
        self.ground.set_class(shown, "why")
        if shown:
            self.table.release()
            self.why.scroll_to(y=0, animate=False)
        self.call_after_refresh(self.draw)

    @property
    def timeline_open(self) -> bool:
        """Whether the timeline is shown."""
        return self.ground.has_class("timeline")

    def show_timeline(self, *, shown: bool) -> None:
        """Open or close the timeline, which takes the place of the graph."""
        self.ground.set_class(shown, "timeline")
        self.call_after_refresh(self.draw)

    def on_event_table_cursor_moved(self) -> None:
        """Follow the cursor with all that depends on it."""
        if self.detail_open:
            self.why.scroll_to(y=0, animate=False)
        self.draw()

    def on_event_table_restyled(self) -> None:
        """Put the names of the columns over them."""
        self.draw_bars()

    def on_event_table_chosen(self) -> None:
        """Open the detail of what was double-clicked."""
        self.show_detail(shown=True)

    def on_resize(self, event: events.Resize) -> None:
        """Let parts give way."""
        width, height = event.size
        self.ground.set_class(height < LOW, "low")
        self.ground.set_class(height < FLAT, "flat")
        self.ground.set_class(width < TIGHT, "tight")
        self.ground.set_class(width >= WIDE, "wide")
        self.ground.set_class(width < WIDE, "narrow")
        self.call_after_refresh(self.draw)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let no command act while something is typed or a layer is open."""
        if action in _ACTIONS and action not in ALWAYS:
            return self.screen is self.ground and not self.prompt.open
        return super().check_action(action, parameters)

    async def on_event(self, event: events.Event) -> None:
        """What was said stays until the next key."""
        if isinstance(event, events.Key) and not self.prompt.open:
            self.hush()
        await super().on_event(event)
