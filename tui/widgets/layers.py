"""Screens on top of the main one until they are closed: help, and lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar, Final, NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import COMMAND_GROUPS, KEY_COMMANDS, keys_of
from tui.look.drawing import Drawing
from tui.look.lines import Line, elide, line_text, line_width
from tui.widgets.sheet import Bar, Sheet

TWO_COLUMNS: Final = 106
"""Width from which help has two columns."""

_SCROLL: list[BindingType] = [
    Binding("q,escape", "close", show=False, priority=True),
    Binding("space,pagedown,ctrl+d", "scroll(12)", show=False, priority=True),
    Binding("b,pageup,ctrl+u", "scroll(-12)", show=False, priority=True),
    Binding("g,home", "scroll(-100000)", show=False, priority=True),
    Binding("G,end", "scroll(100000)", show=False, priority=True),
]


class Help(ModalScreen[None]):
    """Every key and what it does, from the table of commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_SCROLL,
        Binding("question_mark", "close", show=False, priority=True),
        Binding("j,down", "scroll(1)", show=False, priority=True),
        Binding("k,up", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, keymap: Mapping[str, str], drawing: Drawing) -> None:
        super().__init__()
        self._keymap, self._drawing = keymap, drawing

    def compose(self) -> ComposeResult:
        """A frame with lines in it."""
        with Vertical(classes="layer"):
            yield Sheet(id="help")

    def on_mount(self) -> None:
        """Fill in the lines once the width is known."""
        self.query_one(".layer").border_title = "keys"
        self.call_after_refresh(self.on_resize)

    def on_resize(self) -> None:
        """Lay out the lines for the new width."""
        sheet = self.query_one(Sheet)
        drawing = self._drawing.resized(sheet.scrollable_content_region.width)
        sheet.show([drawing.elide(line) for line in help_lines(self._keymap, drawing)])

    def action_scroll(self, rows: int) -> None:
        """Scroll by this many lines."""
        self.query_one(Sheet).scroll_rows(rows)

    def action_close(self) -> None:
        """Close."""
        self.dismiss()


def help_lines(keymap: Mapping[str, str], drawing: Drawing) -> list[Line]:
    """Write all keys by group, in two columns where the width allows."""
    blocks = [_block(group, keymap, drawing) for group in COMMAND_GROUPS]
    if drawing.width < TWO_COLUMNS:
        return [line for block in blocks for line in [*block, []]]
    total = sum(len(block) + 1 for block in blocks)
    left: list[Line] = []
    right: list[Line] = []
    for block in blocks:
        column = left if len(left) + len(block) // 2 <= total // 2 and not right else right
        column += [*block, []]
    half = drawing.width // 2
    lines = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else []
        second = right[index] if index < len(right) else []
        lines.append([*first, (" " * max(half - line_width(first), 1), drawing.palette.text), *second])
    return lines


def _block(group: str, keymap: Mapping[str, str], drawing: Drawing) -> list[Line]:
    palette, only_ascii = drawing.palette, drawing.glyphs.only_ascii
    commands = [command for command in KEY_COMMANDS if command.group == group]
    lines: list[Line] = [[(COMMAND_GROUPS[group], palette.heading)]]
    for command, after in zip_longest(commands, commands[1:]):
        keys = keys_of(command, keymap, only_ascii=only_ascii)
        text = command.text
        if after is not None and after.text == text.replace("next", "previous", 1) != text:
            keys, text = f"{keys}  {keys_of(after, keymap, only_ascii=only_ascii)}", f"next, previous {text[5:]}"
        elif text.startswith("previous "):
            continue
        lines.append([(f"  {keys:<14} ", palette.accent), (text, palette.text)])
    return lines


class Choices(NamedTuple):
    """A list to choose from, drawn in some width."""

    heading: Line
    rows: Sequence[Line]


class Chooser(ModalScreen[int]):
    """A list with a cursor; Enter returns the index of a row, closing returns None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_SCROLL,
        Binding("j,down", "move(1)", show=False, priority=True),
        Binding("k,up", "move(-1)", show=False, priority=True),
        Binding("enter", "choose", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Callable[[Drawing], Choices], drawing: Drawing) -> None:
        super().__init__()
        self._title, self._choices, self._drawing = title, choices, drawing
        self._count = 0
        self._cursor = 0

    def compose(self) -> ComposeResult:
        """A frame with a heading and rows in it."""
        with Vertical(classes="layer"):
            yield Bar(id="choice-heading")
            yield Sheet(id="choices")

    def on_mount(self) -> None:
        """Show the rows, which give the frame its height."""
        self.query_one(".layer").border_title = self._title
        self._draw()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Lay out the rows for the new width."""
        self._draw()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._cursor = min(max(self._cursor + rows, 0), max(self._count - 1, 0))
        self._draw()

    def action_scroll(self, rows: int) -> None:
        """Move the cursor far."""
        self.action_move(rows)

    def action_choose(self) -> None:
        """Return the row under the cursor."""
        self.dismiss(self._cursor if self._count else None)

    def action_close(self) -> None:
        """Return no row."""
        self.dismiss(None)

    def _draw(self) -> None:
        sheet = self.query_one(Sheet)
        # Before its first layout a sheet has no width.
        drawing = self._drawing.resized(sheet.scrollable_content_region.width or self.app.size.width)
        heading, rows = self._choices(drawing)
        self._count = len(rows)
        lines = [drawing.elide(row) for row in rows]
        if lines:
            text = drawing.fit(line_text(lines[self._cursor]), drawing.width)
            lines[self._cursor] = [(text, drawing.palette.cursor)]
        self.query_one(Bar).show(elide(heading, drawing.width, ""))
        sheet.show(lines)
        top, height = sheet.scroll_offset.y, max(sheet.size.height, 1)
        if not top <= self._cursor < top + height:
            sheet.scroll_rows(self._cursor - top if self._cursor < top else self._cursor - top - height + 1)
