"""What a controller needs of the screen, so that it can be tested without one."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from enum import StrEnum
from typing import Protocol

from tui.look.drawing import Drawing
from tui.process.usage import Usage
from tui.widgets.layers import Choices
from tui.widgets.prompts import Question


class Pane(StrEnum):
    """A part of the main screen that keys open and close; the value is its class in the style sheet."""

    DETAIL = "detail-open"
    TIMELINE = "timeline-open"


class Stoppable(Protocol):
    """A timer."""

    def stop(self) -> None:
        """Do not call back any more."""


class Cancellable(Protocol):
    """A task in the background."""

    def cancel(self) -> object:
        """End it at its next pause."""


class RowTable(Protocol):
    """The table of events with its cursor; `EventTable` says more of each method."""

    cursor: int
    following: bool

    def move(self, rows: int) -> None:
        """Move the cursor by so many rows."""

    def move_page(self, pages: float) -> None:
        """Move the cursor by so many pages."""

    def move_to(self, row_id: int, *, center: bool = False) -> None:
        """Put the cursor on a row."""

    def move_to_top(self) -> None:
        """Put the cursor on the first row."""

    def follow(self) -> None:
        """Go to the end, and stay there as rows come."""

    def release(self) -> None:
        """Stop following."""

    def shift(self, cells: int) -> None:
        """Scroll messages sideways."""


class View(Protocol):
    """The screen."""

    @property
    def table(self) -> RowTable:
        """The table of events."""

    @property
    def drawing(self) -> Drawing:
        """How to draw at the moment."""

    def draw(self) -> None:
        """Bring every part up to date."""

    def restyle_rows(self) -> None:
        """Draw all rows again: their style or state has changed."""

    def rebuild_rows(self) -> None:
        """Show other rows: the filters have changed."""

    def show_message(self, text: str, *, warning: bool = False) -> None:
        """Show a message in the lowest line until the next key."""

    def clear_message(self) -> None:
        """Remove the message."""

    def show_notification(self, text: str, *, title: str) -> None:
        """Show a notification for some seconds."""

    def show_usage(self, usage: Usage | None) -> None:
        """Show in the status line what this process uses; None hides it."""

    def ask(self, question: Question) -> None:
        """Ask the operator a question in the lowest line."""

    def choose(self, title: str, choices: Callable[[Drawing], Choices], chosen: Callable[[int], None]) -> None:
        """Show a list; `chosen` is called with the index of the row that the operator chooses, if any."""

    def is_open(self, pane: Pane) -> bool:
        """Tell whether a pane is open."""

    def show_pane(self, pane: Pane, *, shown: bool) -> None:
        """Open or close a pane."""

    def scroll_detail(self, pages: float) -> None:
        """Scroll the open detail."""

    def zoom_timeline(self, steps: int) -> bool:
        """Zoom the timeline in (1) or out (-1); tell whether that was possible."""

    def timeline_neighbour(self, row: int, direction: int) -> float | None:
        """Return the time of the next interval with events, before (-1) or after (1) a row of the history."""

    def copy(self, text: str) -> None:
        """Put text into the clipboard of the terminal."""

    def after(self, seconds: float, callback: Callable[[], object]) -> Stoppable:
        """Call back once, after so many seconds."""

    def every(self, seconds: float, callback: Callable[[], object]) -> Stoppable:
        """Call back again and again."""

    def start_task(self, coroutine: Coroutine[object, object, None]) -> Cancellable:
        """Run a coroutine in the background; keys act whenever it awaits."""
