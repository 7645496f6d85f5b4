"""Verdicts in the app: what is normal here is not counted, and the detail says why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.decision.verdicts import Verdicts
from tests.helpers.events import scored_event
from tests.helpers.screen import press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp

NORMAL = '[[verdict]]\ntemplate = "it fails"\nverdict = "normal"\n'


def app_on(path: Path, **options: object) -> TailsightApp:
    path.touch()
    verdicts = Verdicts(path, **options)  # type: ignore[arg-type]
    return TailsightApp(stream(update([scored_event(0.9, template="it fails")])), verdicts=verdicts)


async def test_what_is_normal_here_keeps_its_score_and_is_not_counted(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.toml"
    path.write_text(NORMAL)
    app = app_on(path)
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        await press(pilot, "enter")
        text = screen_text(app)
        assert "0 flagged" in text
        assert "0.90" in text
        assert "normal here by verdict, else flagged at 0.50" in text
        await press(pilot, "o")
        assert "nothing flagged at 0.50" in screen_text(app)


async def test_a_verdict_that_is_written_or_broken_meanwhile_is_taken_or_said(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.toml"
    app = app_on(path)
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        assert "1 flagged" in screen_text(app)
        path.write_text(NORMAL)
        app.controllers.verdicts.reload()
        await press(pilot)
        assert "0 flagged" in screen_text(app)
        path.write_text("[[verdict")
        app.controllers.verdicts.reload()
        await pilot.pause()
        assert "verdicts.toml" in screen_text(app)
        assert "0 flagged" in screen_text(app)


async def test_what_was_normal_until_now_is_flagged_again_by_itself(tmp_path: Path) -> None:
    ends = datetime.now(UTC)
    now = [ends - timedelta(hours=1)]
    path = tmp_path / "verdicts.toml"
    path.write_text(f"{NORMAL}until = {ends.isoformat()}\n")
    app = app_on(path, clock=lambda: now[0])
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        assert "0 flagged" in screen_text(app)
        now[0] = ends
        while "1 flagged" not in screen_text(app):
            await pilot.pause(0.01)
