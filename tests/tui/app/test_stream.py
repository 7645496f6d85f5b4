"""What the app shows of its stream: failures, its end, a log that the model does not know."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.events import Phase, Update
from tests.helpers.screen import app_with, press, run, screen_text, settle, some_events, stream, update
from tui.app.app import TailsightApp
from tui.app.messages import Scored


async def test_a_failure_is_shown_and_can_be_retried() -> None:
    tries = iter([_failing, stream(update(some_events(3)))])

    def updates(stop: threading.Event) -> Iterator[Update]:
        return next(tries)(stop)

    app = TailsightApp(updates)
    async with run(app) as pilot:
        while not app.session.failure:
            await pilot.pause(0.01)
        await pilot.pause(0.15)
        assert "ValueError: the model is broken" in screen_text(app)
        await press(pilot, "R")
        await settle(pilot, 3)
        assert "event number 3" in screen_text(app)


async def test_a_stream_that_recovers_by_itself_can_be_retried_at_once() -> None:
    retried: list[bool] = []
    failed = Update((), Phase.FAILED, 3, 3, 0, None, "the device is gone; next try in 15 s")
    app = TailsightApp(stream(update(some_events(3)), failed), retry_now=lambda: retried.append(True))
    async with run(app) as pilot:
        while "the device is gone; next try in 15 s" not in screen_text(app):
            await pilot.pause(0.01)
        text = screen_text(app)
        assert "scoring stopped" in text
        assert "event number 3" in text
        await press(pilot, "R")
        assert retried
        app.on_scored(Scored(update(some_events(2))))
        await settle(pilot, 5)
        assert "scoring stopped" not in screen_text(app)


async def test_a_log_that_the_model_does_not_know_is_reported() -> None:
    app = TailsightApp(stream(update(some_events(3), fit=0.31)))
    async with run(app) as pilot:
        await settle(pilot, 3)
        assert "only 31% of this log is known to the model: scores mean little here" in screen_text(app)


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
async def test_how_to_teach_the_model_a_log_is_shown_at_every_width(columns: int) -> None:
    app = TailsightApp(stream(update(some_events(3), fit=0.31)))
    async with run(app, columns) as pilot:
        await settle(pilot, 3)
        line = screen_text(app).splitlines()[-1]
        assert "31%" in line
        assert "tailsight learn" in line or columns == 40
        assert "mean little" in line


async def test_an_incident_of_unknown_events_is_not_blamed_on_the_model() -> None:
    app = TailsightApp(stream(update(some_events(600), fit=0.98), update(some_events(600), fit=0.4)))
    async with run(app) as pilot:
        await settle(pilot, 1_200)
        assert "most of what comes now is new to the model" in screen_text(app)
        assert "mean little" not in screen_text(app)


async def test_skip_is_passed_to_the_reader() -> None:
    skipped: list[bool] = []
    app = app_with(skip=lambda: skipped.append(True))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "greater_than_sign")
        assert skipped
        assert "skipping to now" in screen_text(app)


async def test_the_end_of_the_input_is_shown() -> None:
    app = TailsightApp(lambda stop: iter([update(some_events(3))]))
    async with run(app) as pilot:
        await settle(pilot, 3)
        while not app.session.ended or app.view.throttle.pending:
            await pilot.pause(0.01)
        assert "end of input" in screen_text(app)


def _failing(stop: threading.Event) -> Iterator[Update]:
    raise ValueError("the model is broken")
