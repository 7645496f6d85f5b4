"""Writes a simulated log and, beside it, what is true about every line of it."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from core.errors import OutputError
from core.simulate.deployment import Layout
from core.simulate.records import SimulatedRecord
from core.simulate.simulation import Simulation


@dataclass(frozen=True, slots=True)
class Truth:
    """One record's place in the written log and what is true about it."""

    file: str
    line: int
    """Number of its first line, from 1."""
    lines: int
    incident: str | None
    kind: str | None
    onset: float | None
    """Seconds since 1970 at which its incident set in."""
    role: str
    hard_normal: str | None
    request_id: str


def truth_path(log: Path) -> Path:
    """Return where the truth about a log, or about a folder of logs, lies."""
    return log.with_name(f"{log.name.removesuffix('.log')}.truth.jsonl")


def write(simulation: Simulation, target: Path) -> None:
    """Write the log to a file, or to a folder with one file a service, and the truth beside it.

    The truth's first line describes the scenario and its incidents; each line after it is one record that is not
    plain normal life (`Truth`). Raises OutputError.
    """
    onsets = {incident["id"]: incident["onset"] for incident in simulation.describe()["incidents"]}
    per_service = simulation.scenario.deployment.layout is Layout.PER_SERVICE
    try:
        if per_service:
            target.mkdir(parents=True, exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            rows = stack.enter_context(TemporaryFile("w+", encoding="utf-8"))
            files: dict[str, _Log] = {}
            for record in simulation:
                name = f"{record.service}.log" if per_service else target.name
                if name not in files:
                    path = target / name if per_service else target
                    files[name] = _Log(stack.enter_context(path.open("w", encoding="utf-8", newline="\n")))
                log = files[name]
                if record.incident or record.hard_normal:
                    rows.write(_row(name, log.next_line, record, onsets) + "\n")
                log.write(record)
            truth = stack.enter_context(truth_path(target).open("w", encoding="utf-8", newline="\n"))
            truth.write(json.dumps(simulation.describe()) + "\n")
            rows.seek(0)
            truth.writelines(rows)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror or error}; name another place") from error


def read_truth(path: Path) -> tuple[dict[str, Any], list[Truth]]:
    """Return the header and the rows of a truth file."""
    with path.open(encoding="utf-8") as lines:
        header: dict[str, Any] = json.loads(next(lines))
        return header, [Truth(**json.loads(line)) for line in lines]


def _row(file: str, line: int, record: SimulatedRecord, onsets: dict[str, float]) -> str:
    truth = Truth(
        file,
        line,
        len(record.lines),
        record.incident,
        record.kind,
        onsets.get(record.incident or ""),
        record.role.value,
        record.hard_normal,
        record.request_id,
    )
    return json.dumps(asdict(truth))


class _Log:
    """A log file and the number of its next line."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.next_line = 1

    def write(self, record: SimulatedRecord) -> None:
        self._file.writelines(f"{line}\n" for line in record.lines)
        self.next_line += len(record.lines)
