"""What reading hands on: lines and notices, a batch at a time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from core.events import LogLine, Notice

BATCH_LINES = 2_000
BATCH_SECONDS = 0.05
QUIET_SECONDS = 0.25

Item = LogLine | Notice


class HasIsSet(Protocol):
    """Anything that can say that it is time to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True, slots=True)
class ReadBatch:
    """Lines and notices in the order in which they were read; empty when nothing came for a while."""

    items: tuple[Item, ...] = ()
    behind: int = 0
    """Bytes that are in the files and in no batch up to this one, over all sources."""
    warm_up: bool = False
    """Whether these lines precede the place that the operator asked to begin at."""
    positions: tuple[Any, ...] = field(default=(), repr=False, compare=False)
    """How far each source had come; meant for `Follower.commit` alone."""

    @property
    def lines(self) -> int:
        """Log lines among the items."""
        return sum(isinstance(item, LogLine) for item in self.items)
