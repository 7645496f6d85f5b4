"""Where to start in a file that existed before: offsets and numbers of lines."""

from __future__ import annotations

import os
from typing import Final, NamedTuple

_BLOCK: Final = 1 << 18
MAX_COUNTED_BYTES: Final = 1 << 28
"""Lines before the start are counted in at most this many bytes: more would take seconds."""


class LineStart(NamedTuple):
    """The start of a line."""

    offset: int
    number: int
    """Lines before it; 0 where they are too many to count."""
    is_counted: bool


def last_lines(fd: int, lines: int) -> tuple[LineStart, int]:
    """Return where the last `lines` whole lines begin, and where they end."""
    end = last_line_end(fd)
    offset, missing = end, lines
    while offset > 0 and missing >= 0:
        start = max(0, offset - _BLOCK)
        block = os.pread(fd, offset - start, start)
        newlines = block.count(b"\n")
        if newlines > missing:
            at = len(block)
            for _ in range(missing + 1):
                at = block.rindex(b"\n", 0, at)
            return _counted(fd, start + at + 1), end
        missing -= newlines
        offset = start
    return _counted(fd, 0), end


def last_line_end(fd: int, *, after: int = 0) -> int:
    """Return the end of the last whole line, not before `after`."""
    offset = os.fstat(fd).st_size
    while offset > after:
        start = max(after, offset - _BLOCK)
        found = os.pread(fd, offset - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        offset = start
    return after


def count_lines(fd: int, start: int, end: int) -> int:
    """Count the line ends between two offsets."""
    lines = 0
    while start < end and (block := os.pread(fd, min(_BLOCK, end - start), start)):
        lines += block.count(b"\n")
        start += len(block)
    return lines


def _counted(fd: int, offset: int) -> LineStart:
    if offset > MAX_COUNTED_BYTES:
        return LineStart(offset, 0, is_counted=False)
    return LineStart(offset, count_lines(fd, 0, offset), is_counted=True)
