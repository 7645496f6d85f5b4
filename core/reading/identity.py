"""Identity of a file and of a position in it: device and inode while the file exists, and hashes of its bytes."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from typing import Final, NamedTuple

HEAD_BYTES: Final = 1024
MARK_BYTES: Final = 256
_START_BYTES: Final = 64

FileId = tuple[int, int]
"""Device and inode."""


class Fingerprint(NamedTuple):
    """The hash of some bytes."""

    length: int
    digest: bytes
    start: bytes = b""
    """The first 64 of them, where they may be compared with fewer than they are."""

    def shares_beginning(self, data: bytes) -> bool:
        """Whether `data` begins with these bytes, or may itself be their beginning."""
        if len(data) >= self.length:
            return self.length > 0 and self.opens(data)
        start = data[:_START_BYTES]
        return len(start) > 0 and self.start.startswith(start)

    def opens(self, data: bytes) -> bool:
        """Whether `data` begins with these bytes."""
        return len(data) >= self.length and _digest(data[: self.length]) == self.digest


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def fingerprint(data: bytes) -> Fingerprint:
    """Return the fingerprint of all of `data`."""
    # Ten thousand files share one int object for the full length.
    return Fingerprint(HEAD_BYTES if len(data) == HEAD_BYTES else len(data), _digest(data))


NO_BYTES: Final = fingerprint(b"")


def head_fingerprint(data: bytes) -> Fingerprint:
    """Return the fingerprint of a file's first bytes, with their start where a copy may be shorter still."""
    whole = fingerprint(data)
    return whole if whole.length == HEAD_BYTES else whole._replace(start=data[:_START_BYTES])


_devices: dict[int, int] = {}


def file_id(status: os.stat_result) -> FileId:
    """Return the identity that a file has while it exists."""
    device = status.st_dev
    return _devices.setdefault(device, device), status.st_ino


class Position(NamedTuple):
    """A place between two lines of one file, with the fingerprints that identify it."""

    file: FileId
    head: Fingerprint
    """Of the file's first bytes, at most 1 KiB."""
    offset: int
    number: int
    """Lines before the place."""
    mark: Fingerprint
    """Of the bytes that end at `offset`, at most 256."""

    def is_of(self, fd: int) -> bool:
        """Whether the open file begins as this one did; False where nothing was read yet."""
        return self.head.length > 0 and self.head.opens(os.pread(fd, self.head.length, 0))

    def is_in(self, fd: int) -> bool:
        """Whether the open file contains this position."""
        return self.is_of(fd) and self.mark.opens(os.pread(fd, self.mark.length, self.offset - self.mark.length))


NOWHERE: Final = Position((0, 0), NO_BYTES, 0, 0, NO_BYTES)
"""Before any file."""


class KnownFiles:
    """Positions in files that are no longer open, the most recent ones.

    A file that comes back (renamed back, its directory mounted again, another link to it) continues at its position.
    """

    def __init__(self, capacity: Callable[[], int]) -> None:
        self._capacity = capacity
        self._positions: OrderedDict[FileId, Position] = OrderedDict()

    def remember(self, position: Position) -> None:
        """Keep the position; the oldest is evicted beyond the capacity."""
        self._positions[position.file] = position
        self._positions.move_to_end(position.file)
        while len(self._positions) > self._capacity():
            self._positions.popitem(last=False)

    def latest(self, count: int) -> list[Position]:
        """Return the most recent positions, oldest first."""
        return list(self._positions.values())[-count:]

    def read_to(self, file: FileId) -> int:
        """Return how far this file, or one that had its inode before, was read; -1 where that is not known."""
        position = self._positions.get(file)
        return position.offset if position is not None else -1

    def has_read(self, fd: int) -> bool:
        """Whether the open file was read before, under another name or before it was compressed."""
        return any(position.offset and position.is_in(fd) for position in self._positions.values())

    def recall(self, file: FileId, fd: int) -> Position | None:
        """Return the position of this file, unless another file has its inode now."""
        position = self._positions.get(file)
        return position if position is not None and position.is_in(fd) else None
