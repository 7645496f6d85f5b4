"""Writes a simulated log and, beside it, the labels of its lines."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from core.errors import OutputError
from core.simulate.deployment import LogLayout
from core.simulate.records import SimulatedRecord
from core.simulate.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Truth:
    """One record: its place in the written log, and its labels."""

    file: str
    line: int
    """Number of its first line, from 1."""
    lines: int
    incident: str | None
    kind: str | None
    onset: float | None
    """Onset of its incident, seconds since 1970."""
    role: str
    hard_normal: str | None
    request_id: str


def truth_path(log: Path) -> Path:
    """Return the path of the truth file of a log, or of a folder of logs."""
    return log.with_name(f"{log.name.removesuffix('.log')}.truth.jsonl")


def write_simulation(simulation: Simulation, target: Path) -> None:
    """Write the log to a file or, where the layout has several, to a folder, and the truth beside it.

    The truth's first line describes the scenario and its incidents; each line after it is one record that is not
    ordinary operation (`Truth`). Raises OutputError.
    """
    merged = simulation.scenario.deployment.layout is LogLayout.MERGED
    try:
        (target.parent if merged else target).mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            truth = TruthFile(stack.enter_context(_rewrite(truth_path(target))), simulation)
            files: dict[str, LogFile] = {}
            for record in simulation:
                name = target.name if merged else record.file
                if name not in files:
                    path = target if merged else target / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    files[name] = LogFile(stack.enter_context(_rewrite(path)))
                truth.note(name, files[name].write(record), record)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}; name another place") from error


def _rewrite(path: Path) -> IO[str]:
    return path.open("w", encoding="utf-8", newline="\n")


def read_truth(path: Path) -> tuple[dict[str, Any], list[Truth]]:
    """Return the header and the rows of a truth file."""
    with path.open(encoding="utf-8") as lines:
        header: dict[str, Any] = json.loads(next(lines))
        return header, [Truth(**json.loads(line)) for line in lines]


class TruthFile:
    """The truth file of a log that is being written."""

    def __init__(self, file: IO[str], simulation: Simulation) -> None:
        header = simulation.describe()
        self._file = file
        self._onsets: dict[str, float] = {incident["id"]: incident["onset"] for incident in header["incidents"]}
        file.write(json.dumps(header) + "\n")

    def note(self, log: str, line: int, record: SimulatedRecord) -> None:
        """Write the labels of a record whose first line has this number, unless it is ordinary operation."""
        if record.incident is None and record.hard_normal is None:
            return
        truth = Truth(
            log,
            line,
            len(record.lines),
            record.incident,
            record.kind,
            self._onsets.get(record.incident or ""),
            record.role.value,
            record.hard_normal,
            record.request_id,
        )
        self._file.write(json.dumps(asdict(truth)) + "\n")

    def flush(self) -> None:
        """Flush to the file system."""
        self._file.flush()


class LogFile:
    """A log that is being written, and the number of its next line."""

    def __init__(self, file: IO[str], lines: int = 0) -> None:
        """Continue a log that has this many lines."""
        self._file = file
        self._next_line = lines + 1

    def write(self, record: SimulatedRecord) -> int:
        """Write a record; return the number of its first line."""
        line = self._next_line
        self._file.writelines(f"{text}\n" for text in record.lines)
        self._next_line += len(record.lines)
        return line

    def flush(self) -> None:
        """Flush to the file system."""
        self._file.flush()
