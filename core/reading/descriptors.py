"""The open files, fewer than the process may have: the one used longest ago is closed for the next."""

from __future__ import annotations

import errno
import os
import resource
from collections import OrderedDict

from core.reading.tail import FileTail

_MOST = 4096


def default_limit() -> int:
    """Return how many files to hold open: half of what the process may, as others need some too."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(8, min(_MOST, soft // 2))


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
                # A named pipe put at the place of a log must not stop the reader.
                return os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            except OSError as error:
                if error.errno not in (errno.EMFILE, errno.ENFILE) or not self._evict():
                    raise

    def hold(self, tail: FileTail) -> None:
        """Count an open tail as the most recently used one."""
        self._tails[tail] = None
        self._tails.move_to_end(tail)

    def release(self, tail: FileTail) -> None:
        """Close a tail that is not needed any more."""
        self._tails.pop(tail, None)
        if tail.fd >= 0:
            os.close(tail.fd)
            tail.fd = -1

    def hand_over(self, tail: FileTail, heir: FileTail) -> None:
        """Count the heir's descriptor where the tail's was: it is the same one."""
        self._tails.pop(tail, None)
        self.hold(heir)

    def release_all(self) -> None:
        """Close everything."""
        for tail in list(self._tails):
            self.release(tail)

    def _evict(self) -> bool:
        for tail in self._tails:
            # Nobody can open a deleted file again, and its writer may not be done.
            if os.fstat(tail.fd).st_nlink:
                self.release(tail)
                return True
        return False
