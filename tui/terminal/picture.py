"""What the terminal shows, cell by cell, so that only the cells that change are written to it.

Textual writes every cell of what it redraws. Rows of a log that flows differ in little but their messages, and the line
to the operator may be slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final

from rich.cells import get_character_cell_size

_TOKEN: Final = re.compile(
    r"\x1b\[(?P<row>\d+);(?P<column>\d+)H|\x1b\[(?P<style>[\d;]*)m|(?P<text>[^\x00-\x1f\x7f-\x9f]+)|\n"
)

_HARMLESS: Final = re.compile(
    r"(?:\x1b\[\?(?!1049)\d+[hl]"  # modes, but for the one that changes the screen
    r"|\x1b\[\?\d+\$p|\x1b\[[><]\d*u"  # questions, keyboard protocol
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # clipboard, title, pointer
    r"|\x1bP.*?\x1b\x1b?\\"  # the same through tmux
    r"|\x07)*",
    re.DOTALL,
)
"""What leaves every cell and the cursor as they are."""

_PLAIN: Final = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25ff]*")
"""Characters that take one cell in every terminal; where others are, a line is written whole."""

_UNKNOWN: Final = "\x00"
_GAP: Final = 6
"""So few unchanged cells are written rather than stepped over."""

_BLANKS: Final = re.compile(" {10,}")
"""So many blanks are erased rather than written."""


class Picture:
    """The cells of a terminal as far as they are known; a frame is what Textual writes to redraw something."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[list[str], list[str]]] = {}
        self._rest = (0, 0)
        """Where the cursor was left."""

    def forget(self) -> None:
        """Know nothing any more: somebody else drew, or the terminal has another size."""
        self._rows.clear()
        self._rest = (0, 0)

    def changes(self, data: str) -> str:
        """Return what must be written in place of `data` to show the same; `data` itself where it is no frame."""
        pieces = _pieces(data)
        if pieces is None:
            if not _HARMLESS.fullmatch(data):
                self.forget()
            return data
        pen = _Pen()
        for row, column, characters, styles in pieces:
            self._draw(pen, row, column, characters, styles)
        row, column, characters, _ = pieces[-1]
        if not characters and (pen.written or self._rest != (row, column)):
            self._rest = (row, column)
            pen.move(row, column)
        return pen.end()

    def _draw(self, pen: _Pen, row: int, column: int, characters: list[str], styles: list[str]) -> None:
        """Write the cells of one piece that are not as they were."""
        shown, shown_styles = self._rows.setdefault(row, ([], []))
        part = slice(column, column + len(characters))
        if missing := part.stop - len(shown):
            shown += [_UNKNOWN] * missing
            shown_styles += [""] * missing
        before, styles_before = shown[part], shown_styles[part]
        if before == characters and styles_before == styles:
            return
        shown[part], shown_styles[part] = characters, styles
        spans: Iterable[tuple[int, int]] = [(0, len(characters))]
        if _PLAIN.fullmatch("".join(characters)) and _PLAIN.fullmatch("".join(before).replace(_UNKNOWN, "")):
            cells = zip(characters, before, styles, styles_before, strict=True)
            spans = _spans([place for place, (new, old, style, was) in enumerate(cells) if new != old or style != was])
        for start, stop in spans:
            pen.write(row, column + start, characters[start:stop], styles[start:stop])


class _Pen:
    """Collects what is written, and keeps where the cursor is and which style it writes in."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._row = self._column = -1
        self._style = ""

    def move(self, row: int, column: int) -> None:
        """Go to a cell."""
        if row != self._row or column < self._column:
            self.written.append(f"\x1b[{row + 1};{column + 1}H")
        elif column > self._column:
            self.written.append(f"\x1b[{column - self._column}C")
        self._row, self._column = row, column

    def write(self, row: int, column: int, characters: list[str], styles: list[str]) -> None:
        """Write cells from this one on."""
        place = 0
        for style, run in groupby(styles):
            cells = characters[place : place + len(list(run))]
            text = "".join(cells)
            # A wide character has a second cell with no text in it.
            if style or len(text) != len(cells):
                self._put(row, column + place, text, len(cells), style)
            else:
                end = 0
                for blanks in _BLANKS.finditer(text):
                    self._put(row, column + place + end, text[end : blanks.start()], blanks.start() - end, "")
                    self._erase(row, column + place + blanks.start(), len(blanks[0]))
                    end = blanks.end()
                self._put(row, column + place + end, text[end:], len(text) - end, "")
            place += len(cells)

    def end(self) -> str:
        """Return all that was written; the next frame begins without a style."""
        self._take("")
        return "".join(self.written)

    def _put(self, row: int, column: int, text: str, cells: int, style: str) -> None:
        if text:
            self.move(row, column)
            self._take(style)
            self.written.append(text)
            self._column += cells

    def _erase(self, row: int, column: int, cells: int) -> None:
        self.move(row, column)
        self._take("")
        self.written.append(f"\x1b[{cells}X")

    def _take(self, style: str) -> None:
        if style != self._style:
            reset = "0;" if self._style and style else ""
            self.written.append(f"\x1b[{reset}{style}m")
            self._style = style


_Piece = tuple[int, int, list[str], list[str]]
"""Row, column, and the characters and styles from there on, a cell each."""


def _pieces(data: str) -> list[_Piece] | None:
    """Take a frame apart; None for what is no frame."""
    pieces: list[_Piece] = []
    position, style = 0, ""
    for token in _TOKEN.finditer(data):
        if token.start() != position:
            return None
        position = token.end()
        row, column, codes, text = token.groups()
        if row is not None:
            pieces.append((int(row) - 1, int(column) - 1, [], []))
        elif codes is not None:
            wanted = _style(codes)
            if wanted and style:
                return None
            style = wanted
        elif text is not None:
            if not pieces:
                return None
            cells = list(text) if text.isascii() else _cells(text)
            pieces[-1][2].extend(cells)
            pieces[-1][3].extend([style] * len(cells))
    return pieces if pieces and position == len(data) and not style else None


@lru_cache(256)
def _style(codes: str) -> str:
    """Leave out what says nothing after a reset: the terminal's own colours."""
    kept, rest = [], iter(codes.split(";"))
    for code in rest:
        if code in {"38", "48"}:
            kind = next(rest, "")
            kept += [code, kind, *(next(rest, "") for _ in range(3 if kind == "2" else 1))]
        elif code not in {"", "0", "39", "49"}:
            kept.append(code)
    return ";".join(kept)


def _cells(text: str) -> list[str]:
    """Put each character into its cell: a wide one has an empty cell after it, one without width has none."""
    cells: list[str] = []
    for character in text:
        width = 1 if character < "\u0300" else get_character_cell_size(character)
        if width:
            cells += [character, *[""] * (width - 1)]
        elif cells:
            cells[-1] += character
    return cells


def _spans(places: list[int]) -> Iterator[tuple[int, int]]:
    """Join places that are so near to each other that what is between is written with them."""
    start = last = places[0]
    for place in places:
        if place - last > _GAP:
            yield start, last + 1
            start = place
        last = place
    yield start, last + 1
