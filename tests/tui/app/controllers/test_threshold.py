"""Trying thresholds, without a screen."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from tests.helpers.calibration import straight_calibration
from tests.helpers.screen import some_events
from tests.helpers.view import view_of
from tui.app.controllers.threshold import TRIAL_SECONDS, ThresholdController

CALIBRATION = straight_calibration(least_recall=0.5)


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


def test_reset_tries_the_shipped_threshold() -> None:
    session, view = view_of(some_events(5))
    threshold = ThresholdController(session, view, None)
    threshold.reset()
    assert view.message == "the threshold is the shipped one, 0.50"
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
