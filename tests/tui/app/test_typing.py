"""Keys and prompts: what is typed reaches what it is meant for."""

from __future__ import annotations

from textual import events

from tests.helpers.screen import app_with, press, run, screen_text, settle
from tui.config import Config


async def test_no_letter_acts_while_typing() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/", *"qa:xGs")
        assert app.is_running
        assert app.view.table.following
        assert app.view.prompt.open
        await press(pilot, "escape")
        assert not app.view.prompt.open


async def test_a_keymap_moves_a_command_to_another_key() -> None:
    app = app_with(config=Config(keys={"only_anomalies": "O"}))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "o")
        assert not app.session.only_flagged
        await press(pilot, "O")
        assert app.session.only_flagged


async def test_every_command_is_in_the_palette() -> None:
    app = app_with(config=Config(filters={"mine": "level>=ERROR"}))
    async with run(app, 100, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "colon", *"filter mine")
        while "filter mine" not in screen_text(app).replace("🔎", ""):
            await pilot.pause(0.05)
        await press(pilot, "down", "enter")
        await pilot.pause()
        assert app.session.filter is not None


async def test_a_command_acts_from_the_palette() -> None:
    app = app_with()
    async with run(app, 100, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "colon", *"anomalies")
        while screen_text(app).count("anomalies") < 2:
            await pilot.pause(0.05)
        await press(pilot, "down", "enter")
        while not app.session.only_flagged:
            await pilot.pause(0.01)


async def test_keys_typed_before_a_prompt_opens_go_into_it() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        for key in ("T", "0", "full_stop", "q", "enter"):
            app.post_message(events.Key(key, {"full_stop": "."}.get(key, key if len(key) == 1 else None)))
        while "invalid threshold '0.q'" not in screen_text(app):
            await pilot.pause(0.01)
        assert app.view.prompt.open


async def test_keys_typed_at_once_act_in_order() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        keys = ("g", "slash", "x", "backspace", "n", "u", "m", "b", "e", "r", "space", "9", "enter", "m", "k", "T")
        for key in keys:
            app.post_message(events.Key(key, {"slash": "/", "space": " "}.get(key, key if len(key) == 1 else None)))
        while not (app.view.prompt.open and "now 0.50" in screen_text(app)):
            await pilot.pause(0.01)
        assert app.session.marks == {8}
        assert app.view.table.cursor == 7


async def test_a_control_that_is_pasted_is_shown_escaped() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/")
        app.post_message(events.Paste("a\x1b]0;owned\x07"))
        while r"a\x1b]0;owned\x07" not in screen_text(app):
            await pilot.pause(0.01)
