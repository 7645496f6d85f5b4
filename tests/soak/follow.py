"""A reader as its own process: append every line followed to a file, commit, go on. Killing it must lose nothing.

`python -m tests.soak.follow LOG OUT [CHECKPOINT]` resumes from the checkpoint where one is given.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from core.events import LogLine, Notice, NoticeKind
from core.reading import Follower


def main(log: str, out: str, checkpoint: str = "") -> None:
    """Follow until killed."""
    follower = Follower(
        [Path(log)],
        threading.Event(),
        start="resume" if checkpoint and Path(checkpoint).exists() else "start",
        checkpoint=Path(checkpoint) if checkpoint else None,
    )
    fd = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for batch in follower:
        for item in batch.items:
            if isinstance(item, Notice) and item.kind is NoticeKind.LOST:
                sys.stderr.write(f"{item.text}\n")
        os.write(fd, "".join(f"{item.text}\n" for item in batch.items if isinstance(item, LogLine)).encode())
        follower.commit(batch)


if __name__ == "__main__":
    main(*sys.argv[1:])
