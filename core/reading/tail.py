"""One file read from a place on, as long as its content stays what it was."""

from __future__ import annotations

import os
from dataclasses import dataclass

from core.events import LogLine
from core.reading.content import Content, content_of
from core.reading.decoder import LineDecoder
from core.reading.identity import (
    EMPTY,
    HEAD_BYTES,
    MARK_BYTES,
    FileId,
    Fingerprint,
    Position,
    file_id,
    fingerprint,
    head_fingerprint,
)

_HOLE_STEP = 1 << 16


class RewrittenError(Exception):
    """The file no longer holds what was read from it."""


class NotTextError(Exception):
    """The file holds something that is no log."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.content = content


@dataclass(slots=True)
class Chunk:
    """Lines of one read, with the bytes that tell where each ends."""

    tail: FileTail
    lines: list[LogLine]
    data: bytes = b""
    """What was read, the bytes of the mark before it included."""
    start: int = 0
    """Offset of `data` in the file."""
    warm_up: bool = False
    after: Position | None = None
    """The place after all lines, where no data tells it."""
    skipped: int = 0
    """Bytes that were stepped over."""

    def position(self, last: LogLine | None) -> Position:
        """Return the place after one of the lines, or after all of them."""
        if self.after is not None or last is None:
            return self.after or self.tail.position
        offset = last.offset + last.length
        if offset == self.tail.read_to:
            return self.tail.position
        end = offset - self.start
        mark = fingerprint(self.data[max(0, end - MARK_BYTES) : end])
        return Position(self.tail.file, self.tail.head, offset, last.number, mark)


class FileTail:
    """What is known of one file's content, and how much of it was read.

    "The same file" means the same content: when a file is truncated, another tail takes its place.
    """

    __slots__ = (
        "committed", "content", "decoder", "delivered", "fd", "file", "head", "mark", "mtime_ns", "name", "number",
        "quiet_since", "read_to", "refused", "size", "verified_ns", "warm_up_to",
    )  # fmt: skip

    def __init__(self, name: str, fd: int, *, at: Position | None = None) -> None:
        status = os.fstat(fd)
        self.name = name
        self.fd = fd
        """-1 while it is closed for want of descriptors."""
        self.file: FileId = file_id(status)
        self.head: Fingerprint = at.head if at else EMPTY
        self.mark: Fingerprint = at.mark if at else EMPTY
        """Of the bytes before `read_to`."""
        self.read_to = at.offset if at else 0
        self.number = at.number if at else 0
        """Lines made so far, those before the place that reading began at included."""
        self.delivered = self.read_to
        """Where the last line ends that has left in a batch."""
        self.committed = at
        """What the consumer has dealt with, where that is kept; None before anything."""
        self.size = self.read_to
        self.mtime_ns = -1
        self.decoder: LineDecoder | None = None
        self.warm_up_to = 0
        """Lines before this offset are read to warm up."""
        self.quiet_since = 0.0
        """Since when a file that was rotated away has not grown, in seconds of the monotonic clock."""
        self.verified_ns = 0
        """A wall time, in ns, after which the content was seen to be what it had been."""
        self.refused = False
        """Whether this is no log; it is looked at only to see when it becomes another file."""
        self.content = Content.TEXT
        if self.head.length < HEAD_BYTES:
            self._extend_head(os.pread(fd, HEAD_BYTES, 0))

    @property
    def behind(self) -> int:
        """Bytes that were there at the last look and have left in no batch."""
        return 0 if self.refused else max(0, self.size - self.delivered)

    @property
    def done_to(self) -> int:
        """Where the consumer has come to."""
        return self.committed.offset if self.committed else 0

    @property
    def position(self) -> Position:
        """The place up to which bytes were read, which may be inside a line."""
        return Position(self.file, self.head, self.read_to, self.number, self.mark)

    def unchanged(self, status: os.stat_result) -> bool:
        """Whether there can be nothing to read, by the file's status alone."""
        return status.st_size == self.read_to == self.size and status.st_mtime_ns == self.mtime_ns

    def read(self, limit: int) -> Chunk | None:
        """Return the lines of the next `limit` bytes (possibly none, of a half line); None at the end of the file.

        Raises `RewrittenError` when the content is another than before, `NotTextError` before the first byte of what
        is no log, and OSError.
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
            return self.skip_to(self._hole_end(status.st_size), lines=0)
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
        """Return the half line that nobody will complete any more."""
        if self.decoder is None:
            return None
        lines = self.decoder.flush()
        self.decoder = None
        self.number += len(lines)
        return Chunk(self, lines, after=self.position)

    @property
    def line_start(self) -> int:
        """Where the line begins that is being read."""
        return self.read_to - (self.decoder.pending if self.decoder else 0)

    def skip_to(self, offset: int, *, lines: int) -> Chunk:
        """Go on at a later place, `lines` lines further down, without making lines of what is before it."""
        skipped = offset - self.line_start
        self.read_to = offset
        self.number += lines
        self.decoder = None
        mark = min(MARK_BYTES, offset)
        self.mark = fingerprint(os.pread(self.fd, mark, offset - mark))
        return Chunk(self, [], after=self.position, skipped=skipped)

    def begin_at(self, offset: int, *, number: int, warm_up_to: int) -> Position:
        """Begin at a line further down, of which those up to `warm_up_to` are to warm up; return that place."""
        self.number = number
        self.skip_to(offset, lines=0)
        self.delivered = self.read_to
        self.warm_up_to = warm_up_to
        return self.position

    def check_head(self) -> None:
        """Look whether the file begins as before, and how it goes on. Raises `RewrittenError`."""
        head = os.pread(self.fd, HEAD_BYTES, 0)
        if not self.head.opens(head):
            raise RewrittenError
        self._extend_head(head)

    def _extend_head(self, head: bytes) -> None:
        if len(head) > self.head.length:
            self.head = head_fingerprint(head)
            if self.read_to == 0:
                self.content = content_of(head)

    def _hole_end(self, size: int) -> int:
        """Return where the NUL bytes end that a writer leaves which does not append to a log that was truncated."""
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
