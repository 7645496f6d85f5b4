"""The last line on standard error: each count in its own unit."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.events import Notice, NoticeKind
from tui import cli
from tui.commands.tally import Tally

CASES = [
    (NoticeKind.ASIDE, 1, "; 1 line of no event"),
    (NoticeKind.EXCESS, 1_200, "; 1,200 lines of no event"),
    (NoticeKind.LEFT_OUT, 1, "; 1 file left out"),
    (NoticeKind.UNREADABLE, 2, "; 2 files left out"),
    (NoticeKind.SKIPPED, 4_096, "; 4,096 bytes skipped"),
    (NoticeKind.LOST, 1, "; 1 byte lost"),
    (NoticeKind.BACK, 1, "; 1 silence over"),
    (NoticeKind.APPEARED, 3, ""),
    (NoticeKind.ROTATED, 0, ""),
]


@pytest.mark.parametrize(("kind", "count", "said"), CASES)
def test_what_a_notice_counts_is_said_in_its_own_unit(
    kind: NoticeKind, count: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    tally.take([Notice("/var/log/nova", kind, "what happened", count)])

    tally.report()

    assert capsys.readouterr().err == f"tailsight: 0 events of 0 sources{said}\n"


def test_counts_of_one_unit_are_added_and_units_are_not(capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    tally.take(
        [
            Notice("a", NoticeKind.ASIDE, "a header", 1),
            Notice("a", NoticeKind.EXCESS, "more lines", 5),
            Notice("a", NoticeKind.LEFT_OUT, "an older generation", 1),
        ]
    )

    tally.report()

    assert capsys.readouterr().err == "tailsight: 0 events of 0 sources; 6 lines of no event; 1 file left out\n"


@pytest.mark.parametrize(
    ("command", "said"),
    [("export", "flagged events written to out"), ("learn", "learned from 2 events of ctl01; written to out")],
)
def test_what_was_written_is_said_in_one_line_of_tailsight(
    command: str,
    said: str,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    line = "2026-11-20 10:00:0{}.000 7 INFO nova.compute.manager [-] Running instance usage audit\n"
    Path("nova.log").write_text(line.format(1) + line.format(2))
    options = ["--artifacts", str(model), "--threshold", "1"] if command == "export" else ["--name", "ctl01"]

    assert cli.run([command, "nova.log", "-o", "out", *options]) == 0

    lines = capsys.readouterr().err.splitlines()
    assert all(line.startswith("tailsight: ") for line in lines)
    assert sum(said in line for line in lines) == 1
