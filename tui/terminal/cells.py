"""What the terminal shows, cell by cell, so that only the cells that change are written to it.

Textual writes every cell of what it redraws. Successive rows of a flowing log differ mostly in their messages, and the
connection to the operator may be slow.
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

_KEEPS_CELLS: Final = re.compile(
    r"(?:\x1b\[\?(?!1049)\d+[hl]"  # modes, except the one that changes the screen
    r"|\x1b\[\?\d+\$p|\x1b\[[><]\d*u"  # queries, keyboard protocol
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # clipboard, title, pointer
    r"|\x1bP.*?\x1b\x1b?\\"  # the same through tmux
    r"|\x07)*",
    re.DOTALL,
)
"""Output that changes no cell and does not move the cursor."""

_NARROW: Final = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25ff]*")
"""Characters that take one cell in every terminal; a piece with any other is written whole."""

_UNKNOWN: Final = "\x00"
_GAP: Final = 6
"""Up to so many unchanged cells are written again: moving the cursor takes as many bytes."""

_BLANKS: Final = re.compile(" {10,}")
"""Runs of blanks that are erased by a control instead of written."""


class CellBuffer:
    """The known cells of a terminal. A frame is what Textual writes to redraw something."""

    def __init__(self) -> None:
        self._rows: dict[int, tuple[list[str], list[str]]] = {}
        self._cursor = (0, 0)
        """Row and column where the last frame left the cursor."""

    def forget(self) -> None:
        """Forget all cells: another program wrote to the terminal, or its size has changed."""
        self._rows.clear()
        self._cursor = (0, 0)

    def changes(self, data: str) -> str:
        """Return what to write instead of `data` for the same result; `data` itself when it is not a frame."""
        pieces = _pieces(data)
        if pieces is None:
            if not _KEEPS_CELLS.fullmatch(data):
                self.forget()
            return data
        pen = _Pen()
        for row, column, characters, styles in pieces:
            self._draw(pen, row, column, characters, styles)
        row, column, characters, _ = pieces[-1]
        if not characters and (pen.written or self._cursor != (row, column)):
            self._cursor = (row, column)
            pen.move(row, column)
        return pen.end()

    def _draw(self, pen: _Pen, row: int, column: int, characters: list[str], styles: list[str]) -> None:
        """Write the cells of one piece that have changed."""
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
        if _NARROW.fullmatch("".join(characters)) and _NARROW.fullmatch("".join(before).replace(_UNKNOWN, "")):
            cells = zip(characters, before, styles, styles_before, strict=True)
            spans = _spans([cell for cell, (new, old, style, was) in enumerate(cells) if new != old or style != was])
        for start, stop in spans:
            pen.write(row, column + start, characters[start:stop], styles[start:stop])


class _Pen:
    """Collects output, and tracks the position of the cursor and the current style."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self._row = self._column = -1
        self._style = ""

    def move(self, row: int, column: int) -> None:
        """Move the cursor to a cell."""
        if row != self._row or column < self._column:
            self.written.append(f"\x1b[{row + 1};{column + 1}H")
        elif column > self._column:
            self.written.append(f"\x1b[{column - self._column}C")
        self._row, self._column = row, column

    def write(self, row: int, column: int, characters: list[str], styles: list[str]) -> None:
        """Write cells from this position on."""
        offset = 0
        for style, run in groupby(styles):
            cells = characters[offset : offset + len(list(run))]
            text = "".join(cells)
            # The second cell of a wide character holds no text.
            if style or len(text) != len(cells):
                self._put(row, column + offset, text, len(cells), style)
            else:
                end = 0
                for blanks in _BLANKS.finditer(text):
                    self._put(row, column + offset + end, text[end : blanks.start()], blanks.start() - end, "")
                    self._erase(row, column + offset + blanks.start(), len(blanks[0]))
                    end = blanks.end()
                self._put(row, column + offset + end, text[end:], len(text) - end, "")
            offset += len(cells)

    def end(self) -> str:
        """Return the output; the next frame begins without a style."""
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
"""Row, column, and from there on the character and the style of each cell."""


def _pieces(data: str) -> list[_Piece] | None:
    """Split a frame into pieces; None for what is not a frame."""
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
    """Leave out the codes without effect after a reset: the default colours."""
    kept, rest = [], iter(codes.split(";"))
    for code in rest:
        if code in {"38", "48"}:
            kind = next(rest, "")
            kept += [code, kind, *(next(rest, "") for _ in range(3 if kind == "2" else 1))]
        elif code not in {"", "0", "39", "49"}:
            kept.append(code)
    return ";".join(kept)


def _cells(text: str) -> list[str]:
    """Assign characters to cells: a wide one is followed by an empty cell, one without width joins the cell before."""
    cells: list[str] = []
    for character in text:
        width = 1 if character < "\u0300" else get_character_cell_size(character)
        if width:
            cells += [character, *[""] * (width - 1)]
        elif cells:
            cells[-1] += character
    return cells


def _spans(changed: list[int]) -> Iterator[tuple[int, int]]:
    """Join changed cells that are near each other into spans that are written at once."""
    start = last = changed[0]
    for cell in changed:
        if cell - last > _GAP:
            yield start, last + 1
            start = cell
        last = cell
    yield start, last + 1
