"""Which method of which controller runs each command of `tui.keys`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Protocol

from core.decision.calibration import Calibration
from core.decision.mutes import Mutes
from core.decision.verdicts import Verdicts
from core.export.document import Model
from tui.app.controllers.clipboard import ClipboardController
from tui.app.controllers.episodes import EpisodeController
from tui.app.controllers.export import ExportController
from tui.app.controllers.filters import FilterController
from tui.app.controllers.jumps import JumpController
from tui.app.controllers.marks import MarkController
from tui.app.controllers.mutes import MuteController
from tui.app.controllers.navigation import NavigationController
from tui.app.controllers.panes import PaneController
from tui.app.controllers.search import SearchController
from tui.app.controllers.stream import StreamController
from tui.app.controllers.threshold import ThresholdController
from tui.app.controllers.timeline import TimelineController
from tui.app.controllers.usage import UsageController
from tui.app.controllers.verdicts import VerdictController
from tui.app.view import Pane, View
from tui.app.worker import StreamThread
from tui.process.usage import UsageMeter
from tui.session.session import Session

Handler = Callable[[], object]


class Controllers:
    """All controllers of one run. A new feature adds its controller here and its commands to `handlers`."""

    def __init__(
        self,
        session: Session,
        view: View,
        *,
        calibration: Calibration | None,
        mutes: Mutes | None,
        verdicts: Verdicts | None,
        model: Model,
        make_thread: Callable[[], StreamThread],
        skip: Callable[[], None] | None,
        retry_now: Callable[[], None] | None,
    ) -> None:
        self.timeline = TimelineController(session, view)
        self.navigation = NavigationController(session, view, self.timeline)
        self.jumps = JumpController(session, view)
        self.search = SearchController(session, view)
        self.marks = MarkController(session, view)
        self.filters = FilterController(session, view)
        self.threshold = ThresholdController(session, view, calibration)
        self.panes = PaneController(session, view, self.threshold)
        self.episodes = EpisodeController(session, view)
        self.mutes = MuteController(session, view, mutes)
        self.verdicts = VerdictController(session, view, verdicts)
        self.clipboard = ClipboardController(session, view)
        self.export = ExportController(session, view, model)
        self.stream = StreamController(session, view, make_thread, skip=skip, retry_now=retry_now)
        self.usage = UsageController(view, UsageMeter())


class Frame(Protocol):
    """What commands need of the app itself."""

    def show_help(self) -> None:
        """Show every key."""

    def show_palette(self) -> None:
        """Show the command palette."""

    def next_theme(self) -> None:
        """Change to the next theme."""

    def redraw(self) -> None:
        """Write every cell again."""

    def suspend_process(self) -> None:
        """Stop the process until the shell continues it."""

    def quit(self) -> None:
        """Exit."""


def handlers(to: Controllers, frame: Frame) -> Mapping[str, Handler]:
    """Map the name of each command to what runs it."""
    return {
        "down": partial(to.navigation.move, 1),
        "up": partial(to.navigation.move, -1),
        "page_down": partial(to.navigation.page, 1.0),
        "page_up": partial(to.navigation.page, -1.0),
        "half_down": partial(to.navigation.page, 0.5),
        "half_up": partial(to.navigation.page, -0.5),
        "top": to.navigation.go_to_top,
        "end": to.navigation.go_to_end,
        "follow": to.navigation.toggle_follow,
        "freeze": to.navigation.toggle_freeze,
        "left": partial(to.navigation.go_sideways, -1),
        "right": partial(to.navigation.go_sideways, 1),
        "next_anomaly": partial(to.jumps.anomaly, 1),
        "previous_anomaly": partial(to.jumps.anomaly, -1),
        "next_error": partial(to.jumps.error, 1),
        "previous_error": partial(to.jumps.error, -1),
        "next_warning": partial(to.jumps.warning, 1),
        "previous_warning": partial(to.jumps.warning, -1),
        "goto_time": to.jumps.ask_time,
        "search": to.search.ask,
        "next_match": partial(to.search.find, 1),
        "previous_match": partial(to.search.find, -1),
        "mark": to.marks.toggle,
        "next_mark": partial(to.marks.go, 1),
        "previous_mark": partial(to.marks.go, -1),
        "filter": to.filters.ask,
        "only_anomalies": to.filters.toggle_anomalies,
        "more_context": partial(to.filters.change_context, 1),
        "less_context": partial(to.filters.change_context, -1),
        "request": to.filters.toggle_request,
        "timeline": partial(to.panes.toggle, Pane.TIMELINE),
        "zoom_in": partial(to.timeline.zoom, 1),
        "zoom_out": partial(to.timeline.zoom, -1),
        "episodes": to.episodes.choose,
        "detail": to.panes.enter,
        "threshold_down": partial(to.threshold.move, -0.01),
        "threshold_up": partial(to.threshold.move, 0.01),
        "threshold_much_down": partial(to.threshold.move, -0.10),
        "threshold_much_up": partial(to.threshold.move, 0.10),
        "threshold_type": to.threshold.ask,
        "threshold_reset": to.threshold.reset,
        "mute": to.mutes.ask,
        "mutes": to.mutes.choose,
        "copy": to.clipboard.copy,
        "export": to.export.ask,
        "skip": to.stream.skip,
        "retry": to.stream.retry,
        "usage": to.usage.toggle,
        "help": frame.show_help,
        "command_palette": frame.show_palette,
        "next_theme": frame.next_theme,
        "redraw": frame.redraw,
        "suspend_process": frame.suspend_process,
        # Escape undoes the first of these that there is; it never exits.
        "back": first_of(to.threshold.revert, to.panes.close, to.filters.remove, to.search.clear),
        "close": first_of(to.panes.close, frame.quit),
        "quit": frame.quit,
    }


def first_of(*steps: Callable[[], object]) -> Handler:
    """Run steps until one returns True."""
    return lambda: any(step() for step in steps)
