"""What the app shows at start, by its configuration and at every size."""

from __future__ import annotations

import pytest

from core.events import Phase
from tests.helpers.screen import app_with, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp
from tui.config import Config
from tui.look.themes import THEMES


async def test_the_first_picture_comes_before_the_model() -> None:
    app = TailsightApp(stream(update(phase=Phase.LOADING)), sources="/var/log/nova")
    async with run(app) as pilot:
        await pilot.pause()
        assert "loading the model" in screen_text(app)


async def test_an_empty_log_is_named() -> None:
    app = TailsightApp(stream(update(phase=Phase.LIVE)), sources="/var/log/nova/nova-api.log")
    async with run(app) as pilot:
        while "waiting for /var/log/nova/nova-api.log" not in screen_text(app):
            await pilot.pause(0.01)


async def test_an_empty_table_knows_the_width_that_its_first_rows_will_have() -> None:
    app = TailsightApp(stream(update(phase=Phase.LOADING)))
    async with run(app, 100) as pilot:
        while "loading the model" not in screen_text(app):
            await pilot.pause(0.01)
        shown = app.view.table.row_style.columns
        assert shown.message_start + shown.message == 99


async def test_the_filter_of_the_settings_holds_from_the_first_event() -> None:
    app = app_with(config=Config(filter="level>=ERROR"))
    async with run(app) as pilot:
        await settle(pilot, 50)
        assert "45 hidden" in screen_text(app)


async def test_columns_of_the_settings_are_the_only_ones() -> None:
    app = app_with(config=Config(columns=("level",)))
    async with run(app) as pilot:
        await settle(pilot, 50)
        text = screen_text(app)
        assert "00:00:40" not in text
        assert "nova-compute  " not in text


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_theme_draws(theme: str) -> None:
    app = app_with(config=Config(theme=theme))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "C")
        assert app.theme != theme
        assert "event number 50" in screen_text(app)


@pytest.mark.parametrize(
    ("columns", "rows"), [(40, 10), (80, 24), (140, 40), pytest.param(300, 100, marks=pytest.mark.slow)]
)
async def test_every_size_shows_events_and_the_status(columns: int, rows: int) -> None:
    app = app_with()
    async with run(app, columns, rows) as pilot:
        await settle(pilot, 50)
        text = screen_text(app)
        assert "event" in text
        assert "0.50" in text
        await press(pilot, "enter")
        assert "0.90" in screen_text(app)
