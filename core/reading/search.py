"""Finds the rest of a log after rotation, and the files that came and went between two polls."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Final

from core.reading.files import unpack
from core.reading.identity import (
    HEAD_BYTES,
    NO_BYTES,
    FileId,
    Fingerprint,
    Position,
    file_id,
    head_fingerprint,
)
from core.reading.rotation import CLOCK_GRAIN_NS, Sibling, is_older
from core.reading.shared import Shared
from core.reading.tail import FileTail

_RECENT_NS: Final = 2_000_000_000


def path_of(file: FileId, siblings: Iterable[Sibling]) -> str | None:
    """Return the path of the rotated file that is this very file."""
    for sibling in siblings:
        if sibling.inode == file[1]:
            with suppress(OSError):
                if file_id(os.stat(sibling.path)) == file:
                    return sibling.path
    return None


def open_rotated(position: Position, siblings: Iterable[Sibling], *, since_ns: int, shared: Shared) -> int | None:
    """Open the rotated file, or copy, that contains the position; of several the longest.

    A compressed file is unpacked if it was written after `since_ns`.
    """
    best: int | None = None
    best_size = -1
    for sibling in siblings:
        with suppress(OSError):
            if sibling.is_compressed and os.stat(sibling.path).st_mtime_ns < since_ns - CLOCK_GRAIN_NS:
                continue
            fd = _open(sibling, shared)
            status = os.fstat(fd)
            if file_id(status) not in shared.tails and status.st_size > best_size and position.is_in(fd):
                best, best_size, fd = fd, status.st_size, best if best is not None else -1
            if fd >= 0:
                os.close(fd)
    return best


def open_missed(
    previous: Position, others: Sequence[FileTail], siblings: list[Sibling], *, since_ns: int, shared: Shared
) -> list[int]:
    """Open the files, oldest first, that were the log after `previous` and were never read.

    Such a file was written after `since_ns`, is and was not read, is not older than `previous` by its name, and begins
    differently from `previous` and the `others`: otherwise it is a copy of one. An empty one is checked again later.
    """
    # The content that an empty or truncated file had between two polls may be in a file with an older name.
    previous_path = path_of(previous.file, siblings) if previous.head.length else None
    if previous_path and not _has(previous_path, previous, shared):
        previous_path = None
    found: list[tuple[int, int]] = []
    heads = [previous.head, *(tail.head for tail in others)]
    for sibling in siblings:
        if previous_path and is_older(sibling.path, previous_path):
            continue
        with suppress(OSError):
            status = os.stat(sibling.path)
            if status.st_mtime_ns < since_ns - CLOCK_GRAIN_NS or file_id(status) in shared.tails:
                continue
            fd = _open(sibling, shared)
            if shared.known_files.recall(file_id(os.fstat(fd)), fd) or (
                sibling.is_compressed and _is_known_archive(fd, shared)
            ):
                os.close(fd)
            elif is_copy(fd, heads, others):
                _remember_file(fd, shared)
                os.close(fd)
            else:
                found.append((status.st_mtime_ns, fd))
    return [fd for _, fd in sorted(found)]


def remember_existing(siblings: Iterable[Sibling], shared: Shared, *, even_old: bool = False) -> None:
    """Remember the rotated files that existed before, so that none is taken for a new one.

    The recently written ones are enough, unless an older one may be written again.
    """
    for sibling in siblings:
        with suppress(OSError):
            changed_ns = os.stat(sibling.path).st_mtime_ns
            if sibling.is_compressed or not (even_old or changed_ns > shared.looked_ns - _RECENT_NS):
                continue
            fd = shared.descriptors.open(sibling.path)
            if file_id(os.fstat(fd)) not in shared.tails:
                _remember_file(fd, shared)
            os.close(fd)


def _open(sibling: Sibling, shared: Shared) -> int:
    return unpack(sibling.path) if sibling.is_compressed else shared.descriptors.open(sibling.path)


def _has(path: str, position: Position, shared: Shared) -> bool:
    with suppress(OSError):
        fd = shared.descriptors.open(path)
        found = position.is_in(fd)
        os.close(fd)
        return found
    return False


def _is_known_archive(fd: int, shared: Shared) -> bool:
    """Whether an unpacked archive was read before, or is empty (an archive does not grow)."""
    return os.fstat(fd).st_size == 0 or shared.known_files.has_read(fd)


def is_copy(fd: int, heads: Iterable[Fingerprint], others: Iterable[FileTail]) -> bool:
    """Whether an open file begins as one of the others did or does now, as far as its length allows."""
    head = os.pread(fd, HEAD_BYTES, 0)
    if any(other.shares_beginning(head) for other in heads):
        return True
    beginnings = (os.pread(other.fd, len(head), 0) for other in others if other.fd >= 0)
    return any(beginning and head.startswith(beginning) for beginning in beginnings)


def _remember_file(fd: int, shared: Shared) -> None:
    head = head_fingerprint(os.pread(fd, HEAD_BYTES, 0))
    shared.known_files.remember(Position(file_id(os.fstat(fd)), head, 0, 0, NO_BYTES))
