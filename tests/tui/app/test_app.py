"""The app as its operator meets it: what keys do, seen on the screen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from textual import events

from core.decision.calibration import Calibration
from core.decision.mutes import Mutes
from core.events import Channel, Reason, Update
from tests.helpers.events import notice, scored_event
from tests.helpers.screen import answer, press, run, screen_text, settle, some_events, stream, update
from tui.app.app import TailsightApp
from tui.app.messages import Scored
from tui.config import Config
from tui.look.themes import THEMES

CALIBRATION = Calibration(np.linspace(0, 1, 11), np.linspace(10, 0, 11), np.linspace(1, 0.5, 11))


def app_with(count: int = 50, **options: object) -> TailsightApp:
    return TailsightApp(stream(update(some_events(count))), sources="/var/log/nova", **options)  # type: ignore[arg-type]


async def test_the_first_picture_comes_before_the_model() -> None:
    app = TailsightApp(stream(update(phase="loading")), sources="/var/log/nova")
    async with run(app) as pilot:
        await pilot.pause()
        assert "loading the model" in screen_text(app)


async def test_an_empty_log_is_waited_for_by_name() -> None:
    app = TailsightApp(stream(update(phase="live")), sources="/var/log/nova/nova-api.log")
    async with run(app) as pilot:
        while "waiting for /var/log/nova/nova-api.log" not in screen_text(app):
            await pilot.pause(0.01)


async def test_an_empty_table_knows_the_width_that_its_first_rows_will_have() -> None:
    app = TailsightApp(stream(update(phase="loading")))
    async with run(app, 100) as pilot:
        while "loading the model" not in screen_text(app):
            await pilot.pause(0.01)
        shown = app.table.look.layout
        assert shown.message_start + shown.message == 99


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


async def test_moving_up_lets_go_of_the_end_and_g_comes_back() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "k")
        assert not app.table.following
        assert "not following" in screen_text(app)
        await press(pilot, "G")
        assert app.table.following


async def test_moving_on_from_the_last_row_follows() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "k", "j")
        assert not app.table.following
        await press(pilot, "j")
        assert app.table.following


async def test_anomalies_are_found_in_both_directions() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "a", "a")
        assert app.table.cursor == 19
        await press(pilot, "A")
        assert app.table.cursor == 9
        await press(pilot, "A")
        assert "no earlier anomaly" in screen_text(app)


async def test_what_is_said_goes_with_the_next_key() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "W")
        assert "no earlier warning" in screen_text(app)
        await press(pilot, "j")
        assert "no earlier warning" not in screen_text(app)


async def test_the_threshold_says_what_it_would_mean_before_it_is_kept() -> None:
    items = [scored_event(score, 1_000.0 + 60 * place) for place, score in enumerate([0.2, 0.55, 0.62, 0.9])]
    app = TailsightApp(stream(update(items)), calibration=CALIBRATION)
    async with run(app, 150) as pilot:
        await settle(pilot, 4)
        await press(pilot, "}")
        text = screen_text(app)
        assert "0.50 → 0.60" in text
        assert "flagged 3 → 2" in text
        assert "recall 70%" in text
        assert "4 false an hour" in text
        await press(pilot, "escape")
        assert app.session.threshold == 0.5
        await press(pilot, "]", "enter")
        assert app.session.committed == 0.51
        assert "→ 0.51" not in screen_text(app)
        await press(pilot, "=")
        assert app.session.threshold == 0.5


async def test_a_threshold_can_be_typed_and_nonsense_is_explained() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "T")
        await answer(pilot, "2.5", "enter")
        assert "a threshold is from 0 to 1" in screen_text(app)
        await answer(pilot, "0.95")
        assert "flags 0" in screen_text(app)
        await press(pilot, "enter")
        assert app.session.committed == 0.95
        assert not app.prompt.open


async def test_no_letter_acts_while_typing() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/", *"qa:xGs")
        assert app.is_running
        assert app.table.following
        assert app.prompt.open
        await press(pilot, "escape")
        assert not app.prompt.open


async def test_search_finds_highlights_and_remembers() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "/")
        await answer(pilot, "NUMBER 2.$", "enter")
        assert "no event matches" in screen_text(app)
        await press(pilot, "/")
        await answer(pilot, "number 2.$", "enter")
        assert app.table.cursor == 19
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
        while app.table.cursor != 19_998:
            await pilot.pause(0.001)
        assert app.session.marks == {0}
        await press(pilot, "n")
        while "no further match" not in screen_text(app):
            await pilot.pause(0.01)


async def test_a_bad_pattern_keeps_the_prompt_open_and_says_why() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/")
        await answer(pilot, "(", "enter")
        assert app.prompt.open
        assert "character 1" in screen_text(app)


async def test_a_filter_hides_rows_and_says_how_many() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "&")
        await answer(pilot, "level>=ERROR", "enter")
        text = screen_text(app)
        assert "filter level>=ERROR · 45 hidden" in text
        assert "event number 49" not in text
        await press(pilot, "escape")
        assert "event number 49" in screen_text(app)


async def test_only_anomalies_come_with_their_context() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "o")
        text = screen_text(app)
        assert "event number 38" in text
        assert "event number 37" not in text
        await press(pilot, "plus")
        assert "event number 37" in screen_text(app)
        await press(pilot, "minus", "minus", "minus")
        assert "event number 39" not in screen_text(app)
        await press(pilot, "}", "}", "}", "}", "}")
        assert "nothing flagged at 1.00" in screen_text(app)


async def test_a_request_is_followed_across_sources() -> None:
    items = [
        scored_event(message="api begins", source="/l/api.log", request_id="req-1"),
        scored_event(message="somebody else", source="/l/api.log", request_id="req-2"),
        scored_event(message="compute goes on", source="/l/compute.log", request_id="req-1"),
    ]
    app = TailsightApp(stream(update(items)))
    async with run(app) as pilot:
        await settle(pilot, 3)
        await press(pilot, "r")
        text = screen_text(app)
        assert "api begins" in text
        assert "compute goes on" in text
        assert "somebody else" not in text
        await press(pilot, "r")
        assert "somebody else" in screen_text(app)


async def test_the_detail_says_why_with_the_strongest_reason_first() -> None:
    reasons = (
        Reason(Channel.NETWORK, "duration_z", "spawn took 41.8 s, usually 19.8", weight=2.0),
        Reason(Channel.RULE, "new_template", "first time in nova-compute", weight=1.0),
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
        assert not app.detail_open
        assert app.is_running


async def test_a_wide_screen_has_table_and_detail_side_by_side() -> None:
    app = app_with()
    async with run(app, 140, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "enter", "k")
        text = screen_text(app)
        assert "not flagged at 0.50" in text
        assert "event number 30" in text


async def test_marks_are_set_and_visited() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", "m", "j", "j", "m", "U")
        assert app.table.cursor == 0
        await press(pilot, "u")
        assert app.table.cursor == 2
        assert "✦" in screen_text(app)


async def test_a_time_is_gone_to() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "t")
        await answer(pilot, "00:00:07", "enter")
        assert app.table.cursor == 6
        await press(pilot, "t")
        await answer(pilot, "-10s", "enter")
        assert app.table.cursor == 39


async def test_freezing_holds_the_view_while_scoring_goes_on() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "p")
        app.session.take(update(some_events(5)), 0.0)
        app.draw()
        await pilot.pause()
        assert "frozen +5" in screen_text(app)
        assert len(app.session.view) == 50
        await press(pilot, "p")
        assert len(app.session.view) == 55


async def test_the_timeline_follows_the_cursor_and_zooms() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "i")
        assert "5 flagged" in app.timeline.text
        whole = app.timeline.text
        await press(pilot, "z", "z")
        assert app.timeline.text != whole
        cursor = app.table.cursor
        await press(pilot, "left")
        assert app.table.cursor < cursor
        await press(pilot, "q")
        assert not app.timeline_open


async def test_an_episode_is_chosen_and_gone_to() -> None:
    items = [scored_event(0.9, 1_000.0), scored_event(0.1, 1_100.0), scored_event(0.95, 1_200.0)]
    app = TailsightApp(stream(update(items)))
    async with run(app, 120) as pilot:
        await settle(pilot, 3)
        await press(pilot, "I")
        assert "2 episodes at 0.50" in screen_text(app)
        await press(pilot, "j", "enter")
        assert app.table.cursor == 0


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


async def test_a_failure_is_said_and_can_be_tried_again() -> None:
    app = TailsightApp(lambda stop: iter([update(some_events(3))] if app.failure else _failing()))
    async with run(app) as pilot:
        while not app.failure:
            await pilot.pause(0.01)
        await pilot.pause(0.15)
        assert "ValueError: the model is broken" in screen_text(app)
        app._updates = stream(update(some_events(3)))
        await press(pilot, "R")
        await settle(pilot, 3)
        assert "event number 3" in screen_text(app)


async def test_a_stream_that_recovers_by_itself_says_so_and_can_be_hurried() -> None:
    hurried: list[bool] = []
    failed = Update((), "failed", 3, 3, 0, None, "the device is gone; next try in 15 s")
    app = TailsightApp(stream(update(some_events(3)), failed), hurry=lambda: hurried.append(True))
    async with run(app) as pilot:
        while "the device is gone; next try in 15 s" not in screen_text(app):
            await pilot.pause(0.01)
        text = screen_text(app)
        assert "scoring stopped" in text
        assert "event number 3" in text
        await press(pilot, "R")
        assert hurried
        app.on_scored(Scored(update(some_events(2))))
        await settle(pilot, 5)
        assert "scoring stopped" not in screen_text(app)


def _failing() -> list[Update]:
    raise ValueError("the model is broken")


async def test_a_log_that_the_model_does_not_know_is_said_to_be_one() -> None:
    app = TailsightApp(stream(update(some_events(3), fit=0.31)))
    async with run(app) as pilot:
        await settle(pilot, 3)
        assert "only 31% of this log is known to the model: scores mean little here" in screen_text(app)


@pytest.mark.parametrize("columns", [40, 60, 80, 140])
async def test_how_to_teach_the_model_a_log_is_said_at_every_width(columns: int) -> None:
    app = TailsightApp(stream(update(some_events(3), fit=0.31)))
    async with run(app, columns) as pilot:
        await settle(pilot, 3)
        said = screen_text(app).splitlines()[-1]
        assert "31%" in said
        assert "tailsight learn" in said or columns == 40
        assert "mean little" in said


async def test_an_incident_of_unknown_events_is_not_blamed_on_the_model() -> None:
    app = TailsightApp(stream(update(some_events(600), fit=0.98), update(some_events(600), fit=0.4)))
    async with run(app) as pilot:
        await settle(pilot, 1_200)
        assert "most of what comes now is new to the model" in screen_text(app)
        assert "mean little" not in screen_text(app)


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


async def test_a_keymap_moves_a_command_to_another_key() -> None:
    app = app_with(config=Config(keys={"only_anomalies": "O"}))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "o")
        assert not app.session.only_flagged
        await press(pilot, "O")
        assert app.session.only_flagged


async def test_q_quits_when_nothing_is_open() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "escape", "escape")
        assert app.is_running
        await pilot.press("q")
    assert app.return_code == 0


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (80, 24), (140, 40), (300, 100)])
async def test_every_size_shows_events_and_the_status(columns: int, rows: int) -> None:
    app = app_with()
    async with run(app, columns, rows) as pilot:
        await settle(pilot, 50)
        text = screen_text(app)
        assert "event" in text
        assert "0.50" in text
        await press(pilot, "enter")
        assert "0.90" in screen_text(app)


async def test_a_resize_keeps_the_cursor_in_sight() -> None:
    app = app_with()
    async with run(app, 140, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "g", *"jjjjjjjjjj")
        await pilot.resize_terminal(60, 12)
        await pilot.pause()
        assert "event number 11" in screen_text(app)


async def test_evicted_rows_move_no_row_that_is_read() -> None:
    app = app_with(config=Config(history=100))
    async with run(app) as pilot:
        await settle(pilot, 50)
        app.session.take(update(some_events(50)), 0.0)
        app.draw()
        await press(pilot, "k", "k")
        cursor = app.table.cursor
        before = rows_without_scroll_bar(app)
        app.session.take(update(some_events(30)), 0.0)
        app.draw()
        await pilot.pause()
        assert app.table.cursor == cursor
        assert rows_without_scroll_bar(app) == before


def rows_without_scroll_bar(app: TailsightApp) -> list[str]:
    return [line[:98].rstrip() for line in screen_text(app).splitlines()[5:-2]]


async def test_a_mute_asks_why_and_how_long_and_is_taken_back(tmp_path: Path) -> None:
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
        assert "is no length of time" in screen_text(app)
        await answer(pilot, "7d", "enter")
        assert "0 flagged" in screen_text(app)
        assert "CHG-1" in mutes.path.read_text()
        await press(pilot, "X")
        text = screen_text(app)
        assert "1 mute; Enter takes one back" in text
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
        app.read_mutes_again()
        await pilot.pause()
        assert "0 flagged" in screen_text(app)
        path.write_text("[[mute")
        app.read_mutes_again()
        await pilot.pause()
        assert "mutes.toml" in screen_text(app)
        assert "0 flagged" in screen_text(app)


async def test_a_mute_file_that_cannot_be_written_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    app = TailsightApp(stream(update([scored_event(0.9)])), mutes=Mutes(tmp_path / "taken" / "mutes.toml"))
    async with run(app, 120) as pilot:
        await settle(pilot, 1)
        await press(pilot, "x")
        await answer(pilot, "", "enter")
        await answer(pilot, "", "enter")
        assert "cannot create the folder" in screen_text(app)
        assert app.prompt.open


async def test_every_command_is_in_the_palette() -> None:
    app = app_with(config=Config(filters={"mine": "level>=ERROR"}))
    async with run(app, 100, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "colon", *"filter mine")
        while "filter mine" not in screen_text(app).replace("🔎", ""):
            await pilot.pause(0.05)
        await press(pilot, "down", "enter")
        await pilot.pause()
        assert app.session.filter is not None


async def test_the_filter_of_the_settings_holds_from_the_first_event() -> None:
    app = app_with(config=Config(filter="level>=ERROR"))
    async with run(app) as pilot:
        await settle(pilot, 50)
        assert "45 hidden" in screen_text(app)


async def test_columns_of_the_settings_are_the_only_ones() -> None:
    app = app_with(config=Config(columns=("level",)))
    async with run(app) as pilot:
        await settle(pilot, 50)
        text = screen_text(app)
        assert "00:00:40" not in text
        assert "nova-compute  " not in text


@pytest.mark.parametrize("theme", [theme.name for theme in THEMES])
async def test_every_theme_draws(theme: str) -> None:
    app = app_with(config=Config(theme=theme))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "C")
        assert app.theme != theme
        assert "event number 50" in screen_text(app)


async def test_skipping_is_handed_to_the_reader() -> None:
    skipped: list[bool] = []
    app = app_with(skip=lambda: skipped.append(True))
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "greater_than_sign")
        assert skipped
        assert "skipping to now" in screen_text(app)


async def test_the_mouse_moves_the_cursor_scrolls_and_asks_why() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await pilot.click("#events", offset=(20, 2))
        await pilot.pause()
        top = app.table.scroll_offset.y
        assert app.table.cursor == top + 2
        app.table.scroll_rows(-3)
        await pilot.pause()
        assert app.table.scroll_offset.y == top - 3
        app.table.scroll_rows(1_000)
        assert app.table.following
        await pilot.click("#events", offset=(20, 2), times=2)
        await pilot.pause()
        assert app.detail_open


async def test_the_end_of_the_input_is_said() -> None:
    app = TailsightApp(lambda stop: iter([update(some_events(3))]))
    async with run(app) as pilot:
        await settle(pilot, 3)
        while not app.session.ended or app.drawing_is_due:
            await pilot.pause(0.01)
        assert "end of input" in screen_text(app)


async def test_what_is_typed_ahead_of_a_prompt_goes_into_it() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        for key in ("T", "0", "full_stop", "q", "enter"):
            app.post_message(events.Key(key, {"full_stop": "."}.get(key, key if len(key) == 1 else None)))
        while "'0.q' is no threshold" not in screen_text(app):
            await pilot.pause(0.01)
        assert app.prompt.open


async def test_what_is_typed_at_once_is_taken_in_its_order() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        keys = ("g", "slash", "x", "backspace", "n", "u", "m", "b", "e", "r", "space", "9", "enter", "m", "k", "T")
        for key in keys:
            app.post_message(events.Key(key, {"slash": "/", "space": " "}.get(key, key if len(key) == 1 else None)))
        while not (app.prompt.open and "now 0.50" in screen_text(app)):
            await pilot.pause(0.01)
        assert app.session.marks == {8}
        assert app.table.cursor == 7


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


async def test_a_command_acts_from_the_palette() -> None:
    app = app_with()
    async with run(app, 100, 40) as pilot:
        await settle(pilot, 50)
        await press(pilot, "colon", *"anomalies")
        while screen_text(app).count("anomalies") < 2:
            await pilot.pause(0.05)
        await press(pilot, "down", "enter")
        while not app.session.only_flagged:
            await pilot.pause(0.01)


async def test_a_control_that_is_pasted_is_shown_escaped() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "/")
        app.post_message(events.Paste("a\x1b]0;owned\x07"))
        while r"a\x1b]0;owned\x07" not in screen_text(app):
            await pilot.pause(0.01)


async def test_rows_that_come_below_a_held_cursor_are_seen() -> None:
    app = app_with(3)
    async with run(app) as pilot:
        await settle(pilot, 3)
        await press(pilot, "k")
        app.session.take(update([scored_event(message="a late comer")]), 0.0)
        app.draw()
        await pilot.pause()
        assert "a late comer" in screen_text(app)
        assert not app.table.following
