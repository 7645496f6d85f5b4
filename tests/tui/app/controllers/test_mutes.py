"""Muting templates, without a screen."""

from __future__ import annotations

from pathlib import Path

from core.decision.mutes import Mutes
from tests.helpers.events import scored_event
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.expiry import RELOAD_SECONDS
from tui.app.controllers.mutes import MuteController


def test_a_mute_is_asked_for_listed_removed_and_undone(tmp_path: Path) -> None:
    session, view = view_of([scored_event(0.9, template="it fails", service="nova-api")])
    mutes = Mutes(tmp_path / "mutes.toml")
    controller = MuteController(session, view, mutes)
    controller.ask()
    view.answer("CHG-1")
    view.answer("7d")
    assert [(mute.template, mute.service, mute.reason) for mute in mutes.all()] == [("it fails", "nova-api", "CHG-1")]
    assert not session.flag(0).alerting
    assert view.message == "muted in nova-api: 1 event in the history; X lists and removes mutes"
    controller.choose()
    assert view.title == "1 mute; Enter removes one"
    assert "it fails  CHG-1" in view.listed[1]
    assert view.listed[2] == "undo the last change"
    view.chosen(0)
    assert session.flag(0).alerting
    assert len(mutes) == 0
    controller.choose()
    view.chosen(0)
    assert not session.flag(0).alerting


def test_when_every_change_is_undone_there_is_nothing_to_list(tmp_path: Path) -> None:
    session, view = view_of([scored_event(0.9, template="it fails")])
    controller = MuteController(session, view, Mutes(tmp_path / "mutes.toml"))
    controller.ask()
    view.answer("")
    view.answer("")
    controller.choose()
    view.chosen(1)
    assert session.flag(0).alerting
    controller.choose()
    assert view.message == "nothing is muted: x mutes the template at the cursor"


def test_tab_mutes_in_every_service(tmp_path: Path) -> None:
    session, view = view_of([scored_event(0.9, template="it fails", service="nova-api")])
    mutes = Mutes(tmp_path / "mutes.toml")
    MuteController(session, view, mutes).ask()
    assert view.question is not None
    assert view.question.alternative is not None
    view.ask(view.question.alternative())
    view.answer("")
    view.answer("")
    assert mutes.all()[0].service == ""
    assert mutes.all()[0].expires is None


def test_mutes_are_reloaded_from_time_to_time(tmp_path: Path) -> None:
    session, view = view_of([scored_event(0.9, template="it fails")])
    MuteController(session, view, Mutes(tmp_path / "mutes.toml")).start()
    timer = next(timer for timer in view.timers if timer.seconds == RELOAD_SECONDS)
    Mutes(tmp_path / "mutes.toml").add("it fails")
    timer.callback()
    assert session.flag(0).muted
    (tmp_path / "mutes.toml").write_text("[[mute")
    timer.callback()
    assert view.warned
    assert "mutes.toml" in view.message
    assert session.flag(0).muted


def test_a_run_without_mutes_says_so() -> None:
    session, view = view_of(some_events(5))
    controller = MuteController(session, view, None)
    controller.start()
    controller.ask()
    assert view.message == "mutes are not kept in this run"
    controller.choose()
    assert (view.choices, view.timers) == (None, [])
