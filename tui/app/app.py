"""The app: composes session, screen and controllers, receives messages, and runs commands."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import ClassVar, Final

from textual import events
from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.command import CommandPalette
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from core.decision.calibration import Calibration
from core.decision.mutes import Mutes
from core.decision.verdicts import Verdicts
from core.export.document import Model
from core.history.filters import parse_filter
from core.scale import DEFAULT_THRESHOLD
from tui.app.dispatch import Controllers, handlers
from tui.app.main_screen import MainScreen
from tui.app.messages import Scored, Stopped
from tui.app.worker import StreamThread, Updates
from tui.config import Config
from tui.keys import ALWAYS, BINDINGS, KEY_COMMANDS, keys_of
from tui.look.glyphs import glyphs_for
from tui.look.text import safe_text
from tui.look.themes import DEFAULT_THEME, NO_COLOUR, PALETTES, THEMES, Palette
from tui.process.exiting import exit_code_of
from tui.process.gc_scheduler import GcScheduler
from tui.process.signal_exit import SignalExit
from tui.session.session import Session
from tui.terminal.driver import DiffDriver
from tui.widgets.layers import Help
from tui.widgets.sheet import PlainScrollBar

PAINT_SECONDS: Final = 0.03
"""Between the first picture and the start of the worker, for the thread that writes to the terminal."""


class TailsightApp(App[None], inherit_bindings=False):
    """Watches one stream.

    `updates` makes the stream: it is iterated in a thread of its own, and again when the operator retries after a
    failure. `threshold` is None for the shipped one. `model` is named in exports. `skip` lets the reader jump to
    now, and `retry_now` makes a failed stream retry at once. The app writes no file but exports and mutes.
    """

    CSS_PATH = "app.tcss"
    TITLE = "tailsight"
    BINDINGS: ClassVar[list[BindingType]] = list(BINDINGS)
    COMMAND_PALETTE_BINDING = "colon"
    ESCAPE_TO_MINIMIZE = False

    def __init__(
        self,
        updates: Updates,
        *,
        sources: str = "",
        threshold: float | None = None,
        calibration: Calibration | None = None,
        config: Config | None = None,
        model: Model | None = None,
        mutes: Mutes | None = None,
        verdicts: Verdicts | None = None,
        skip: Callable[[], None] | None = None,
        retry_now: Callable[[], None] | None = None,
    ) -> None:
        self._no_colour = "NO_COLOR" in os.environ
        # Under NO_COLOR Textual drops all colours only if it uses the terminal's own.
        super().__init__(ansi_color=True if self._no_colour else None)
        self.config = config or Config()
        self._use_themes()
        self.set_keymap(self.config.keys)
        self._glyphs = glyphs_for(os.environ)
        self.set_class(self._glyphs.only_ascii, "ascii")
        ScrollBar.renderer = PlainScrollBar if self._glyphs.only_ascii else ScrollBarRender
        self.session = self._make_session(threshold, calibration, mutes, verdicts)
        self.view = MainScreen(
            self.session,
            sources=sources,
            calibration=calibration,
            config=self.config,
            palette=self._palette,
            glyphs=self._glyphs,
        )
        self.controllers = Controllers(
            self.session,
            self.view,
            calibration=calibration,
            mutes=mutes,
            verdicts=verdicts,
            model=model or Model("", 0),
            make_thread=lambda: StreamThread(updates, self.post_message, lambda: self.message_queue_size),
            skip=skip,
            retry_now=retry_now,
        )
        self._handlers = handlers(self.controllers, self)
        self._signal_exit = SignalExit(self._exit_on_signal)
        self.gc_scheduler = GcScheduler()

    def _use_themes(self) -> None:
        for builtin in self.available_themes:
            self.unregister_theme(builtin)
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = DEFAULT_THEME if self._no_colour else self.config.theme

    def _make_session(
        self,
        threshold: float | None,
        calibration: Calibration | None,
        mutes: Mutes | None,
        verdicts: Verdicts | None,
    ) -> Session:
        shipped = calibration.threshold if calibration is not None else DEFAULT_THRESHOLD
        session = Session(
            threshold=shipped if threshold is None else threshold,
            shipped=shipped,
            capacity=self.config.history,
            muted=None if mutes is None else mutes.predicate(),
            verdict_of=None if verdicts is None else verdicts.predicate(),
        )
        if self.config.filter:
            session.filter = parse_filter(self.config.filter)
            session.apply_filters()
        return session

    def get_driver_class(self) -> type[Driver]:
        """Write to a terminal only the cells that change."""
        driver = super().get_driver_class()
        return DiffDriver if driver is LinuxDriver else driver

    def get_default_screen(self) -> Screen[None]:
        """Return the main screen."""
        return self.view

    @property
    def _palette(self) -> Palette:
        return NO_COLOUR if self._no_colour else PALETTES[self.theme]

    def on_mount(self) -> None:
        """Draw first and start the worker then: importing torch takes seconds, and may block every thread."""
        if not self.is_headless:
            self._signal_exit.install()
        self.theme_changed_signal.subscribe(self, lambda _theme: self.view.restyle(self._palette))
        # The shell wrote to the terminal while the app was suspended.
        self.app_resume_signal.subscribe(self, lambda _app: self._repaint())
        self.call_after_refresh(self.set_timer, PAINT_SECONDS, self.controllers.stream.start)
        self.controllers.mutes.start()
        self.controllers.verdicts.start()

    def on_unmount(self) -> None:
        """Tell the worker to end."""
        self.controllers.stream.stop()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Write every cell: a terminal may move them when its size changes."""
        self._forget_cells()

    async def on_event(self, event: events.Event) -> None:
        """Note when the operator is at work; a message stays until the next key."""
        if isinstance(event, events.InputEvent):
            self.gc_scheduler.note_input()
        if isinstance(event, events.Key) and not self.view.prompt.open:
            self.view.clear_message()
        await super().on_event(event)

    def on_scored(self, message: Scored) -> None:
        """Add what was scored; it is drawn later."""
        extended = self.session.take(message.update, time.monotonic())
        self.view.table.refresh_rows(extended.touched)
        self.view.throttle.request()
        self.gc_scheduler.run_if_due()

    def on_stopped(self, message: Stopped) -> None:
        """Show that the input has ended, or why scoring stopped."""
        self.session.stop(message.reason)
        self.view.throttle.request()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let no command run while a prompt or a layer is open, but those that always do."""
        if action == "command" and not ALWAYS.intersection(parameters):
            return self.screen is self.view and not self.view.prompt.open
        return super().check_action(action, parameters)

    def action_command(self, name: str) -> None:
        """Run a command of `tui.keys`."""
        self._handlers[name]()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Offer every command by what it does, and its keys."""
        only_ascii = self._glyphs.only_ascii
        for command in KEY_COMMANDS:
            if command.name != "command_palette":
                keys = keys_of(command, self.config.keys, only_ascii=only_ascii)
                yield SystemCommand(command.text, keys, partial(self.run_action, f"command('{command.name}')"))
        for name, text in self.config.filters.items():
            title, apply = f"filter {safe_text(name, self._glyphs)}", partial(self.controllers.filters.apply, text)
            yield SystemCommand(title, safe_text(text, self._glyphs), apply)
        for theme in THEMES:
            yield SystemCommand(f"theme {theme.name}", "", partial(setattr, self, "theme", theme.name))

    def show_help(self) -> None:
        """Show every key."""
        self.push_screen(Help(self.config.keys, self.view.drawing))

    def show_palette(self) -> None:
        """Show the command palette."""
        self.push_screen(CommandPalette(placeholder="what do you want to do?", id="--command-palette"))

    def next_theme(self) -> None:
        """Change to the next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.view.show_message(f"theme {self.theme}")

    def redraw(self) -> None:
        """Write every cell again, where another program wrote over them."""
        self._forget_cells()
        self.refresh(layout=True)

    def suspend_process(self) -> None:
        """Stop the process until the shell continues it."""
        self.action_suspend_process()

    def quit(self) -> None:
        """Exit."""
        self.exit()

    def _repaint(self) -> None:
        self.refresh(layout=True)
        # Again after a change of size that happened while the process was stopped.
        self.call_after_refresh(self.refresh, layout=True)

    def _forget_cells(self) -> None:
        if isinstance(self._driver, DiffDriver):
            self._driver.forget()

    def _exit_on_signal(self, number: int) -> None:
        # Runs in a signal handler or in another thread.
        self.controllers.stream.stop()
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self.exit, None, exit_code_of(number))


def run_app(app: TailsightApp, *, mouse: bool = True) -> int:
    """Run the app to its end and return the exit code: 0, or 128 and the number of the signal that ended it."""
    app.gc_scheduler.start()
    app.run(mouse=mouse)
    app.controllers.stream.join()
    return app.return_code or 0
