"""What this process uses of the machine: processor time and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

_STATM: Final = Path("/proc/self/statm")


class Usage(NamedTuple):
    """Use of the machine over some seconds."""

    processors: float
    """Processors in use, 1.0 for one that is fully used."""
    memory: int
    """Bytes of resident memory."""


def memory_bytes() -> int:
    """Return the resident memory in bytes; where the system reports only its peak (macOS), the peak."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class UsageMeter:
    """Measures between two calls of `read`."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        processor_time: Callable[[], float] = time.process_time,
        memory: Callable[[], int] = memory_bytes,
    ) -> None:
        self._clock, self._processor_time, self._memory = clock, processor_time, memory
        self._last_clock, self._last_time = clock(), processor_time()

    def read(self) -> Usage:
        """Return the use since the last call."""
        now, used = self._clock(), self._processor_time()
        processors = (used - self._last_time) / max(now - self._last_clock, 1e-3)
        self._last_clock, self._last_time = now, used
        return Usage(processors, self._memory())
