"""Nothing that is read is lost: every line is in one event, or in one count, in `score`, `--headless` and the table."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from core.events import Continuation, Notice, ScoredEvent
from core.live.scoring import score_batches
from core.pipeline import load_pipeline
from core.reading import read_file
from tests.helpers.lines import oslo
from tui import cli
from tui.session.session import Session

STAMPED = "2026-11-20 10:00:0{}.000"
MIXED = [
    "==> /var/log/nova/nova-api.log <==",
    "a line before any record",
    oslo("first", stamp=STAMPED.format(1), context="[-] ", prefix="nova-api.log "),
    "nova-api.log   with a second line",
    oslo("other", stamp=STAMPED.format(2), context="[-] ", prefix="nova-compute.log "),
    "nova-api.log   a line that comes late",
    "",
    "2026-02-30 10:00:03.000 7 INFO nova.compute [-] a day that never was",
    '{"asctime": "2026-11-20 10:00:04", "name": "nova", "levelname": "ERROR", "message": "torn',
    "Nov 20 10:00:05 ctl01 haproxy[99]: backend nova_api has no server available!",
    "-- Reboot --",
    oslo("last", stamp=STAMPED.format(6), context="[-] "),
    "Traceback (most recent call last):",
    '  File "a.py", line 1, in b',
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "mixed.log"
    path.write_text("".join(f"{line}\n" for line in MIXED))
    return path


def counted(records: str, errors: str) -> int:
    """Lines in the events of JSON lines, and in the counts of the last line on standard error."""
    in_events = sum(int(json.loads(record)["lines"]) for record in records.splitlines())
    last = errors.splitlines()[-1]
    beside = re.findall(r"([\d,]+) lines? (?:that came after|of no event)", last)
    return int(in_events) + sum(int(number.replace(",", "")) for number in beside)


@pytest.mark.parametrize("end", ["", "\n"], ids=["ended", "not ended"])
@pytest.mark.parametrize("command", [["score"], ["watch", "--headless", "--from", "start", "--until", "EOF"]])
def test_every_line_is_in_one_event_or_in_one_count(
    command: Sequence[str], end: str, log: Path, model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    state = ["--checkpoint", str(tmp_path / "checkpoint")] if command[0] == "watch" else []
    log.write_text(log.read_text().removesuffix(end))
    assert cli.run([*command, str(log), "--artifacts", str(model), *state]) in {0, 1}
    out, err = capfd.readouterr()
    assert counted(out, err) == len(MIXED)


def test_every_line_is_in_one_row_of_the_table_or_in_one_notice(log: Path, model: Path) -> None:
    session = Session(threshold=0.5, shipped=0.5)
    items = [item for batch in score_batches(read_file(log), load_pipeline(model)()) for item in batch]
    extended = session.history.extend(items)
    rows = list(session.history)
    in_rows = sum(row.event.extra_lines + 1 if isinstance(row, ScoredEvent) else row.count for row in rows)
    late = sum(session.history.late_count(row) for row in range(len(rows)))
    assert extended.appended == len(rows)
    assert sum(isinstance(item, Continuation) for item in items) == late > 0
    assert any(isinstance(row, Notice) for row in rows)
    assert in_rows + late == len(MIXED)


def test_strict_refuses_a_line_that_no_reader_knows(log: Path, model: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["score", str(log), "--artifacts", str(model), "--strict"]) == 2
    assert "have a form that no reader knows" in capfd.readouterr().err
