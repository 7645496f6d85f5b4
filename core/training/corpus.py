"""A labelled corpus of real logs: one file per run, and a table of what happened in it.

The folder holds `labels.csv` and `runs.tar.xz` (or the files of it unpacked in `runs/`), as the fault-injection
campaigns of Cotroneo et al. ("How bad can a bug get?", ESEC/FSE 2019) are laid out.
"""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import SourceError
from core.events import LogEvent, LogLine
from core.features.known import read_events
from core.reading.decoder import LineDecoder
from core.templates import MessageFacts, Templater

Progress = Callable[[str, int, int], None]
"""Called with the name of the step, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class Run:
    """The labels of one run."""

    file: str
    campaign: str
    split: str
    """`train` or `val`."""
    fault_free: bool
    """The fault was removed and nothing failed."""
    incident: bool
    """The fault was activated, and a client saw a failure."""
    silent: bool
    """Failed without a line of level ERROR or CRITICAL."""
    trigger: float | None
    """Second at which the fault was activated."""
    client_failure: float | None
    """Second of the first failure that the client saw."""
    failed_requests: frozenset[str]
    started: float


@dataclass(frozen=True, slots=True)
class LabelledStream:
    """The events of one run in the order of the log, with the facts of their messages."""

    run: Run
    events: tuple[LogEvent, ...]
    facts: tuple[MessageFacts, ...]


def read_runs(folder: Path) -> list[Run]:
    """Read the table of a corpus, in the order of time. Raises SourceError where it is missing or has other columns."""
    table = folder / "labels.csv"
    try:
        with table.open(newline="", encoding="utf-8") as rows:
            runs = [_run(row) for row in csv.DictReader(rows)]
    except OSError as error:
        raise SourceError(f"{table}: {error.strerror}; a corpus is a folder with labels.csv and runs.tar.xz") from error
    except (KeyError, ValueError) as error:
        raise SourceError(f"{table}: not a table of labelled runs ({error})") from error
    return sorted(runs, key=lambda run: run.started)


def read_streams(folder: Path, runs: Sequence[Run], progress: Progress) -> list[LabelledStream]:
    """Read and parse the logs of these runs, in the order of the runs."""
    streams: dict[str, LabelledStream] = {}
    templater = Templater()
    for run, lines in read_logs(folder, {run.file: run for run in runs}):
        streams[run.file] = LabelledStream(run, *read_events(lines, templater))
        progress("reading the corpus", len(streams), len(runs))
    return [streams[run.file] for run in runs]


def read_logs(folder: Path, runs: Mapping[str, Run]) -> Iterator[tuple[Run, list[LogLine]]]:
    """Read the logs of these runs, by file name, in the order in which they lie; SourceError where one is missing."""
    missing = set(runs)
    for name, content in _files(folder):
        run = runs.get(name)
        if run is not None:
            missing.discard(name)
            decoder = LineDecoder(name)
            yield run, [*decoder.feed(content), *decoder.flush()]
    if missing:
        raise SourceError(f"{folder}: the log of {len(missing)} runs is missing, {min(missing)} among them")


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    unpacked = folder / "runs"
    if unpacked.is_dir():
        for path in sorted(unpacked.glob("*.log")):
            yield path.name, path.read_bytes()
        return
    try:
        # One pass: seeking in a compressed archive would unpack it again for every file.
        with tarfile.open(folder / "runs.tar.xz", "r|xz") as archive:
            for member in archive:
                content = archive.extractfile(member)
                if content is not None:
                    yield Path(member.name).name, content.read()
    except (OSError, tarfile.TarError) as error:
        raise SourceError(f"{folder / 'runs.tar.xz'}: cannot be read ({error})") from error


def _run(row: dict[str, str]) -> Run:
    failed = row["label"] == "FAILURE"
    trigger, client_failure = _second(row["trigger"]), _second(row["client_failure"])
    return Run(
        file=row["file"],
        campaign=row["campaign"],
        split=row["split"],
        fault_free=row["round"] == "2" and not failed,
        incident=failed and trigger is not None and client_failure is not None,
        silent=row["silent"] == "1",
        trigger=trigger,
        client_failure=client_failure,
        failed_requests=frozenset(row["failed_request_ids"].replace(";", " ").replace("|", " ").split()),
        started=_second(row["first"]) or 0.0,
    )


def _second(stamp: str) -> float | None:
    return datetime.fromisoformat(stamp).replace(tzinfo=UTC).timestamp() if stamp else None
