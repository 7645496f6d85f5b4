"""`make soak`: follow a log for long, under the real logrotate, with kills, and print what was lost and repeated.

`python -m tests.soak --seconds 3600` runs for an hour, half of it in each mode of logrotate.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.soak.rotation import soak


def main() -> int:
    """Run both modes; the exit code is 1 when a line was lost that is in a file."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600.0, help="of both modes together")
    parser.add_argument("--rate", type=int, default=5_000, help="lines a second")
    parser.add_argument("--rotate-every", type=float, default=7.0, help="seconds")
    parser.add_argument("--kill-every", type=float, default=11.0, help="seconds")
    options = parser.parse_args()
    options.seconds /= 2
    lost = 0
    for copytruncate in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            outcome = soak(Path(folder), copytruncate=copytruncate, **vars(options))
        lost += outcome.lost
        figures = "  ".join(f"{name} {value:,.0f}" for name, value in asdict(outcome).items())
        sys.stdout.write(f"{'copytruncate' if copytruncate else 'create'}: {figures}\n")
        sys.stdout.flush()
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
