"""Showing what this process uses of the machine."""

from __future__ import annotations

from typing import Final

from tui.app.view import Stoppable, View
from tui.process.usage import UsageMeter

USAGE_SECONDS: Final = 2.0
"""Between two measurements while they are shown."""


class UsageController:
    """Measures while the operator wants to see it."""

    def __init__(self, view: View, meter: UsageMeter) -> None:
        self._view, self._meter = view, meter
        self._timer: Stoppable | None = None

    def toggle(self) -> None:
        """Show processor and memory in the status line, or hide them again."""
        if self._timer is None:
            self._timer = self._view.every(USAGE_SECONDS, self._measure)
            self._measure()
        else:
            self._timer.stop()
            self._timer = None
            self._view.show_usage(None)

    def _measure(self) -> None:
        self._view.show_usage(self._meter.read())
