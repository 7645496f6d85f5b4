"""Muting templates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.decision.mutes import Mutes
from tests.helpers.events import scored_event
from tests.helpers.screen import answer, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp


async def test_a_mute_asks_why_and_how_long_and_can_be_removed(tmp_path: Path) -> None:
    mutes = Mutes(tmp_path / "mutes.toml")
    items = [scored_event(0.9, template="it fails", service=name) for name in ("nova-api", "nova-compute")]
    app = TailsightApp(stream(update(items)), mutes=mutes)
    async with run(app, 120) as pilot:
        await settle(pilot, 2)
        await press(pilot, "x")
        assert "why? mute in nova-compute" in screen_text(app)
        await press(pilot, "tab")
        assert "why? mute in every service" in screen_text(app)
        await answer(pilot, "CHG-1", "enter")
        await answer(pilot, "soon", "enter")
        assert "invalid duration" in screen_text(app)
        await answer(pilot, "7d", "enter")
        assert "0 flagged" in screen_text(app)
        assert "CHG-1" in mutes.path.read_text()
        await press(pilot, "X")
        text = screen_text(app)
        assert "1 mute; Enter removes one" in text
        assert "every service" in text
        await press(pilot, "enter")
        assert "2 flagged" in screen_text(app)
        await press(pilot, "X", "enter")
        assert "0 flagged" in screen_text(app)


async def test_what_was_muted_for_a_time_is_flagged_again_by_itself(tmp_path: Path) -> None:
    ends = datetime.now(UTC)
    now = [ends - timedelta(hours=1)]
    mutes = Mutes(tmp_path / "mutes.toml", clock=lambda: now[0])
    mutes.add("it fails", expires=ends)
    app = TailsightApp(stream(update([scored_event(0.9, template="it fails")])), mutes=mutes)
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        assert "0 flagged" in screen_text(app)
        now[0] = ends
        while "1 flagged" not in screen_text(app):
            await pilot.pause(0.01)


async def test_what_another_run_mutes_is_muted_here(tmp_path: Path) -> None:
    path = tmp_path / "mutes.toml"
    app = TailsightApp(stream(update([scored_event(0.9, template="it fails")])), mutes=Mutes(path))
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        assert "1 flagged" in screen_text(app)
        Mutes(path).add("it fails")
        app.controllers.mutes.reload()
        await pilot.pause()
        assert "0 flagged" in screen_text(app)
        path.write_text("[[mute")
        app.controllers.mutes.reload()
        await pilot.pause()
        assert "mutes.toml" in screen_text(app)
        assert "0 flagged" in screen_text(app)


async def test_a_mute_file_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    app = TailsightApp(stream(update([scored_event(0.9)])), mutes=Mutes(tmp_path / "taken" / "mutes.toml"))
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        await press(pilot, "x")
        await answer(pilot, "", "enter")
        await answer(pilot, "", "enter")
        assert "cannot write" in screen_text(app)
        assert app.view.prompt.open
