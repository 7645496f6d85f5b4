"""Process settings while files are scored to their end, where nothing counts but the time that all of it takes."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_MAX_NETWORK_THREADS: Final = 4
"""The network is small: more threads than this wait for each other."""

_SWITCH_SECONDS: Final = 1e-5
"""The network's thread needs the interpreter for a moment after each of its many short steps. With Python's 5 ms it
would wait for most of the time, beside a thread that parses without a pause."""

_ALLOCATIONS: Final = 20_000
"""New containers between two collections of young objects, 700 by default. A batch makes tens of thousands that live
until it is written; each collection in between walks over them in vain."""


def network_threads() -> int:
    """Return the threads that the network takes by default: one core is left to what is done beside it."""
    return max(1, min((os.cpu_count() or 1) - 1, _MAX_NETWORK_THREADS))


@contextmanager
def bulk_mode() -> Iterator[None]:
    """Let threads take turns often and collect garbage seldom while the block runs: no key waits for a collection."""
    interval, thresholds = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.set_threshold(_ALLOCATIONS, *thresholds[1:])
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        gc.set_threshold(*thresholds)
