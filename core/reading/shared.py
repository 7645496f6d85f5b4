"""What the sources of one follower have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.events import Notice
from core.reading.descriptors import Descriptors
from core.reading.identity import FileId, Memory
from core.reading.rotation import Siblings
from core.reading.tail import Chunk, FileTail


@dataclass(slots=True)
class Shared:
    """One per follower; every source has a reference to it."""

    emit: Callable[[Chunk | Notice], None]
    descriptors: Descriptors
    memory: Memory
    clock: Callable[[], float] = time.monotonic
    siblings: Siblings = field(default_factory=Siblings)
    tails: dict[FileId, FileTail] = field(default_factory=dict)
    """Who reads which file: a file that is reached by two paths is read once."""
    looked_ns: int = 0
    """Wall time, in ns, at which the last sweep over all paths began."""
    keeps_positions: bool = False
    """Whether it matters which lines of a finished file the consumer has dealt with."""
