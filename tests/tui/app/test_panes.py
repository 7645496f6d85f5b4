"""Detail, timeline, episodes and help, and how they close."""

from __future__ import annotations

import pytest
from textual import events

from core.events import Channel, Reason
from tests.helpers.events import scored_event
from tests.helpers.screen import app_with, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp
from tui.app.view import Pane


async def test_the_detail_says_why_with_the_strongest_reason_first() -> None:
    reasons = (
        Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8", weight=2.0),
        Reason(Channel.NOVELTY, "new_template", "first time in nova-compute", weight=1.0),
    )
    event = scored_event(0.93, line=17, request_id="req-7", message="[instance: x] spawned\nTraceback", reasons=reasons)
    neighbour = scored_event(0.1, request_id="req-7", message="same request")
    app = TailsightApp(stream(update([neighbour, event])))
    async with run(app, 80, 40) as pilot:
        await settle(pilot, 2)
        await press(pilot, "enter")
        text = screen_text(app)
        assert text.index("spawn took 41.8 s, usually 19.8") < text.index("first time in nova-compute")
        assert "/var/log/nova/nova-compute.log:17" in text
        assert "byte 1,700" in text
        assert "Traceback" in text
        assert "│" in next(line for line in text.splitlines() if "same request" in line)
        await press(pilot, "q")
        assert not app.view.is_open(Pane.DETAIL)
        assert app.is_running


async def test_a_wide_screen_has_table_and_detail_side_by_side() -> None:
    app = app_with()
    async with run(app, 140, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "enter", "k")
        text = screen_text(app)
        assert "not flagged at 0.50" in text
        assert "event number 30" in text


async def test_the_timeline_follows_the_cursor_and_zooms() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "i")
        assert "5 flagged" in app.view.timeline.text
        whole = app.view.timeline.text
        await press(pilot, "z", "z")
        assert app.view.timeline.text != whole
        cursor = app.view.table.cursor
        await press(pilot, "left")
        assert app.view.table.cursor < cursor
        await press(pilot, "q")
        assert not app.view.is_open(Pane.TIMELINE)


async def test_an_episode_can_be_jumped_to() -> None:
    items = [scored_event(0.9, 1_000.0), scored_event(0.1, 1_100.0), scored_event(0.95, 1_200.0)]
    app = TailsightApp(stream(update(items)))
    async with run(app, 120) as pilot:
        await settle(pilot, 3)
        await press(pilot, "I")
        assert "2 episodes at 0.50" in screen_text(app)
        await press(pilot, "j", "enter")
        assert app.view.table.cursor == 0


async def test_help_lists_every_command_and_closes_by_q() -> None:
    app = app_with()
    async with run(app, 140, 60) as pilot:
        await settle(pilot, 50)
        await press(pilot, "question_mark")
        text = screen_text(app)
        assert "threshold -0.01" in text
        assert "mute this template" in text
        await press(pilot, "q")
        assert app.is_running
        assert "mute this template" not in screen_text(app)


async def test_q_quits_when_nothing_is_open() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "escape", "escape")
        assert app.is_running
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize("layer", ["question_mark", "I", "enter", "i"])
async def test_two_q_typed_at_once_close_the_layer_and_then_the_app(layer: str) -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, layer)
        for _ in range(2):
            app.post_message(events.Key("q", "q"))
        while app.is_running:
            await pilot.pause(0.01)
