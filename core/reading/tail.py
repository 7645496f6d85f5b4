"""Reads one file from a position on, as long as its content is not replaced."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Final

from core.events import LogLine
from core.reading.content import Content, detect_content
from core.reading.decoder import LineDecoder
from core.reading.identity import (
    HEAD_BYTES,
    MARK_BYTES,
    NO_BYTES,
    FileId,
    Fingerprint,
    Position,
    file_id,
    fingerprint,
    head_fingerprint,
)

_HOLE_STEP: Final = 1 << 16


class RewrittenError(Exception):
    """The file no longer contains what was read from it."""


class NotTextError(Exception):
    """The content of the file is not text."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.content = content


@dataclass(slots=True)
class Chunk:
    """Lines of one read, with the bytes that give the position after each."""

    tail: FileTail
    lines: list[LogLine]
    data: bytes = b""
    """The bytes read, with those of the mark before them."""
    start: int = 0
    """Offset of `data` in the file."""
    warm_up: bool = False
    after: Position | None = None
    """The position after all lines, where `data` does not give it."""
    skipped: int = 0
    """Bytes that were skipped."""

    def position(self, last: LogLine | None) -> Position:
        """Return the position after one of the lines, or after all of them."""
        if self.after is not None or last is None:
            return self.after or self.tail.position
        offset = last.offset + last.length
        if offset == self.tail.read_to:
            return self.tail.position
        end = offset - self.start
        mark = fingerprint(self.data[max(0, end - MARK_BYTES) : end])
        return Position(self.tail.file, self.tail.head, offset, last.number, mark)


class FileTail:
    """The state of reading one file.

    A file is the same as long as its content is: when it is truncated, a new tail replaces this one.
    """

    __slots__ = (
        "committed", "content", "decoder", "delivered", "fd", "file", "head", "mark", "mtime_ns", "name", "number",
        "quiet_since", "read_to", "refused", "size", "verified_ns", "warm_up_to",
    )  # fmt: skip

    def __init__(self, name: str, fd: int, *, at: Position | None = None) -> None:
        status = os.fstat(fd)
        self.name = name
        self.fd = fd
        """-1 while it is closed to free its descriptor."""
        self.file: FileId = file_id(status)
        self.head: Fingerprint = at.head if at else NO_BYTES
        self.mark: Fingerprint = at.mark if at else NO_BYTES
        """Of the bytes before `read_to`."""
        self.read_to = at.offset if at else 0
        self.number = at.number if at else 0
        """Lines so far, those before the start of reading included."""
        self.delivered = self.read_to
        """End of the last line that is in a batch."""
        self.committed = at
        """The committed position, where positions are kept; None before the first."""
        self.size = self.read_to
        self.mtime_ns = -1
        self.decoder: LineDecoder | None = None
        self.warm_up_to = 0
        """Lines before this offset only warm up the state."""
        self.quiet_since = 0.0
        """Since when a file that was rotated away has not grown, in seconds of the monotonic clock."""
        self.verified_ns = 0
        """A wall time, in ns, after which the content was seen to be unchanged."""
        self.refused = False
        """Whether this is not text; it is polled only to notice another file at its path."""
        self.content = Content.TEXT
        if self.head.length < HEAD_BYTES:
            self._extend_head(os.pread(fd, HEAD_BYTES, 0))

    @property
    def behind(self) -> int:
        """Bytes that are in no batch, by the size at the last poll."""
        return 0 if self.refused else max(0, self.size - self.delivered)

    @property
    def committed_to(self) -> int:
        """The committed offset."""
        return self.committed.offset if self.committed else 0

    @property
    def position(self) -> Position:
        """The position up to which bytes were read; it may be inside a line."""
        return Position(self.file, self.head, self.read_to, self.number, self.mark)

    def unchanged(self, status: os.stat_result) -> bool:
        """Whether there is nothing to read, by the status of the file alone."""
        return status.st_size == self.read_to == self.size and status.st_mtime_ns == self.mtime_ns

    def read(self, limit: int) -> Chunk | None:
        """Return the lines of the next `limit` bytes (none, if no line ends in them); None at the end of the file.

        Raises `RewrittenError` when the content was replaced, `NotTextError` before the first byte of what is not text,
        and OSError.
        """
        status = os.fstat(self.fd)
        self.check_head()
        start = self.read_to - self.mark.length
        warm_up = self.read_to < self.warm_up_to
        if warm_up:
            limit = min(limit, self.warm_up_to - self.read_to)
        # One call reads the mark and what follows it: a truncation cannot come between the two.
        data = os.pread(self.fd, self.mark.length + limit, start)
        if not self.mark.opens(data):
            raise RewrittenError
        new = data[self.mark.length :]
        if self.content is not Content.TEXT:
            raise NotTextError(self.content)
        if self.read_to == 0 and new.startswith(b"\x00\x00"):
            chunk = self.skip_to(self._hole_end(status.st_size), lines=0)
            self.content = detect_content(os.pread(self.fd, HEAD_BYTES, self.read_to))
            return chunk
        self.size, self.mtime_ns = status.st_size, status.st_mtime_ns
        if not new:
            return None
        decoder = self.decoder or LineDecoder(self.name, offset=self.read_to, number=self.number)
        lines = decoder.feed(new)
        self.decoder = decoder if decoder.pending else None
        self.number = decoder.number
        self.read_to += len(new)
        self.size = max(self.read_to, self.size)
        self.mark = fingerprint(data[-MARK_BYTES:])
        if self.read_to >= self.warm_up_to:
            self.warm_up_to = 0
        return Chunk(self, lines, data, start, warm_up)

    def flush(self) -> Chunk | None:
        """Return the incomplete last line: no more bytes will come."""
        if self.decoder is None:
            return None
        lines = self.decoder.flush()
        self.decoder = None
        self.number += len(lines)
        return Chunk(self, lines, after=self.position)

    @property
    def line_start(self) -> int:
        """Start of the incomplete line."""
        return self.read_to - (self.decoder.pending if self.decoder else 0)

    def skip_to(self, offset: int, *, lines: int) -> Chunk:
        """Continue at a later offset, `lines` lines further down, without lines of what lies between."""
        skipped = offset - self.line_start
        self.read_to = offset
        self.number += lines
        self.decoder = None
        mark = min(MARK_BYTES, offset)
        self.mark = fingerprint(os.pread(self.fd, mark, offset - mark))
        return Chunk(self, [], after=self.position, skipped=skipped)

    def begin_at(self, offset: int, *, number: int, warm_up_to: int) -> Position:
        """Start at a line further down; lines up to `warm_up_to` only warm up. Return the position."""
        self.number = number
        self.skip_to(offset, lines=0)
        self.delivered = self.read_to
        self.warm_up_to = warm_up_to
        return self.position

    def check_head(self) -> None:
        """Check that the file begins as before; extend the known head. Raises `RewrittenError`."""
        head = os.pread(self.fd, HEAD_BYTES, 0)
        if not self.head.opens(head):
            raise RewrittenError
        self._extend_head(head)

    def _extend_head(self, head: bytes) -> None:
        if len(head) > self.head.length:
            self.head = head_fingerprint(head)
            if self.read_to == 0:
                self.content = detect_content(head)

    def _hole_end(self, size: int) -> int:
        """Return the end of the NUL bytes that a non-appending writer leaves after a truncation."""
        offset = 0
        while offset < size:
            try:
                offset = os.lseek(self.fd, offset, os.SEEK_DATA)
            except OSError:
                return size
            data = os.pread(self.fd, _HOLE_STEP, offset)
            rest = data.lstrip(b"\x00")
            offset += len(data) - len(rest)
            if rest or not data:
                break
        return offset
