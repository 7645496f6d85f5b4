"""A view without a screen, for controllers: it records what they show and lets a test answer, wait and move."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.events import Item
from tests.helpers.screen import update
from tui.app.view import Pane
from tui.look.drawing import Drawing
from tui.look.glyphs import UNICODE
from tui.look.lines import line_text
from tui.look.themes import PALETTES
from tui.process.usage import Usage
from tui.session.session import Session
from tui.widgets.layers import Choices
from tui.widgets.prompts import Question


@dataclass
class FakeTable:
    """A cursor over the rows of a history, ten of them to a page."""

    session: Session
    cursor: int = -1
    following: bool = True
    shifted: int = 0

    def move(self, rows: int) -> None:
        self.move_to(max(self.cursor + rows, 0))

    def move_page(self, pages: float) -> None:
        self.move(round(pages * 10))

    def move_to(self, row_id: int, *, center: bool = False) -> None:
        self.cursor, self.following = row_id, False

    def move_to_top(self) -> None:
        self.move_to(self.session.history.first_row_id)

    def follow(self) -> None:
        self.cursor, self.following = self.session.history.row_id(len(self.session.history)) - 1, True

    def release(self) -> None:
        self.following = False

    def shift(self, cells: int) -> None:
        self.shifted += cells


@dataclass
class FakeTimer:
    """A callback that a test runs; `stopped` once the controller has stopped it."""

    seconds: float
    callback: Callable[[], object]
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True


@dataclass
class FakeView:
    """Implements `tui.app.view.View`."""

    session: Session
    width: int = 100
    table: FakeTable = field(init=False)
    message: str = ""
    warned: bool = False
    question: Question | None = None
    title: str = ""
    choices: Callable[[Drawing], Choices] | None = None
    chosen: Callable[[int], None] = print
    open_panes: set[Pane] = field(default_factory=set)
    copied: str = ""
    notification: str = ""
    usage: Usage | None = None
    timers: list[FakeTimer] = field(default_factory=list)
    tasks: list[asyncio.Task[None]] = field(default_factory=list)
    neighbour: float | None = None
    zooms_left: int = 1
    drawn: int = 0
    restyled: int = 0
    rebuilt: int = 0
    scrolled: float = 0.0

    def __post_init__(self) -> None:
        self.table = FakeTable(self.session)

    @property
    def drawing(self) -> Drawing:
        return Drawing(PALETTES["terminal"], UNICODE, self.width)

    @property
    def listed(self) -> list[str]:
        """Heading and rows of the list that is shown."""
        assert self.choices is not None
        heading, rows = self.choices(self.drawing)
        return [line_text(heading), *map(line_text, rows)]

    def draw(self) -> None:
        self.drawn += 1

    def restyle_rows(self) -> None:
        self.restyled += 1

    def rebuild_rows(self) -> None:
        self.rebuilt += 1

    def show_message(self, text: str, *, warning: bool = False) -> None:
        self.message, self.warned = text, warning

    def clear_message(self) -> None:
        self.message = ""

    def show_notification(self, text: str, *, title: str) -> None:
        self.notification = f"{title}: {text}"

    def show_usage(self, usage: Usage | None) -> None:
        self.usage = usage

    def ask(self, question: Question) -> None:
        self.question = question

    def answer(self, text: str) -> None:
        """Answer the question that is asked."""
        assert self.question is not None
        self.question.accept(text)

    def choose(self, title: str, choices: Callable[[Drawing], Choices], chosen: Callable[[int], None]) -> None:
        self.title, self.choices, self.chosen = title, choices, chosen

    def is_open(self, pane: Pane) -> bool:
        return pane in self.open_panes

    def show_pane(self, pane: Pane, *, shown: bool) -> None:
        self.open_panes = self.open_panes | {pane} if shown else self.open_panes - {pane}

    def scroll_detail(self, pages: float) -> None:
        self.scrolled += pages

    def zoom_timeline(self, steps: int) -> bool:
        self.zooms_left -= 1
        return self.zooms_left >= 0

    def timeline_neighbour(self, row: int, direction: int) -> float | None:
        return self.neighbour

    def copy(self, text: str) -> None:
        self.copied = text

    def after(self, seconds: float, callback: Callable[[], object]) -> FakeTimer:
        self.timers.append(FakeTimer(seconds, callback))
        return self.timers[-1]

    def every(self, seconds: float, callback: Callable[[], object]) -> FakeTimer:
        return self.after(seconds, callback)

    def start_task(self, coroutine: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        self.tasks.append(asyncio.get_running_loop().create_task(coroutine))
        return self.tasks[-1]


def view_of(items: Sequence[Item], *, width: int = 100) -> tuple[Session, FakeView]:
    """Build a session that has taken these items, and a view whose cursor follows the last one."""
    session = Session(threshold=0.5, shipped=0.5)
    session.take(update(items), 0.0)
    session.catch_up()
    view = FakeView(session, width)
    view.table.follow()
    return session, view
