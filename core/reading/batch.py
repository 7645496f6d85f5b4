"""The output of reading: batches of lines and notices."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from core.events import LogLine, Notice

BATCH_LINES: Final = 2_000
BATCH_SECONDS: Final = 0.05
QUIET_SECONDS: Final = 0.25

ReadItem = LogLine | Notice


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Lines and notices in the order in which they were read; empty when nothing came for a while."""

    items: tuple[ReadItem, ...] = ()
    behind: int = 0
    """Bytes that are in the files of all sources and in no batch up to this one."""
    warm_up: bool = False
    """Whether these lines precede the position that the operator asked to start at."""
    positions: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    """Position of each file after this batch; for `Follower.commit` alone."""

    @property
    def lines(self) -> int:
        """Log lines among the items."""
        return sum(isinstance(item, LogLine) for item in self.items)
