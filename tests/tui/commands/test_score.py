"""`score`, `export` and `learn`: files to JSON, each file a stream of its own."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from core.decision.mutes import Mutes
from tests.helpers.events import FIELDS
from tui import cli

ROOT = Path(__file__).parents[3]

Run = Callable[..., int]


@pytest.fixture
def run(model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, log_lines: list[str]) -> Run:
    """Run a command with the test's model, in a folder that has a.log and b.log."""
    monkeypatch.chdir(tmp_path)
    write("a.log", log_lines[:40])
    write("b.log", log_lines[40:65])
    options = ("--artifacts", str(model), "--threshold", "0.9")
    return lambda command, *arguments: cli.run([command, *options, *arguments])


def write(name: str, lines: Sequence[str]) -> None:
    Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def records(path: Path | str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text(encoding="utf-8").splitlines()]


def middle(path: Path | str) -> str:
    """A threshold that flags some events of a scored file and not others."""
    scores = sorted({record["score"] for record in records(path)})
    assert len(scores) > 1
    return str(scores[len(scores) // 2])


def test_every_line_has_every_field_in_order(run: Run) -> None:
    run("score", "a.log", "-o", "out.jsonl")
    scored = records("out.jsonl")
    assert [list(record) for record in scored] == [FIELDS] * 40
    assert [record["line"] for record in scored] == list(range(1, 41))
    assert all(0.0 <= record["score"] <= 1.0 for record in scored)


def test_the_exit_code_says_whether_something_is_flagged(run: Run) -> None:
    code = run("score", "a.log", "-o", "out.jsonl")
    assert code == int(any(record["flagged"] for record in records("out.jsonl")))
    assert run("score", "a.log", "-o", "out.jsonl", "--threshold", "0") == 1
    assert run("score", "a.log", "-o", "out.jsonl", "--threshold", "1") == 0


def test_standard_output_is_the_default_and_carries_nothing_else(run: Run, capfdbinary: Any) -> None:
    run("score", "a.log", "-o", "out.jsonl")
    run("score", "a.log")
    out, err = capfdbinary.readouterr()
    assert out == Path("out.jsonl").read_bytes()
    summary = f"tailsight: {len(out.splitlines())} events of 1 source\n"
    assert err.decode() == summary * 2


def test_each_file_is_a_stream_of_its_own(run: Run) -> None:
    run("score", "a.log", "b.log", "--output-dir", "both")
    run("score", "b.log", "--output-dir", "alone")
    assert Path("both/b.jsonl").read_bytes() == Path("alone/b.jsonl").read_bytes()
    assert sorted(path.name for path in Path("both").iterdir()) == ["a.jsonl", "b.jsonl"]


def test_several_files_in_one_output_follow_each_other(run: Run) -> None:
    run("score", "a.log", "b.log", "-o", "out.jsonl")
    run("score", "a.log", "b.log", "--output-dir", "out")
    assert Path("out.jsonl").read_bytes() == Path("out/a.jsonl").read_bytes() + Path("out/b.jsonl").read_bytes()


def test_a_compressed_file_scores_like_the_plain_one(run: Run) -> None:
    Path("c.log.gz").write_bytes(gzip.compress(Path("a.log").read_bytes(), mtime=0))
    run("score", "a.log", "c.log.gz", "--output-dir", "out")
    plain, compressed = records("out/a.jsonl"), records("out/c.jsonl")
    for record in (*plain, *compressed):
        del record["source"]
    assert plain == compressed


def test_flagged_only_leaves_out_the_rest(run: Run) -> None:
    run("score", "a.log", "-o", "all.jsonl")
    threshold = middle("all.jsonl")
    run("score", "a.log", "-o", "all.jsonl", "--threshold", threshold)
    run("score", "a.log", "-o", "some.jsonl", "--threshold", threshold, "--flagged-only")
    assert 0 < len(records("some.jsonl")) < 40
    assert records("some.jsonl") == [record for record in records("all.jsonl") if record["flagged"]]


def test_a_file_that_is_read_is_never_written_over(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    before = Path("a.log").read_bytes()
    assert run("score", "a.log", "-o", "a.log") == 2
    assert "written over" in capsys.readouterr().err
    assert Path("a.log").read_bytes() == before


def test_a_failure_leaves_the_earlier_output_as_it_was(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("out.jsonl").write_text("earlier\n")
    Path("program").write_bytes(b"\x7fELF" + bytes(200))
    with Path("program").open() as standard_input:
        monkeypatch.setattr(sys, "stdin", standard_input)
        assert run("score", "a.log", "-", "-o", "out.jsonl") == 2
    assert Path("out.jsonl").read_text() == "earlier\n"
    assert sorted(path.name for path in Path().iterdir()) == ["a.log", "b.log", "out.jsonl", "program"]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.log", b"", "is empty"),
        ("cut.log.gz", gzip.compress(bytes(1000), mtime=0)[:10], "nothing can be read"),
    ],
)
@pytest.mark.parametrize("command", ["score", "export", "learn"])
def test_a_file_with_nothing_in_it_among_others_is_one_line_on_standard_error(
    command: str, name: str, content: bytes, says: str, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(name).write_bytes(content)
    arguments = ["a.log", name, "b.log", "-o", "out"]
    assert (cli.run([command, *arguments]) if command == "learn" else run(command, *arguments)) in {0, 1}
    [line] = [line for line in capsys.readouterr().err.splitlines() if name in line]
    assert says in line


def test_a_cut_archive_is_scored_as_far_as_it_goes(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("cut.log.gz").write_bytes(gzip.compress(Path("a.log").read_bytes(), mtime=0)[:-8])
    assert run("score", "cut.log.gz", "-o", "out.jsonl") in {0, 1}
    assert len(records("out.jsonl")) == 40
    assert capsys.readouterr().err.startswith("tailsight: cut.log.gz: is damaged or incomplete")


@pytest.mark.parametrize("command", ["score", "export"])
def test_what_standard_output_is_redirected_to_is_written_to_and_not_replaced(
    run: Run, capfdbinary: Any, command: str
) -> None:
    run(command, "a.log")
    direct = capfdbinary.readouterr().out
    assert run(command, "a.log", "-o", "/dev/stdout") in {0, 1}
    named = capfdbinary.readouterr().out
    # An export says when it was made.
    assert len(named) == len(direct) > 100
    assert run(command, "a.log", "-o", "pipe/of/nobody") == 2


@pytest.mark.parametrize("command", ["score", "export"])
def test_what_may_hold_log_text_is_for_its_owner_alone(run: Run, command: str) -> None:
    run(command, "a.log", "-o", "out.json")
    assert Path("out.json").stat().st_mode & 0o777 == 0o600


def test_what_was_learned_is_written_to_a_file_alone(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe")
    assert learn("a.log", "-o", "pipe") == 2
    assert "it is not a regular file" in capsys.readouterr().err
    assert Path("pipe").is_fifo()


def test_a_muted_template_is_not_flagged(run: Run) -> None:
    assert run("score", "a.log", "-o", "out.jsonl", "--threshold", "0") == 1
    for template in {record["template"] for record in records("out.jsonl")}:
        Mutes().add(template)
    assert run("score", "a.log", "-o", "out.jsonl", "--threshold", "0") == 0


def test_an_export_holds_the_flagged_events_with_their_surroundings(run: Run) -> None:
    run("score", "a.log", "-o", "out.jsonl")
    threshold = middle("out.jsonl")
    run("score", "a.log", "-o", "out.jsonl", "--threshold", threshold)
    assert run("export", "a.log", "-o", "out.json", "--threshold", threshold, "--context", "2", "--no-redact") == 0
    document = json.loads(Path("out.json").read_text())
    flagged = [record for record in records("out.jsonl") if record["flagged"]]
    assert [event["seq"] for event in document["events"]] == [record["seq"] for record in flagged]
    assert document["schema"] == "tailsight.flagged/1"
    assert document["summary"]["num_anomalies"] == len(flagged)
    assert document["summary"]["sequence_length"] == 40
    assert all(len(event["context"]["before"]) <= 2 for event in document["events"])


def test_the_context_of_an_exported_event_ends_with_its_file(run: Run) -> None:
    run("export", "a.log", "b.log", "-o", "out.json", "--threshold", "0")
    events = json.loads(Path("out.json").read_text())["events"]
    assert {event["source"] for event in events} == {"a.log", "b.log"}
    for event in events:
        around = event["context"]["before"] + event["context"]["after"]
        assert {other["source"] for other in around} == {event["source"]}


def test_an_export_is_not_written_over_unless_told(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    Path("out.json").write_text("earlier\n")
    assert run("export", "a.log", "-o", "out.json") == 2
    assert "--force" in capsys.readouterr().err
    assert Path("out.json").read_text() == "earlier\n"
    assert run("export", "a.log", "-o", "out.json", "--force") == 0
    assert json.loads(Path("out.json").read_text())["sources"] == ["a.log"]


def learn(*arguments: str) -> int:
    return cli.run(["learn", *arguments])


@pytest.mark.slow
def test_what_was_learned_does_not_depend_on_the_order_of_the_files(run: Run) -> None:
    assert learn("a.log", "b.log", "-o", "one.gz", "--name", "x") == 0
    assert learn("b.log", "a.log", "-o", "two.gz", "--name", "x") == 0
    assert Path("one.gz").read_bytes() == Path("two.gz").read_bytes()


@pytest.mark.slow
def test_what_was_learned_is_known_from_then_on(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("score", "a.log", "-o", "before.jsonl")
    assert learn("a.log", "b.log") == 0
    assert "65 events" in capsys.readouterr().err
    run("score", "a.log", "-o", "after.jsonl")
    scores = [[record["score"] for record in records(name)] for name in ("before.jsonl", "after.jsonl")]
    assert scores[0] != scores[1]


def test_learning_from_no_known_format_says_so(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    write("notes.log", ["what a day", "nothing here"])
    assert learn("notes.log", "-o", "own.gz") == 2
    assert "nothing to learn from" in capsys.readouterr().err
    assert not Path("own.gz").exists()


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_run_that_is_ended_leaves_no_half_written_file(model: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tui", "score", "-", "-o", str(tmp_path / "out.jsonl"), "--artifacts", str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        while not list(tmp_path.iterdir()):
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.stdin.close()
    assert process.returncode == 143
    assert list(tmp_path.iterdir()) == []
