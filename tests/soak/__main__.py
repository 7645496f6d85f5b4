"""`make soak`: follow logs for long under the real logrotate, and print what was lost, repeated and held.

`python -m tests.soak --seconds 3600` runs for an hour: a reader that is killed now and then, half of the time in each
mode of logrotate, and beside it the whole stream on a log of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.soak.memory import hold
from tests.soak.rotation import soak

MOST_GROWTH = 1.2
"""What the stream may hold in the end, of what it held when a tenth of the time had passed."""


def main() -> int:
    """Run everything; the exit code is 1 when a line was lost that is in a file, or when memory grew."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="in all")
    parser.add_argument("--rate", type=int, default=5_000, help="lines a second for the reader")
    parser.add_argument("--stream-rate", type=int, default=300, help="lines a second for the whole stream")
    parser.add_argument("--rotate-every", type=float, default=7.0, help="seconds")
    parser.add_argument("--kill-every", type=float, default=11.0, help="seconds")
    options = parser.parse_args()
    lost = 0
    with ThreadPoolExecutor() as beside, tempfile.TemporaryDirectory() as streamed:
        stream = {"seconds": options.seconds, "rate": options.stream_rate, "rotate_every": options.rotate_every}
        holding = beside.submit(hold, Path(streamed), **stream)
        for copytruncate in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                outcome = soak(
                    Path(folder),
                    copytruncate=copytruncate,
                    seconds=options.seconds / 2,
                    rate=options.rate,
                    rotate_every=options.rotate_every,
                    kill_every=options.kill_every,
                )
            lost += outcome.lost
            _say("copytruncate" if copytruncate else "create", asdict(outcome))
        held = holding.result()
    _say("the whole stream", asdict(held))
    return 1 if lost or held.late_mib > MOST_GROWTH * held.early_mib else 0


def _say(what: str, figures: dict[str, Any]) -> None:
    counts = "  ".join(f"{name} {value:,.0f}" for name, value in figures.items())
    sys.stdout.write(f"{what}: {counts}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
