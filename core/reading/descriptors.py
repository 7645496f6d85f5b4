"""The open files, fewer than the process may have: the least recently used is closed for the next."""

from __future__ import annotations

import errno
import os
import resource
from collections import OrderedDict
from typing import Final

from core.reading.tail import FileTail

_MAX_OPEN: Final = 4096


def default_descriptor_limit() -> int:
    """Return how many files to hold open: half of the limit of the process, as others need some too."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MAX_OPEN if soft == resource.RLIM_INFINITY else max(8, min(_MAX_OPEN, soft // 2))


class Descriptors:
    """Opens files for tails and closes the least recently used ones beyond `limit`."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tails: OrderedDict[FileTail, None] = OrderedDict()

    def open(self, path: str) -> int:
        """Open a file for reading; makes room when the process or the system has no descriptor left."""
        while len(self._tails) >= self._limit and self._evict():
            pass
        while True:
            try:
                # A named pipe in the place of a log must not block the reader.
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE) or not self._evict():
                    raise

    def hold(self, tail: FileTail) -> None:
        """Count an open tail as the most recently used one."""
        self._tails[tail] = None
        self._tails.move_to_end(tail)

    def release(self, tail: FileTail) -> None:
        """Close a tail that is no longer needed."""
        self._tails.pop(tail, None)
        if tail.fd >= 0:
            os.close(tail.fd)
            tail.fd = -1

    def transfer(self, tail: FileTail, successor: FileTail) -> None:
        """Replace a tail by its successor, which has the same descriptor."""
        self._tails.pop(tail, None)
        self.hold(successor)

    def release_all(self) -> None:
        """Close everything."""
        for tail in list(self._tails):
            self.release(tail)

    def _evict(self) -> bool:
        for tail in self._tails:
            # A deleted file cannot be opened again, and its writer may not be done.
            if os.fstat(tail.fd).st_nlink:
                self.release(tail)
                return True
        return False
