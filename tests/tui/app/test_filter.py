"""Showing only some rows."""

from __future__ import annotations

from tests.helpers.events import scored_event
from tests.helpers.screen import answer, app_with, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp


async def test_a_filter_hides_rows_and_counts_them() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "&")
        await answer(pilot, "level>=ERROR", "enter")
        text = screen_text(app)
        assert "filter level>=ERROR · 45 hidden" in text
        assert "event number 49" not in text
        await press(pilot, "escape")
        assert "event number 49" in screen_text(app)


async def test_only_anomalies_come_with_their_context() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "o")
        text = screen_text(app)
        assert "event number 38" in text
        assert "event number 37" not in text
        await press(pilot, "plus")
        assert "event number 37" in screen_text(app)
        await press(pilot, "minus", "minus", "minus")
        assert "event number 39" not in screen_text(app)
        await press(pilot, "}", "}", "}", "}", "}")
        assert "nothing flagged at 1.00" in screen_text(app)


async def test_a_request_is_followed_across_sources() -> None:
    items = [
        scored_event(message="api begins", source="/l/api.log", request_id="req-1"),
        scored_event(message="somebody else", source="/l/api.log", request_id="req-2"),
        scored_event(message="compute goes on", source="/l/compute.log", request_id="req-1"),
    ]
    app = TailsightApp(stream(update(items)))
    async with run(app) as pilot:
        await settle(pilot, 3)
        await press(pilot, "r")
        text = screen_text(app)
        assert "api begins" in text
        assert "compute goes on" in text
        assert "somebody else" not in text
        await press(pilot, "r")
        assert "somebody else" in screen_text(app)
