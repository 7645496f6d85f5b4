"""What lies over the picture until it is closed: help, and lists to choose from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar, Final, NamedTuple

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from tui.keys import COMMANDS, GROUPS, keys_of
from tui.look.glyphs import Glyphs
from tui.look.text import fit
from tui.look.themes import Palette
from tui.widgets.sheet import Bar, Line, Sheet, elide

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
    """Every key and what it does, made from the table of commands."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_SCROLL,
        Binding("question_mark", "close", show=False, priority=True),
        Binding("j,down", "scroll(1)", show=False, priority=True),
        Binding("k,up", "scroll(-1)", show=False, priority=True),
    ]

    def __init__(self, keymap: Mapping[str, str], palette: Palette, glyphs: Glyphs) -> None:
        super().__init__()
        self._keymap, self._palette, self._glyphs = keymap, palette, glyphs

    def compose(self) -> ComposeResult:
        """A frame with lines in it."""
        with Vertical(classes="layer"):
            yield Sheet(id="help")

    def on_mount(self) -> None:
        """Fill in what fits the width."""
        self.query_one(".layer").border_title = "keys"
        self.call_after_refresh(self.on_resize)

    def on_resize(self) -> None:
        """Lay the lines out anew."""
        sheet = self.query_one(Sheet)
        width = sheet.scrollable_content_region.width
        lines = help_lines(self._keymap, width, self._palette, self._glyphs)
        sheet.show([elide(line, width, self._glyphs.ellipsis) for line in lines])

    def action_scroll(self, rows: int) -> None:
        """Scroll by this many lines."""
        self.query_one(Sheet).scroll_rows(rows)

    def action_close(self) -> None:
        """Close."""
        self.dismiss()


def help_lines(keymap: Mapping[str, str], width: int, palette: Palette, glyphs: Glyphs) -> list[Line]:
    """Write all keys by group, in two columns where there is room for them."""
    blocks = [_block(group, keymap, palette, glyphs) for group in GROUPS]
    if width < TWO_COLUMNS:
        return [line for block in blocks for line in [*block, []]]
    total = sum(len(block) + 1 for block in blocks)
    left: list[Line] = []
    right: list[Line] = []
    for block in blocks:
        column = left if len(left) + len(block) // 2 <= total // 2 and not right else right
        column += [*block, []]
    half = width // 2
    lines = []
    for index in range(max(len(left), len(right))):
        first = left[index] if index < len(left) else []
        second = right[index] if index < len(right) else []
        used = sum(cell_len(text) for text, _ in first)
        lines.append([*first, (" " * max(half - used, 1), palette.text), *second])
    return lines


def _block(group: str, keymap: Mapping[str, str], palette: Palette, glyphs: Glyphs) -> list[Line]:
    commands = [command for command in COMMANDS if command.group == group]
    lines: list[Line] = [[(GROUPS[group], palette.heading)]]
    for command, after in zip_longest(commands, commands[1:]):
        keys = keys_of(command, keymap, only_ascii=glyphs.only_ascii)
        text = command.text
        if after is not None and after.text == text.replace("next", "previous", 1) != text:
            keys, text = f"{keys}  {keys_of(after, keymap, only_ascii=glyphs.only_ascii)}", f"next, previous {text[5:]}"
        elif text.startswith("previous "):
            continue
        lines.append([(f"  {keys:<14} ", palette.accent), (text, palette.text)])
    return lines


class Choices(NamedTuple):
    """What is chosen from, as it is written in some width."""

    heading: Line
    rows: Sequence[Line]


class Chooser(ModalScreen[int]):
    """A list with a cursor; Enter answers with the place of the row, -1 is backing out."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *_SCROLL,
        Binding("j,down", "move(1)", show=False, priority=True),
        Binding("k,up", "move(-1)", show=False, priority=True),
        Binding("enter", "choose", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Callable[[int], Choices], palette: Palette, glyphs: Glyphs) -> None:
        super().__init__()
        self._title, self._choices, self._palette, self._glyphs = title, choices, palette, glyphs
        self._count = 0
        self._cursor = 0

    def compose(self) -> ComposeResult:
        """A frame with a heading and rows in it."""
        with Vertical(classes="layer"):
            yield Bar(id="choice-heading")
            yield Sheet(id="choices")

    def on_mount(self) -> None:
        """Show the rows, which decide how high the frame is."""
        self.query_one(".layer").border_title = self._title
        self._draw()
        self.call_after_refresh(self._draw)

    def on_resize(self) -> None:
        """Lay the rows out anew."""
        self._draw()

    def action_move(self, rows: int) -> None:
        """Move the cursor."""
        self._cursor = min(max(self._cursor + rows, 0), max(self._count - 1, 0))
        self._draw()

    def action_scroll(self, rows: int) -> None:
        """Move the cursor far."""
        self.action_move(rows)

    def action_choose(self) -> None:
        """Answer with the row at the cursor."""
        self.dismiss(self._cursor if self._count else -1)

    def action_close(self) -> None:
        """Back out."""
        self.dismiss(-1)

    def _draw(self) -> None:
        sheet, ellipsis = self.query_one(Sheet), self._glyphs.ellipsis
        # Before its first layout a sheet has no width.
        width = sheet.scrollable_content_region.width or self.app.size.width
        heading, rows = self._choices(width)
        self._count = len(rows)
        lines = [elide(row, width, ellipsis) for row in rows]
        if lines:
            text = "".join(text for text, _ in lines[self._cursor])
            lines[self._cursor] = [(fit(text, width, ellipsis), self._palette.cursor)]
        self.query_one(Bar).show(elide(heading, width, ""))
        sheet.show(lines)
        top, height = sheet.scroll_offset.y, max(sheet.size.height, 1)
        if not top <= self._cursor < top + height:
            sheet.scroll_rows(self._cursor - top if self._cursor < top else self._cursor - top - height + 1)
