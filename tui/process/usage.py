"""What this process itself takes of the machine: processor time and memory."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_STATM: Final = Path("/proc/self/statm")


def memory_bytes() -> int:
    """Return the memory that is held now, or where the system does not tell (macOS), the most that was held."""
    try:
        return int(_STATM.read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


class Usage:
    """Measures from one look to the next."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        worked: Callable[[], float] = time.process_time,
        memory: Callable[[], int] = memory_bytes,
    ) -> None:
        self._clock, self._worked, self._memory = clock, worked, memory
        self._at, self._before = clock(), worked()

    def look(self) -> tuple[float, int]:
        """Return the share of one processor that was used since the last look, and the bytes of memory held now."""
        now, worked = self._clock(), self._worked()
        share = (worked - self._before) / max(now - self._at, 1e-3)
        self._at, self._before = now, worked
        return share, self._memory()
