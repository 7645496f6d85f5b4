"""Change the code of features and decision in small ways, one at a time, and count the changes that their tests find.

    python -m tests.mutants [PATTERN...]

A pattern, such as `core.features.burst*`, limits the run to some functions. What was found is printed for each module;
`mutmut browse` shows the changes that no test found.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

LEAST_SHARE: Final = 0.85
"""Share of the changes to a room that its tests have to find."""

ROOMS: Final = ("features", "decision")

_RESULTS: Final = Path("mutants") / "core"
_FOUND: Final = {1, 3, 36, 24, -24, 152, 255}
"""Exit codes of a change that a test found, or that takes far longer than the code as it is."""


def main() -> int:
    """Run, and print what was found; return 0 where it is enough."""
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", "2", *sys.argv[1:]]
    if subprocess.run(command, check=False).returncode:
        return 2
    enough = True
    for room in ROOMS:
        total: Counter[str] = Counter()
        for module, counts in counted(room):
            total += counts
            sys.stdout.write(line(module, counts))
        if total:
            sys.stdout.write(line(f"core.{room}", total))
            enough &= share(total) >= LEAST_SHARE
    return 0 if enough else 1


def counted(room: str) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each module of a room with the changes to it that were tried: found or not."""
    for path in sorted((_RESULTS / room).glob("*.meta")):
        codes = json.loads(path.read_text())["exit_code_by_key"].values()
        counts = Counter("found" if code in _FOUND else "missed" for code in codes if code is not None)
        if counts:
            yield f"core.{room}.{path.name.removesuffix('.py.meta')}", counts


def share(counts: Counter[str]) -> float:
    """Return the share that was found."""
    return counts["found"] / counts.total()


def line(name: str, counts: Counter[str]) -> str:
    """Write one line of the table."""
    return f"{name:32} {counts['found']:5} of {counts.total():5} changes found {100 * share(counts):6.1f} %\n"


if __name__ == "__main__":
    raise SystemExit(main())
