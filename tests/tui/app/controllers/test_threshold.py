"""Trying thresholds, without a screen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import UsageError
from core.events import CalibratedBy, Origin
from tests.helpers.calibration import straight_calibration
from tests.helpers.screen import some_events, update
from tests.helpers.view import view_of
from tui.app.controllers.threshold import TRIAL_SECONDS, ThresholdController

CALIBRATION = replace(straight_calibration(), thresholds=np.array([0.0, 1.0]), recall=np.array([1.0, 0.5]))


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


@pytest.mark.parametrize(
    ("width", "origin", "text"),
    [
        (100, Origin.SHIPPED, "flags 5, 2.4 false alarms a day by the shipped calibration, recall 75%"),
        (100, Origin.SITE, "flags 5, 2.4 false alarms a day by this site's calibration"),
        (100, Origin.OWN, "flags 5, 2.4 false alarms a day by this log's own past"),
        (50, Origin.SHIPPED, "flags 5"),
    ],
)
def test_the_preview_says_what_fits(width: int, origin: Origin, text: str) -> None:
    session, view = view_of(some_events(50), width=width)
    session.take(update(calibrated_by=CalibratedBy(origin)), 0.0)
    ThresholdController(session, view, CALIBRATION).ask()
    assert view.question is not None
    assert view.question.preview is not None
    assert view.question.preview("0.5") == text
