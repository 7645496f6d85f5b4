"""What the process uses of the machine, and where the app shows it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from core.scale import DEFAULT_THRESHOLD
from tests.helpers.screen import press, run, screen_text, settle, some_events, stream, update
from tui.app.app import TailsightApp
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.themes import PALETTES
from tui.process.usage import Usage, UsageMeter, memory_bytes
from tui.session.session import Session
from tui.widgets.status import status_line


def test_usage_is_measured_between_reads() -> None:
    moments: Iterator[float] = iter([10.0, 12.0, 16.0])
    worked: Iterator[float] = iter([1.0, 2.0, 8.0])
    meter = UsageMeter(lambda: next(moments), lambda: next(worked), lambda: 430_000_000)
    assert meter.read() == (0.5, 430_000_000)
    assert meter.read() == (1.5, 430_000_000)


def test_this_process_holds_some_memory() -> None:
    assert memory_bytes() > 10_000_000


@pytest.mark.parametrize(("width", "said"), [(100, "self 150% cpu 430 MB"), (40, "150% 430 MB")])
def test_the_status_line_shows_it_in_the_room_there_is(width: int, said: str) -> None:
    session = Session(threshold=DEFAULT_THRESHOLD, shipped=DEFAULT_THRESHOLD)
    line = status_line(
        session,
        following=True,
        drawing=Drawing(PALETTES["terminal"], UNICODE, width),
        usage=Usage(1.5, 430_000_000),
    )
    text = "".join(part for part, _ in line)
    assert said in text
    assert len(text) <= width


async def test_a_key_shows_and_hides_it() -> None:
    app = TailsightApp(stream(update(some_events(5))))
    async with run(app) as pilot:
        await settle(pilot, 5)
        await press(pilot, "%")
        assert " cpu " in screen_text(app)
        await press(pilot, "%")
        assert " cpu " not in screen_text(app)
