"""The app without a terminal: made-up updates in, the text of the screen out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from core.events import CalibratedBy, Item, Phase, Update
from tests.helpers.events import scored_event
from tui.app.app import TailsightApp


def update(
    items: Sequence[Item] = (),
    *,
    phase: Phase = Phase.LIVE,
    behind: int = 0,
    fit: float | None = 0.97,
    calibrated_by: CalibratedBy | None = None,
) -> Update:
    """Build one update whose totals are those of its own items."""
    number = len(items)
    return Update(tuple(items), phase, number, scored=number, behind=behind, fit=fit, calibrated_by=calibrated_by)


def stream(*updates: Update) -> Callable[[threading.Event], Iterator[Update]]:
    """Make a stream that sends these updates at once, and then nothing until it is stopped."""

    def iterate(stop: threading.Event) -> Iterator[Update]:
        yield from updates
        stop.wait()

    return iterate


def some_events(count: int, *, flagged_every: int = 10) -> list[Item]:
    """Build events a second apart, every n-th with a score of 0.9, the others 0.1."""
    return [
        scored_event(
            0.9 if number % flagged_every == 0 else 0.1,
            1_494_892_800.0 + number,
            seq=number,
            line=number,
            level="ERROR" if number % flagged_every == 0 else "INFO",
            message=f"event number {number}",
            request_id=f"req-{number % 3}",
        )
        for number in range(1, count + 1)
    ]


def app_with(count: int = 50, **options: Any) -> TailsightApp:
    """Build the app on a stream of so many events."""
    return TailsightApp(stream(update(some_events(count))), sources="/var/log/nova", **options)


def screen_text(app: TailsightApp) -> str:
    """Return what the screen shows, one line a row."""
    width, height = app.size
    strips = app.screen._compositor.render_strips()
    assert all(strip.cell_length == width for strip in strips)
    assert len(strips) == height
    return "\n".join(strip.text.rstrip() for strip in strips)


def run(app: TailsightApp, columns: int = 100, rows: int = 30) -> AbstractAsyncContextManager[Pilot[Any]]:
    """Run the app without a terminal."""
    return app.run_test(size=(columns, rows))


async def settle(pilot: Pilot[Any], events: int) -> None:
    """Wait until the app holds this many rows and has drawn them."""
    app = pilot.app
    assert isinstance(app, TailsightApp)
    while len(app.session.history) < events or app.view.throttle.pending:
        await pilot.pause(0.01)
    await pilot.pause()


async def answer(pilot: Pilot[Any], text: str, *keys: str) -> None:
    """Put an answer into the open prompt, as typing or pasting does, and press keys."""
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()
    await press(pilot, *keys)


async def press(pilot: Pilot[Any], *keys: str) -> None:
    """Press keys and wait until everything that follows from them has happened."""
    app = pilot.app
    assert isinstance(app, TailsightApp)
    await pilot.press(*keys)
    while app.is_running and app.view.throttle.pending:
        await pilot.pause(0.01)
    await pilot.pause()
