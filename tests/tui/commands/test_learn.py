"""`learn`: the baseline of a site, what is said of it, and `--check`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.baseline import Baseline
from core.decision.verdicts import verdicts_path
from core.simulate import Deployment, Scenario, simulate
from core.templates import stable_hash
from tests.helpers.lines import oslo
from tui import cli

pytestmark = pytest.mark.slow
"""Each loads the shipped model, and reads a log several times."""

ROOT = Path(__file__).parents[3]
START = datetime(2026, 3, 3, tzinfo=UTC)
ROUTINE = "Running instance usage audit"
FAILURE = "Connection to the message queue failed: no route to host"


def write(path: Path, hours: float, *errors: float) -> Path:
    """A log of one service: a routine line every 5 minutes, and an ERROR at each of these hours."""
    rows = [(minutes / 60, "INFO", ROUTINE) for minutes in range(0, int(60 * hours), 5)]
    rows += [(hour, "ERROR", FAILURE) for hour in errors]
    stamp = [
        (START + timedelta(hours=hour)).isoformat(sep=" ", timespec="milliseconds")[:23] for hour, _, _ in sorted(rows)
    ]
    lines = (oslo(text, stamp=at, level=level) for at, (_, level, text) in zip(stamp, sorted(rows), strict=True))
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


OUTAGE = tuple(30.01 + minute / 60 for minute in range(6))


@pytest.fixture
def learn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """With the shipped model: what is flagged by chance is not learned, and random weights flag much."""
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: cli.run(["learn", "--name", "ctl01", *map(str, arguments)])


def knows(path: Path | str, message: str) -> bool:
    known: dict[int, int] = Baseline.read(Path(path)).deployments[0].template_events.get("nova-compute", {})
    return stable_hash(message) in known


@pytest.mark.parametrize(
    ("errors", "options", "usual"),
    [(OUTAGE, (), False), (OUTAGE, ("--keep-flagged",), True), (range(0, 72, 5), (), True)],
)
def test_which_errors_of_the_log_are_usual_afterwards(
    learn: Callable[..., int], tmp_path: Path, errors: tuple[float, ...], options: tuple[str, ...], usual: bool
) -> None:
    write(tmp_path / "nova-compute.log", 72, *errors)
    assert learn("nova-compute.log", "-o", "own.gz", *options) == 0
    assert knows("own.gz", FAILURE) == usual


def test_what_was_learned_is_said(
    learn: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "nova-compute.log", 72, *range(0, 72, 5))
    (tmp_path / "notes.log").write_text("what a day\n")
    assert learn("nova-compute.log", "notes.log", "-o", "own.gz") == 0
    said = capsys.readouterr()
    assert said.out == ""
    for text in (
        "880 lines, 879 events, 71.9 hours of log",
        "1 chronic ERROR template taken as usual",
        f"15 x nova-compute: {FAILURE}",
        "notes.log: 1 of 1 line is of unread form",
        "of ctl01; written to own.gz",
    ):
        assert text in said.err
    assert FAILURE.split(":", maxsplit=1)[0].encode() not in Baseline.read(Path("own.gz")).to_bytes()


def test_adding_adds_to_what_was_learned_before(learn: Callable[..., int], tmp_path: Path) -> None:
    write(tmp_path / "nova-compute.log", 30)
    for options in ((), ("--add",)):
        assert learn("nova-compute.log", "-o", "own.gz", "--keep-flagged", *options) == 0
    assert Baseline.read(Path("own.gz")).deployments[0].messages == 720


def test_a_pipe_is_learned_as_a_file_is(learn: Callable[..., int], tmp_path: Path) -> None:
    log = write(tmp_path / "nova-compute.log", 72, *OUTAGE)
    assert learn("nova-compute.log", "-o", "file.gz") == 0
    os.mkfifo("nova-compute.pipe")
    writer = threading.Thread(target=Path("nova-compute.pipe").write_bytes, args=(log.read_bytes(),))
    writer.start()
    assert learn("nova-compute.pipe", "-o", "pipe.gz") == 0
    writer.join()
    assert (
        Baseline.read(Path("pipe.gz")).deployments[0].messages == Baseline.read(Path("file.gz")).deployments[0].messages
    )


@pytest.mark.slow
def test_standard_input_is_kept_while_it_is_read_again(tmp_path: Path) -> None:
    log = write(tmp_path / "nova-compute.log", 72, *OUTAGE)
    command = [sys.executable, "-m", "tui", "learn", "-", "-o", str(tmp_path / "own.gz")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run(command, input=log.read_bytes(), capture_output=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert b"870 lines" in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"nova-compute.log", "own.gz"}
    none = subprocess.run(command, input=b"", capture_output=True, check=False, env=environment)
    assert none.returncode == 2
    assert b"standard input is empty" in none.stderr


def test_a_check_writes_nothing_and_says_what_would_be_flagged(
    model: Path, learn: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "nova-compute.log", 72)
    assert learn("nova-compute.log", "-o", "own.gz", "--keep-flagged") == 0
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    write(tmp_path / "nova-compute.log", 10, 5.01, 5.02)
    before[tmp_path / "nova-compute.log"] = (tmp_path / "nova-compute.log").read_bytes()
    capsys.readouterr()
    assert cli.run(["learn", "--check", "--artifacts", str(model), "nova-compute.log", "-o", "own.gz"]) == 0
    said = capsys.readouterr()
    assert "1 of 2 templates known (50.0 %)" in said.out
    assert "122   98.4 %  nova-compute" in said.out
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--check", "nova-compute.log", "-o", "none.gz"), "without --check"),
        (("--check", "nova-compute.log", "--add"), "--check learns nothing"),
        (("nova-compute.log", "--verdicts", "none.toml"), "there is no verdict file"),
        (("nova-compute.log", "--verdicts", "bad.toml"), "bad.toml:2:11: verdict must be"),
    ],
)
def test_what_cannot_be_is_one_line(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "nova-compute.log", 1)
    Path("bad.toml").write_text('[[verdict]]\nverdict = "usual"\n')
    assert cli.run(["learn", "--artifacts", str(model), *arguments]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert says in line


@pytest.mark.parametrize(
    ("verdict", "usual"),
    [('"normal"', True), ('"normal"\nuntil = 2020-01-01', False), ('"real"', False)],
)
def test_a_verdict_decides_unless_it_has_expired(
    learn: Callable[..., int], tmp_path: Path, verdict: str, usual: bool
) -> None:
    write(tmp_path / "nova-compute.log", 72, *OUTAGE)
    Path("mine.toml").write_text(f'[[verdict]]\nhash = "{stable_hash(FAILURE):016x}"\nverdict = {verdict}\n')
    assert learn("nova-compute.log", "-o", "own.gz", "--verdicts", "mine.toml") == 0
    assert knows("own.gz", FAILURE) == usual


@pytest.mark.parametrize(("until", "code"), [("", 0), ("until = 2020-01-01\n", 1)])
def test_what_is_normal_here_does_not_count_in_score(
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    until: str,
    code: int,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "nova-compute.log", 1)
    verdicts_path().parent.mkdir(parents=True)
    verdicts_path().write_text(f'[[verdict]]\ntemplate = "{ROUTINE}"\nverdict = "normal"\n{until}')
    arguments = ["--artifacts", str(model), "--threshold", "0", "-o", "out.jsonl"]
    assert cli.run(["score", "nova-compute.log", *arguments]) == code
    records = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert {(record["flagged"], record["muted"], record["verdict"]) for record in records} == {
        (True, False, None if until else "normal")
    }
    assert ("12 flagged events normal by verdict" in capsys.readouterr().err) == (not until)


@pytest.mark.slow
def test_the_second_half_s_outages_are_found_by_the_shipped_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same incident is in the log that is learned, and in the one after it."""
    monkeypatch.chdir(tmp_path)
    for name, seed in (("first.log", 3), ("second.log", 4)):
        records = simulate(
            Scenario(
                seed=seed,
                duration_s=900.0,
                start=datetime(2026, 3, 3, 9 + seed, tzinfo=UTC),
                deployment=Deployment.typical(),
                incidents=[("port_binding_failed", 500.0)],
            )
        )
        Path(name).write_text("".join(f"{line}\n" for record in records for line in record.lines))
    flagged = {}
    for name, options in (("careful.gz", ()), ("all.gz", ("--keep-flagged",))):
        assert cli.run(["learn", "first.log", "-o", name, *options]) == 0
        capsys.readouterr()
        assert cli.run(["learn", "--check", "second.log", "-o", name]) == 0
        flagged[name] = int(capsys.readouterr().out.split(" ", maxsplit=1)[0])
    assert flagged["careful.gz"] > flagged["all.gz"]
