"""Every command has something that runs it."""

from __future__ import annotations

from tests.helpers.screen import stream, update
from tui.app.app import TailsightApp
from tui.app.dispatch import handlers
from tui.keys import KEY_COMMANDS


def test_every_command_of_the_table_has_its_handler() -> None:
    app = TailsightApp(stream(update()))
    assert set(handlers(app.controllers, app)) == {command.name for command in KEY_COMMANDS}
