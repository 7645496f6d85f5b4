"""Exporting events."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.helpers.screen import answer, app_with, press, run, screen_text, settle


async def test_export_writes_what_is_flagged_and_never_over_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = app_with()
    async with run(app, 140) as pilot:
        await settle(pilot, 50)
        await press(pilot, "s")
        assert "export flagged (5) to" in screen_text(app)
        await answer(pilot, "out.jsonl", "enter")
        assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 5
        await press(pilot, "s")
        await answer(pilot, "out.jsonl", "enter")
        assert "exists already" in screen_text(app)
        await press(pilot, "tab")
        assert "export marked (0)" in screen_text(app)
