"""Moving the threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.events import CalibratedBy, Origin
from tests.helpers.calibration import straight_calibration
from tests.helpers.events import scored_event
from tests.helpers.screen import answer, app_with, press, run, screen_text, settle, stream, update
from tui.app.app import TailsightApp
from tui.app.view import Pane

CALIBRATION = replace(straight_calibration(), thresholds=np.array([0.0, 1.0]), recall=np.array([1.0, 0.5]))


async def test_a_threshold_on_trial_shows_what_it_would_do() -> None:
    items = [scored_event(score, 1_000.0 + 60 * place) for place, score in enumerate([0.2, 0.55, 0.62, 0.9])]
    shipped = update(items, calibrated_by=CalibratedBy(Origin.SHIPPED))
    app = TailsightApp(stream(shipped), calibration=CALIBRATION)
    async with run(app, 150) as pilot:
        await settle(pilot, 4)
        await press(pilot, "}")
        text = screen_text(app)
        assert "0.50 → 0.60" in text
        assert "flagged 3 → 2" in text
        assert "recall 70%" in text
        assert "0.76 false alarms a day by the shipped calibration" in text
        await press(pilot, "escape")
        assert app.session.threshold == 0.5
        await press(pilot, "]", "enter")
        assert app.session.committed == 0.51
        assert "→ 0.51" not in screen_text(app)
        await press(pilot, "=")
        assert app.session.threshold == 0.5


async def test_escape_reverts_a_trial_before_it_closes_a_pane() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "enter", "}", "escape")
        assert app.session.threshold == 0.5
        assert app.view.is_open(Pane.DETAIL)
        await press(pilot, "escape")
        assert not app.view.is_open(Pane.DETAIL)


async def test_a_threshold_can_be_typed_and_an_invalid_one_is_refused() -> None:
    app = app_with()
    async with run(app) as pilot:
        await settle(pilot, 50)
        await press(pilot, "T")
        await answer(pilot, "2.5", "enter")
        assert "it is from 0 to 1" in screen_text(app)
        await answer(pilot, "0.95")
        assert "flags 0" in screen_text(app)
        await press(pilot, "enter")
        assert app.session.committed == 0.95
        assert not app.view.prompt.open
