"""An event that no line stands for: in the table, in the detail, and under every key that needs a line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.events import Item, Notice, NoticeKind
from tests.helpers.events import scored_event, silence_event
from tests.helpers.screen import answer, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp

SOURCE = "/var/log/nova/nova-compute.log"


def silent_stretch() -> list[Item]:
    """A service that falls silent and comes back."""
    return [
        scored_event(0.1, 820.0, seq=1, line=1, message="Auditing"),
        silence_event(timestamp=1_000.0, seq=2),
        Notice(SOURCE, NoticeKind.BACK, "nova-compute is back after 4 min 00 s", 1),
        scored_event(0.1, 1_060.0, seq=3, line=2, message="Auditing"),
    ]


async def test_a_silence_is_a_row_with_its_detail_and_so_is_its_end() -> None:
    app = TailsightApp(stream(update(silent_stretch())))
    async with run(app, 140, 40) as pilot:
        await settle(pilot, 4)
        text = screen_text(app)
        assert "0.62" in text
        assert "nova-compute: no line for 3 min 00 s, usually every 1 min 00 s" in text
        assert "nova-compute is back after 4 min 00 s" in text
        await press(pilot, "A", "enter")
        text = screen_text(app)
        for part in (
            "████████ no line for 3 min 00 s",
            "silence 0.62",
            "compared with this log's own past",
            "no line stands for it",
            "it is told by the clock; the last line was in",
        ):
            assert part in text
        assert "byte 0" not in text
        assert "usually shows next" not in text


@pytest.mark.slow
async def test_every_key_copes_with_a_silence(tmp_path: Path) -> None:
    app = TailsightApp(stream(update(silent_stretch())))
    copied: list[str] = []
    app.copy_to_clipboard = copied.append  # type: ignore[method-assign, assignment]
    async with run(app, 120, 40) as pilot:
        await settle(pilot, 4)
        await press(pilot, "A", "y")
        assert "copied 1 line" in screen_text(app)
        await press(pilot, "r")
        assert "this row has no request and no instance" in screen_text(app)
        await press(pilot, "i", "z", "Z", "h", "l", "i", "m", "I")
        assert "no line for 3 min 00 s" in screen_text(app)
        await press(pilot, "escape", "o")
        assert "no line for 3 min 00 s" in screen_text(app)
        await press(pilot, "o", "s")
        await answer(pilot, str(tmp_path / "found.json"), "enter")
        (event,) = json.loads((tmp_path / "found.json").read_text())["events"]
        assert (event["line"], event["lines"], event["channels"]) == (None, 0, {"silence": 0.62})
