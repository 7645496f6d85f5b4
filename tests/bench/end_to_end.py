"""The real commands from the outside: bulk scoring beside other tools, the time `--help` takes, memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.bench import peers
from tests.bench.figures import Figure
from tests.bench.logs import head, oslo_log
from tests.bench.processes import TAILSIGHT, seconds, tailsight

FEW = 1_000
"""Lines of the run that is taken away as start-up."""


def figures(folder: Path, lines: int, environments: Path | None, model: Sequence[str] = ()) -> Iterator[Figure]:
    """Measure in an empty folder, on a log of that many lines.

    Packages of others are measured where there is a folder for their environments; `model` are options of `score`.
    """
    python = seconds([sys.executable, "-c", "pass"], times=5)
    yield Figure(
        "tailsight --help", seconds([*TAILSIGHT, "--help"], times=5) * 1e3, "ms", "python -c pass", python * 1e3
    )
    log = oslo_log(folder / "bulk.log", lines)
    few = head(log, FEW, folder / "few.log")
    start = tailsight("score", *model, few, "-o", folder / "few.jsonl").seconds
    whole = tailsight("score", *model, log, "-o", folder / "bulk.jsonl")
    rate = (lines - FEW) / max(whole.seconds - start, 1e-3)
    yield Figure("score: start, with the model", start, "s")
    yield Figure("score: memory", whole.peak_bytes / 2**20, "MiB")
    yield Figure("score: bytes", rate * log.stat().st_size / lines / 2**20, "MiB/s")
    yield Figure("score: events", rate, "/s", "expressions that mask", peers.masking(log, lines))
    for name, theirs in peers.system_tools(log, lines):
        yield Figure("score: events", rate, "/s", name, theirs)
    if environments is not None:
        for name, theirs in peers.packages(log, lines, folder, environments):
            yield Figure("score: events", rate, "/s", name, theirs)
