"""Records and lines that come in several lines: cut by a container runtime, or one field a line.

A container runtime cuts what is longer than 16 KiB; journalctl writes a field a line with `-o export`, and with
`-o json-pretty`, as other tools that print JSON for people do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from core.events import LogLine
from core.parsing.readings import BARE, Outer

_MAX_PIECE_BYTES: Final = 1 << 20
"""Bytes of the pieces of one line that are kept."""
_MAX_STREAMS: Final = 256
_MAX_BLOCK_LINES: Final = 1_000
_CURSOR: Final = "__CURSOR="
FIRST_OF_BLOCK: Final = frozenset("_{")
"""What a record with a field a line begins with."""


class Whole(NamedTuple):
    """A line that has been put together."""

    line: LogLine
    """Its first piece, with the bytes of all."""
    text: str
    lines: int
    """Lines of the file that it takes."""
    outer: Outer
    """The wrapper of its first piece."""


@dataclass(slots=True)
class _Pieces:
    first: LogLine
    outer: Outer
    texts: list[str] = field(default_factory=list)
    bytes: int = 0
    lines: int = 0

    def add(self, line: LogLine, text: str) -> None:
        if self.bytes < _MAX_PIECE_BYTES:
            self.texts.append(text)
        self.bytes += line.length
        self.lines += 1

    def whole(self, separator: str) -> Whole:
        return Whole(self.first._replace(length=self.bytes), separator.join(self.texts), self.lines, self.outer)


class Parts:
    """Keeps the pieces of lines until the rest of them comes."""

    __slots__ = ("_streams",)

    def __init__(self) -> None:
        self._streams: dict[str, _Pieces] = {}

    def keep(self, line: LogLine, text: str, outer: Outer) -> bool:
        """Keep a piece of a line of the stream that its wrapper names; False where there are too many streams."""
        pieces = self._streams.get(outer.writer)
        if pieces is None:
            if len(self._streams) >= _MAX_STREAMS:
                return False
            pieces = self._streams[outer.writer] = _Pieces(line, outer)
        pieces.add(line, text)
        return True

    def whole(self, line: LogLine, text: str, outer: Outer) -> tuple[LogLine, str, int]:
        """Put the last piece of a line to those before it: as one line, its text, and how many lines that were."""
        pieces = self._streams.pop(outer.writer, None) if self._streams else None
        if pieces is None:
            return line, text, 1
        pieces.add(line, text)
        found = pieces.whole("")
        return found.line, found.text, found.lines

    def begun(self) -> list[LogLine]:
        """Give the lines whose rest has not come, each as its first piece with the bytes of those that have."""
        return [pieces.first._replace(length=pieces.bytes) for pieces in self._streams.values()]

    def unfinished(self) -> Iterator[Whole]:
        """Give the lines whose rest has not come, as far as they go: none will come any more."""
        streams, self._streams = self._streams, {}
        return (pieces.whole("") for pieces in streams.values())


class Block:
    """Keeps the lines of a record that has a field a line, until it ends."""

    __slots__ = ("_next", "_pieces", "is_export", "is_open")

    def __init__(self) -> None:
        self._pieces: _Pieces | None = None
        self.is_open = False
        """Whether lines are kept."""
        self._next = 1
        """Line at which one may begin as JSON does: the first, and each behind another. Elsewhere it is a message's."""
        self.is_export = False

    def begins(self, line: LogLine) -> bool:
        """Tell whether a line begins a record with a field a line."""
        return line.text.startswith(_CURSOR) or (line.text == "{" and line.number == self._next)

    def add(self, line: LogLine) -> Whole | None:
        """Take a line; give the record that it ends."""
        if self._pieces is None:
            self._pieces = _Pieces(line, BARE)
            self.is_export = line.text != "{"
            self.is_open = True
        pieces = self._pieces
        pieces.add(line, line.text)
        ended = line.text == "" if self.is_export else line.text in {"}", "},"}
        if not ended and pieces.lines < _MAX_BLOCK_LINES:
            return None
        self._next = line.number + 1
        return self.unfinished()

    def begun(self) -> list[LogLine]:
        """Give the record that has not ended, if there is one, as its first line with the bytes of what has come."""
        pieces = self._pieces
        return [] if pieces is None else [pieces.first._replace(length=pieces.bytes)]

    def unfinished(self) -> Whole | None:
        """Give the record that has not ended, as far as it goes: no more of it will come."""
        pieces, self._pieces, self.is_open = self._pieces, None, False
        return pieces.whole("\n") if pieces is not None else None


def export_fields(text: str) -> dict[str, object]:
    """Give the fields of an entry in the journal's export format; of several of one name the first."""
    fields: dict[str, object] = {}
    for line in text.split("\n"):
        name, equals, value = line.partition("=")
        if equals:
            fields.setdefault(name, value)
    return fields
