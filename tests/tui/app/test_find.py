"""Going to anomalies, matches, marks and times."""

from __future__ import annotations

from textual import events

from tests.helpers.screen import answer, app_with, press, run, screen_text, settle


async def test_anomalies_are_found_in_both_directions() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "a", "a")
        assert app.view.table.cursor == 19
        await press(pilot, "A")
        assert app.view.table.cursor == 9
        await press(pilot, "A")
        assert "no earlier anomaly" in screen_text(app)


async def test_a_message_stays_until_the_next_key() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "W")
        assert "no earlier warning" in screen_text(app)
        await press(pilot, "j")
        assert "no earlier warning" not in screen_text(app)


async def test_search_finds_highlights_and_remembers() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "/")
        await answer(pilot, "NUMBER 2.$", "enter")
        assert "no event matches" in screen_text(app)
        await press(pilot, "/")
        await answer(pilot, "number 2.$", "enter")
        assert app.view.table.cursor == 19
        await press(pilot, "n", "N", "N")
        assert "no earlier match" in screen_text(app)
        await press(pilot, "/", "up")
        assert "number 2.$" in screen_text(app)
        await press(pilot, "up", "enter")
        assert "no event matches NUMBER" in screen_text(app)


async def test_a_long_search_lets_keys_act_and_ends_where_it_matches() -> None:
    app = app_with(20_000)
    async with run(app) as pilot:
        await settle(pilot, 20_000)
        await press(pilot, "g", "/")
        await answer(pilot, "number 19999$")
        app.post_message(events.Key("enter", None))
        app.post_message(events.Key("m", "m"))
        while app.view.table.cursor != 19_998:
            await pilot.pause(0.001)
        assert app.session.marks == {0}
        await press(pilot, "n")
        while "no further match" not in screen_text(app):
            await pilot.pause(0.01)


async def test_an_invalid_pattern_is_refused_with_its_reason() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/")
        await answer(pilot, "(", "enter")
        assert app.view.prompt.open
        assert "character 1" in screen_text(app)


async def test_marks_are_set_and_visited() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "m", "j", "j", "m", "U")
        assert app.view.table.cursor == 0
        await press(pilot, "u")
        assert app.view.table.cursor == 2
        assert "✦" in screen_text(app)


async def test_a_time_can_be_jumped_to() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "t")
        await answer(pilot, "00:00:07", "enter")
        assert app.view.table.cursor == 6
        await press(pilot, "t")
        await answer(pilot, "-10s", "enter")
        assert app.view.table.cursor == 39
