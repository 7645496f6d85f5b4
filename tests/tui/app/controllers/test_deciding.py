"""Threshold, filters, mutes and episodes without a screen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.decision.calibration import Calibration
from core.decision.mutes import Mutes
from core.errors import UsageError
from tests.helpers.events import scored_event
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.episodes import EpisodeController
from tui.app.controllers.filters import FilterController
from tui.app.controllers.mutes import RELOAD_SECONDS, MuteController
from tui.app.controllers.threshold import TRIAL_SECONDS, ThresholdController

CALIBRATION = Calibration(np.linspace(0, 1, 11), np.linspace(10, 0, 11), np.linspace(1, 0.5, 11))


def test_a_trial_is_committed_when_the_threshold_rests() -> None:
    session, view = view_of(some_events(50))
    threshold = ThresholdController(session, view, None)
    threshold.move(0.01)
    threshold.move(0.01)
    first, second = view.timers
    assert first.stopped
    assert not second.stopped
    assert second.seconds == TRIAL_SECONDS
    assert (session.threshold, session.committed) == (0.52, 0.5)
    second.callback()
    assert session.committed == 0.52


def test_a_trial_that_returns_to_the_committed_threshold_ends() -> None:
    session, view = view_of(some_events(50))
    threshold = ThresholdController(session, view, None)
    threshold.move(0.1)
    threshold.move(-0.1)
    assert not session.on_trial
    assert [timer.stopped for timer in view.timers] == [True]
    assert not threshold.revert()


@pytest.mark.parametrize(("step", "value"), [(0.7, 1.0), (-0.7, 0.0), (0.004, 0.5)])
def test_a_threshold_has_two_decimals_from_0_to_1(step: float, value: float) -> None:
    session, view = view_of(some_events(5))
    ThresholdController(session, view, None).move(step)
    assert session.threshold == value


def test_reset_tries_the_calibrated_threshold() -> None:
    session, view = view_of(some_events(5))
    threshold = ThresholdController(session, view, None)
    threshold.reset()
    assert view.message == "the threshold is the calibrated one, 0.50"
    threshold.ask()
    view.answer("0,9")
    assert session.committed == 0.9
    threshold.reset()
    assert (session.threshold, session.on_trial) == (0.5, True)


@pytest.mark.parametrize("text", ["", "high", "1.5", "-0.1", "nan"])
def test_an_invalid_threshold_is_refused(text: str) -> None:
    session, view = view_of(some_events(5))
    ThresholdController(session, view, None).ask()
    with pytest.raises(UsageError, match="invalid threshold"):
        view.answer(text)
    assert view.question is not None
    assert view.question.preview is not None
    assert view.question.preview(text) == ""


@pytest.mark.parametrize(("width", "text"), [(100, "flags 5, recall 75%"), (50, "flags 5")])
def test_the_preview_says_what_fits(width: int, text: str) -> None:
    session, view = view_of(some_events(50), width=width)
    ThresholdController(session, view, CALIBRATION).ask()
    assert view.question is not None
    assert view.question.preview is not None
    assert view.question.preview("0.5") == text


def test_filters_are_removed_the_narrowest_first() -> None:
    session, view = view_of(some_events(30))
    filters = FilterController(session, view)
    filters.apply("level>=ERROR")
    assert len(session.visible) == 3
    filters.toggle_anomalies()
    view.table.move_to(9)
    filters.toggle_request()
    states = []
    for _ in range(3):
        states.append((session.request is not None, session.only_flagged))
        assert filters.remove()
    assert states == [(True, True), (False, True), (False, False)]
    assert not session.is_filtered
    assert not filters.remove()
    assert view.rebuilt == view.drawn == 6


def test_context_needs_matches() -> None:
    session, view = view_of(some_events(30))
    filters = FilterController(session, view)
    filters.change_context(1)
    assert view.message == "no filter to show more rows around: o or & sets one"
    filters.toggle_anomalies()
    before = len(session.visible)
    filters.change_context(1)
    assert len(session.visible) > before


def test_a_row_without_a_request_cannot_be_followed() -> None:
    session, view = view_of([scored_event(request_id="", instance_id="")])
    FilterController(session, view).toggle_request()
    assert view.message == "this row has no request and no instance"
    assert not session.is_filtered


def test_an_invalid_filter_changes_nothing() -> None:
    session, view = view_of(some_events(5))
    FilterController(session, view).ask()
    with pytest.raises(UsageError):
        view.answer("level>=LOUD")
    assert session.filter is None


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


def test_an_episode_is_listed_with_what_began_it_and_can_be_jumped_to() -> None:
    items = [scored_event(0.9, 1_000.0, message="disk full"), scored_event(0.95, 2_000.0, message="no route")]
    session, view = view_of(items)
    EpisodeController(session, view).choose()
    assert view.title == "2 episodes at 0.50, newest first"
    assert view.listed[1].endswith("no route")
    view.chosen(1)
    assert view.table.cursor == 0


def test_without_an_anomaly_there_is_no_list() -> None:
    session, view = view_of(some_events(5))
    EpisodeController(session, view).choose()
    assert view.message == "nothing flagged at 0.50: there is no episode"
    assert view.choices is None
