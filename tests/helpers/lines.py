"""Builders of log lines for tests."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from core.events import LogLine
from core.support.printable import escape

T = TypeVar("T")

SOURCE = "/var/log/nova/nova-compute.log"


def printable(raw: bytes) -> str:
    """Decode UTF-8 with every invalid byte and every character that is not printable escaped, as a whole."""
    return escape(raw.decode("utf-8", "backslashreplace"))


def log_lines(texts: Iterable[str], source: str = SOURCE) -> list[LogLine]:
    """Number the texts as the lines of one file."""
    lines: list[LogLine] = []
    offset = 0
    for number, text in enumerate(texts, start=1):
        length = len(text.encode()) + 1
        lines.append(LogLine(source, number, offset, length, text))
        offset += length
    return lines


def oslo(
    message: str,
    *,
    stamp: str = "2018-06-27 05:21:45.375",
    pid: int = 29713,
    level: str = "INFO",
    logger: str = "nova.compute.manager",
    context: str = "[req-3ea4052c-895d-4b64-9e2d-04d64c4d94ab user project - default default] ",
    prefix: str = "",
) -> str:
    """Write one oslo.log line."""
    return f"{prefix}{stamp} {pid} {level} {logger} {context}{message}"


def split_at(items: Sequence[T], cuts: Iterable[int]) -> list[Sequence[T]]:
    """Cut the items at the positions, which may be any numbers."""
    positions = sorted({cut % (len(items) + 1) for cut in cuts} | {0, len(items)})
    return [items[start:end] for start, end in pairwise(positions)]
