"""State that the sources of one follower share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from core.events import Notice
from core.reading.descriptors import Descriptors
from core.reading.identity import FileId, KnownFiles
from core.reading.left_out import LeftOut
from core.reading.rotation import Siblings
from core.reading.tail import Chunk, FileTail


@dataclass(slots=True)
class Shared:
    """One per follower; every source has a reference to it."""

    emit: Callable[[Chunk | Notice], None]
    descriptors: Descriptors
    known_files: KnownFiles
    clock: Callable[[], float] = time.monotonic
    siblings: Siblings = field(default_factory=Siblings)
    tails: dict[FileId, FileTail] = field(default_factory=dict)
    """The tail of each file: a file with two paths is read once."""
    looked_ns: int = 0
    """Wall time, in ns, at which the last sweep over all paths began."""
    refused: list[LeftOut] = field(default_factory=list)
    """Files of directories that turned out not to be text, until a notice reports them."""
    keeps_positions: bool = False
    """Whether the committed positions of finished files are kept for a checkpoint."""
