"""The rows of the table, and the cursor in them."""

from __future__ import annotations

from tests.helpers.events import notice, scored_event
from tests.helpers.screen import app_with, press, run, screen_text, settle, some_events, stream, update
from tui.app.app import TailsightApp
from tui.app.view import Pane
from tui.config import Config


async def test_the_newest_rows_are_shown_and_followed() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        text = screen_text(app)
        assert "event number 50" in text
        assert "event number 1\n" not in text
        assert "following" in text
        assert "5 flagged at 0.50" in text


async def test_a_flagged_row_has_its_glyph_and_its_number() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        row = next(line for line in screen_text(app).splitlines() if "event number 40" in line)
        assert "◆" in row
        assert "0.90" in row


async def test_notices_and_states_are_rows() -> None:
    items = [
        scored_event(None, message="what is this"),
        notice(text="truncated with 312 unread bytes"),
        *some_events(1),
    ]
    app = TailsightApp(stream(update(items)))
    async with run(app) as pilot:
        await settle(pilot, 3)
        text = screen_text(app)
        assert "truncated with 312 unread bytes" in text
        assert "?" in next(line for line in text.splitlines() if "what is this" in line)


async def test_moving_up_stops_following_and_G_follows_again() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "k")
        assert not app.view.table.following
        assert "not following" in screen_text(app)
        await press(pilot, "G")
        assert app.view.table.following


async def test_moving_on_from_the_last_row_follows() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "k", "j")
        assert not app.view.table.following
        await press(pilot, "j")
        assert app.view.table.following


async def test_frozen_rows_stay_while_scoring_goes_on() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "p")
        app.session.take(update(some_events(5)), 0.0)
        app.view.draw()
        await pilot.pause()
        assert "frozen +5" in screen_text(app)
        assert len(app.session.visible) == 50
        await press(pilot, "p")
        assert len(app.session.visible) == 55


async def test_a_resize_keeps_the_cursor_on_the_screen() -> None:
    app = app_with()
    async with run(app, 140, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", *"jjjjjjjjjj")
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        assert "event number 11" in screen_text(app)


async def test_an_eviction_does_not_move_the_rows_on_the_screen() -> None:
    app = app_with(config=Config(history=100))
    async with run(app) as pilot:
        await settle(pilot, 50)
        app.session.take(update(some_events(50)), 0.0)
        app.view.draw()
        await press(pilot, "k", "k")
        cursor = app.view.table.cursor
        before = rows_without_scroll_bar(app)
        app.session.take(update(some_events(30)), 0.0)
        app.view.draw()
        await pilot.pause()
        assert app.view.table.cursor == cursor
        assert rows_without_scroll_bar(app) == before


async def test_new_rows_below_a_cursor_that_does_not_follow_are_drawn() -> None:
    app = app_with(3)
    async with run(app) as pilot:
        await settle(pilot, 3)
        await press(pilot, "k")
        app.session.take(update([scored_event(message="a late comer")]), 0.0)
        app.view.draw()
        await pilot.pause()
        assert "a late comer" in screen_text(app)
        assert not app.view.table.following


async def test_the_mouse_moves_the_cursor_scrolls_and_opens_the_detail() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await pilot.click("#events", offset=(20, 2))
        await pilot.pause()
        top = app.view.table.scroll_offset.y
        assert app.view.table.cursor == top + 2
        app.view.table.scroll_rows(-3)
        await pilot.pause()
        assert app.view.table.scroll_offset.y == top - 3
        app.view.table.scroll_rows(1_000)
        assert app.view.table.following
        await pilot.click("#events", offset=(20, 2), times=2)
        await pilot.pause()
        assert app.view.is_open(Pane.DETAIL)


def rows_without_scroll_bar(app: TailsightApp) -> list[str]:
    return [line[:98].rstrip() for line in screen_text(app).splitlines()[5:-2]]
