"""Showing usage, without a screen."""

from __future__ import annotations

from tests.helpers.view import view_of
from tui.app.controllers.usage import UsageController
from tui.process.usage import Usage, UsageMeter


def test_usage_is_measured_only_while_it_is_shown() -> None:
    _, view = view_of([])
    clock = iter(range(100))
    meter = UsageMeter(lambda: float(next(clock)), lambda: 0.0, lambda: 5)
    controller = UsageController(view, meter)
    controller.toggle()
    assert [view.usage] == [Usage(0.0, 5)]
    controller.toggle()
    assert view.usage is None
    assert view.timers[0].stopped
