r"""Bytes to lines: a `feed`/`flush` state machine without I/O.

Lines end at `\n` only: a log may hold any other "newline" of Unicode inside a message. Lines are safe to print.
Any split of the bytes into feeds gives the same lines.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import accumulate, count, repeat
from typing import Final

from core.events import LogLine
from core.support.printable import escape

MAX_LINE_BYTES: Final = 1 << 20
"""Bytes of a line that are kept; the rest is counted in `LogLine.cut`."""

# What is left out at the start of a line: a byte order mark (files are joined), and the NUL bytes that a crash or a
# truncation leaves where the line before it was to be.
_BOM_BYTES: Final = "\ufeff".encode()
_NO_TEXT: Final = "\x00\ufeff"
_PLAIN: Final = bytes(range(0x20, 0x7F)) + b"\n"
# NamedTuple's own constructor is a Python function: bypassing it halves the cost of a line.
_new_line = partial(tuple.__new__, LogLine)


class LineDecoder:
    """Decodes the bytes of one file, from the start of a line on, into `LogLine`s.

    `offset` and `number` are those of the first byte to be fed: its offset in the file, and the lines before it.
    """

    __slots__ = ("_nuls", "_tail", "number", "offset", "pending", "source")

    def __init__(self, source: str, *, offset: int = 0, number: int = 0) -> None:
        self.source = source
        self.offset = offset
        """Offset of the first byte that is in no line yet."""
        self.number = number
        """Lines so far, those before the first byte fed included."""
        self.pending = 0
        """Bytes of the incomplete last line."""
        self._tail = bytearray()
        self._nuls = 0
        """NUL bytes at the start of the incomplete line, which are not kept: there may be gigabytes of them."""

    def feed(self, data: bytes) -> list[LogLine]:
        """Take the next bytes of the file; return the lines that they complete."""
        end = data.rfind(b"\n") + 1
        if not end:
            self._keep(data)
            return []
        lines: list[LogLine] = []
        start = 0
        if self.pending:
            start = data.find(b"\n") + 1
            self._keep(data[:start])
            lines.append(self._finish_tail())
        if start < end:
            lines += self._whole_lines(data[start:end])
        if end < len(data):
            self._keep(data[end:])
        return lines

    def flush(self) -> list[LogLine]:
        """Return the incomplete last line as a line: no more bytes will come."""
        return [self._finish_tail()] if self.pending else []

    def _whole_lines(self, block: bytes) -> Iterable[LogLine]:
        if len(block) > MAX_LINE_BYTES and max(map(len, block.split(b"\n"))) > MAX_LINE_BYTES:
            return self._one_by_one(block)
        if block.isascii() and not block.translate(None, _PLAIN):
            texts = block.decode("ascii").split("\n")
            texts.pop()
            lengths = [len(text) + 1 for text in texts]
        else:
            lengths = [len(raw) + 1 for raw in block.split(b"\n")]
            lengths.pop()
            text = block.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
            texts = text.split("\n")
            texts.pop()
            if b"\x00" in block or _BOM_BYTES in block:
                texts = [text.lstrip(_NO_TEXT) for text in texts]
            texts = list(map(escape, texts))
        first, number = self.offset, self.number
        self.offset += len(block)
        self.number += len(texts)
        offsets = accumulate(lengths, initial=first)
        return map(_new_line, zip(repeat(self.source), count(number + 1), offsets, lengths, texts, repeat(0)))

    def _one_by_one(self, block: bytes) -> Iterator[LogLine]:
        for raw in block.split(b"\n")[:-1]:
            self._keep(raw + b"\n")
            yield self._finish_tail()

    def _keep(self, data: bytes) -> None:
        """Append to the incomplete line; its beginning and its last two bytes (the terminator) are kept."""
        self.pending += len(data)
        if not self._tail:
            length = len(data)
            data = data.lstrip(b"\x00")
            self._nuls += length - len(data)
        self._tail += data
        del self._tail[MAX_LINE_BYTES:-2]

    def _finish_tail(self) -> LogLine:
        offset, length, tail = self.offset, self.pending, self._tail
        terminator = 2 if tail.endswith(b"\r\n") else 1 if tail.endswith(b"\n") else 0
        content = length - self._nuls - terminator
        raw = bytes(tail[: min(content, MAX_LINE_BYTES)])
        # A character that the cap divides is left out; at the end of an uncut line an incomplete one is escaped.
        text, used = codecs.utf_8_decode(raw, "backslashreplace", content <= MAX_LINE_BYTES)
        text = text.lstrip(_NO_TEXT)
        self.number += 1
        self.offset += length
        self.pending = self._nuls = 0
        tail.clear()
        return LogLine(self.source, self.number, offset, length, escape(text), content - used)
