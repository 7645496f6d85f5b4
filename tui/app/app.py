"""The app: takes updates from the worker, and turns keys into changes of what is shown."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from textual import events
from textual.app import SystemCommand
from textual.command import CommandPalette
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import Screen
from textual.timer import Timer

from core.decision.calibration import DEFAULT_THRESHOLD, Calibration
from core.decision.mutes import Mutes
from core.export.document import Model
from core.history.filters import parse_filter
from tui.app.actions.acting import Acting
from tui.app.messages import Scored, Stopped
from tui.app.worker import StreamThread, Updates
from tui.config import Config
from tui.keys import COMMANDS, keys_of
from tui.look.text import draw
from tui.look.themes import THEMES
from tui.process.tidying import Tidying
from tui.process.usage import Usage
from tui.session.session import Session
from tui.terminal.driver import ThriftyDriver
from tui.terminal.leaving import Departure

JOIN_SECONDS: Final = 0.3
"""How long leaving waits for the worker, which may be noting how far it has read."""

PAINT_SECONDS: Final = 0.03
"""How long the thread that writes to the terminal is left alone with the first picture."""

USAGE_SECONDS: Final = 2.0
"""How often what the process takes is measured, while it is shown."""


class TailsightApp(Acting):
    """Watches one stream.

    `updates` makes the stream: it is iterated in a thread of its own, and again after a failure that it does not
    recover from by itself, when the operator asks for it. `threshold` is None for the calibrated one. `model` is named
    in exports. `skip` lets the reader jump to now, and `hurry` lets a failed stream try again at once. It touches no
    file but what the operator exports or mutes.
    """

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
        skip: Callable[[], None] | None = None,
        hurry: Callable[[], None] | None = None,
    ) -> None:
        config = config or Config()
        calibrated = calibration.threshold if calibration is not None else DEFAULT_THRESHOLD
        session = Session(
            threshold=calibrated if threshold is None else threshold,
            calibrated=calibrated,
            capacity=config.history,
            muted=None if mutes is None else mutes.predicate(),
        )
        if config.filter:
            session.filter = parse_filter(config.filter)
            session.narrow()
        super().__init__(session, sources=sources, calibration=calibration, config=config)
        self.skip = skip
        self._hurry = hurry
        self.mutes = mutes
        self.model = model or Model("", 0)
        self._updates = updates
        self._stream = self._new_stream()
        self._departure = Departure(self._leave)
        self.tidying = Tidying()
        self._measured = Usage()
        self._usage_timer: Timer | None = None

    def get_driver_class(self) -> type[Driver]:
        """Write to a terminal what changes on it, and no more."""
        driver = super().get_driver_class()
        return ThriftyDriver if driver is LinuxDriver else driver

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002
        """Draw every cell: a terminal that is given another size may have moved them."""
        self._forget_picture()

    def on_mount(self) -> None:
        """Paint first, then start the worker: importing torch takes seconds, and often holds up every thread."""
        if not self.is_headless:
            self._departure.watch()
        self.call_after_refresh(self.set_timer, PAINT_SECONDS, self._stream.start)
        self.watch_mutes()

    def on_unmount(self) -> None:
        """Let the worker end."""
        self._stream.stop()

    def on_scored(self, message: Scored) -> None:
        """Take in what was scored; it is drawn when it is time."""
        update = message.update
        self.failure = update.detail if update.phase == "failed" else ""
        extended = self.session.take(update, time.monotonic())
        self.table.touch(extended.touched)
        self.draw_soon()
        self.tidying.tidy()

    def on_stopped(self, message: Stopped) -> None:
        """Say that the input has ended, or why scoring stopped; what is there stays."""
        self.session.ended = not message.reason
        self.failure = message.reason
        self.draw_soon()

    async def on_event(self, event: events.Event) -> None:
        """Note when the operator is at work."""
        if isinstance(event, events.InputEvent):
            self.tidying.touch()
        await super().on_event(event)

    def action_retry(self) -> None:
        """Try again at once after a failure."""
        if not self.failure:
            self.say("scoring goes on; there is nothing to try again")
        elif self._stream.join(0):
            self.failure = ""
            self._stream = self._new_stream()
            self._stream.start()
            self.draw()
        elif self._hurry is not None:
            self._hurry()
            self.say("trying again")

    def action_next_theme(self) -> None:
        """Change to the next theme."""
        names = [theme.name for theme in THEMES]
        self.theme = names[(names.index(self.theme) + 1) % len(names)]
        self.say(f"theme {self.theme}")

    def action_command_palette(self) -> None:
        """Offer every command."""
        self.push_screen(CommandPalette(placeholder="what do you want to do?", id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:  # noqa: ARG002
        """Offer every command by what it does, and its keys."""
        for command in COMMANDS:
            if command.action != "command_palette":
                keys = keys_of(command, self.keys, only_ascii=self.glyphs.only_ascii)
                yield SystemCommand(command.text, keys, partial(self.run_action, command.action))
        for name, text in self.config.filters.items():
            yield SystemCommand(
                f"filter {draw(name, self.glyphs)}", draw(text, self.glyphs), partial(self.filter_by, text)
            )
        for theme in THEMES:
            yield SystemCommand(f"theme {theme.name}", "", partial(setattr, self, "theme", theme.name))

    def action_usage(self) -> None:
        """Show what this process takes of the machine, or no longer."""
        if self._usage_timer is not None:
            self._usage_timer.stop()
            self._usage_timer, self.usage = None, None
            self.draw_bars()
            return
        self._usage_timer = self.set_interval(USAGE_SECONDS, self._show_usage)
        self._show_usage()

    def action_redraw(self) -> None:
        """Draw every cell, where another program wrote over them."""
        self._forget_picture()
        self.refresh(layout=True)

    async def action_back(self) -> None:
        """Back out of one thing; never out of the app."""
        if not (self.drop_threshold() or self.close_pane() or self.widen()) and self.session.pattern is not None:
            self.session.pattern = None
            self.table.restyle()

    def action_close(self) -> None:
        """Close the top layer, or quit."""
        if not self.close_pane():
            self.exit()

    async def action_quit(self) -> None:
        """Quit at once."""
        self.exit()

    def join_worker(self) -> None:
        """Give the worker the time to end; one that is deep in the import of torch is left behind."""
        self._stream.stop()
        self._stream.join(JOIN_SECONDS)

    def _show_usage(self) -> None:
        self.usage = self._measured.look()
        self.draw_bars()

    def _forget_picture(self) -> None:
        if isinstance(self._driver, ThriftyDriver):
            self._driver.forget()

    def _new_stream(self) -> StreamThread:
        return StreamThread(self._updates, self.post_message, lambda: self.message_queue_size)

    def _leave(self, number: int) -> None:
        # Called in a signal handler or another thread: only what is safe there.
        self._stream.stop()
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self.exit, None, 128 + signal.Signals(number))


def run_app(app: TailsightApp, *, mouse: bool = True) -> int:
    """Run the app to its end and return the exit code: 0, or 128 and the number of the signal that ended it."""
    app.tidying.begin()
    app.run(mouse=mouse)
    app.join_worker()
    return app.return_code or 0
