"""Appends a simulated log to a file in real time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from core.errors import OutputError, UsageError
from core.simulate.records import SimulatedRecord
from core.simulate.simulation import Simulation
from core.simulate.truth import LogFile, TruthFile, truth_path
from core.support.stop import StopSignal

_LONGEST_NAP: Final = 0.2
"""Seconds between two checks of `stop`."""


def append_live(
    records: Iterable[SimulatedRecord],
    path: Path,
    stop: StopSignal,
    *,
    rate: float | None = None,
    speed: float = 1.0,
) -> int:
    """Append records to a file, each flushed, until they end or `stop` is set; return how many were written.

    With `rate`, so many lines a second; else at the pace of their timestamps, `speed` times as fast. Of a
    `Simulation` the truth is written beside the log as it grows. Raises UsageError for a pace that is not above 0
    and OutputError.
    """
    if (rate if rate is not None else speed) <= 0:
        raise UsageError("the rate of a live log must be above 0 lines a second")
    count = lines = 0
    first: float | None = None
    begun = time.monotonic()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            log = LogFile(stack.enter_context(path.open("a", encoding="utf-8", newline="\n")), _count_lines(path))
            truth = None
            if isinstance(records, Simulation):
                file = truth_path(path).open("w", encoding="utf-8", newline="\n")
                truth = TruthFile(stack.enter_context(file), records)
            for record in records:
                first = record.timestamp if first is None else first
                due = begun + (lines / rate if rate is not None else (record.timestamp - first) / speed)
                if not _wait_until(due, stop):
                    break
                line = log.write(record)
                log.flush()
                if truth is not None:
                    truth.note(path.name, line, record)
                    truth.flush()
                count += 1
                lines += len(record.lines)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror or error}; name another place") from error
    return count


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(1 for _ in file)


def _wait_until(due: float, stop: StopSignal) -> bool:
    while not stop.is_set():
        left = due - time.monotonic()
        if left <= 0:
            return True
        time.sleep(min(left, _LONGEST_NAP))
    return False
