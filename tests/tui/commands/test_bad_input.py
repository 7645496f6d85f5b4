"""What a user can get wrong: one clear line on standard error, exit code 2, nothing on standard output."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.artifacts import verify
from tui import cli

LINE = "2018-06-27 05:21:45.375 29713 INFO nova.compute.manager [-] Running instance usage audit\n"


@pytest.fixture
def there(tmp_path: Path, model: Path) -> Path:
    """A folder with one of everything that can be wrong."""
    (tmp_path / "good.log").write_text(LINE * 3)
    (tmp_path / "empty.log").write_bytes(b"")
    (tmp_path / "binary.log").write_bytes(b"\x7fELF" + bytes(4096))
    (tmp_path / "cut.log.gz").write_bytes(gzip.compress(LINE.encode(), mtime=0)[:10])
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "wtmp").write_bytes(b"\x08\x00\x00\x00" * 300)
    (tmp_path / "model").symlink_to(model)
    with (shutil.copytree(model, tmp_path / "altered") / "best_model.pth").open("r+b") as file:
        file.seek(1000)
        file.write(b"\x00\xff\x00")
    manifest = shutil.copytree(model, tmp_path / "older") / "manifest.json"
    manifest.write_bytes(replace(verify(model), schema_version=7).render())
    return tmp_path


@pytest.fixture
def complaint(there: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run a command line in the folder and return its one line of complaint."""
    monkeypatch.chdir(there)

    def run(*arguments: str) -> str:
        assert cli.run(arguments) == 2
        captured = capsys.readouterr()
        assert captured.out == ""
        assert captured.err.startswith("tailsight: ")
        assert captured.err.count("\n") == 1, captured.err
        return captured.err

    return run


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("missing.log", "does not exist"),
        ("empty.log", "is empty"),
        ("binary.log", "binary"),
        ("folder", "is a directory"),
        ("cut.log.gz", "damaged or incomplete"),
    ],
)
@pytest.mark.parametrize("command", ["score", "export"])
def test_a_path_that_cannot_be_scored(complaint: Callable[..., str], command: str, path: str, says: str) -> None:
    line = complaint(command, path, "--artifacts", "model")
    assert says in line
    assert path in line


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("pipe", "it is not a regular file"),
        ("folder", "it is a folder"),
        ("good.log", "it is read and would be written over"),
    ],
)
def test_a_checkpoint_is_kept_in_a_file_alone(complaint: Callable[..., str], path: str, says: str) -> None:
    os.mkfifo("pipe")
    before = Path(path).lstat() if Path(path).exists() else None
    line = complaint("watch", "good.log", "--headless", "--artifacts", "model", "--checkpoint", path)
    assert says in line
    assert before is None or Path(path).lstat() == before
    if path != "good.log":  # which is no input here
        assert says in complaint("train", "-o", "new", "--checkpoint", path)


@pytest.mark.parametrize(("path", "says"), [("pipe", "is not a regular file"), ("missing.log", "does not exist")])
def test_what_cannot_be_watched_to_its_end(complaint: Callable[..., str], path: str, says: str) -> None:
    os.mkfifo("pipe")

    assert f"{path} {says}" in complaint("watch", "--headless", "--until", "EOF", path, "--artifacts", "model")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(complaint: Callable[..., str], there: Path) -> None:
    (there / "good.log").chmod(0)
    assert "permission" in complaint("score", "good.log").lower()


def test_one_bad_file_among_good_ones_leaves_nothing_half_done(complaint: Callable[..., str], there: Path) -> None:
    complaint("score", "good.log", "missing.log", "--output-dir", "out")
    assert not list(there.glob("out/*"))


@pytest.mark.parametrize("threshold", ["1.5", "-0.1", "nan", "inf", "half"])
@pytest.mark.parametrize("command", [["score", "good.log"], ["watch", "--headless", "good.log"], ["demo"]])
def test_a_threshold_that_is_none(complaint: Callable[..., str], command: list[str], threshold: str) -> None:
    assert "--threshold" in complaint(*command, f"--threshold={threshold}")


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "+25:00"])
@pytest.mark.parametrize("command", ["score", "export", "learn"])
def test_a_time_zone_that_is_none(complaint: Callable[..., str], command: str, zone: str) -> None:
    assert f"unknown time zone '{zone}'" in complaint(command, "good.log", f"--timezone={zone}")


@pytest.mark.parametrize(
    ("folder", "says"),
    [("nowhere", "no artifact folder"), ("altered", "refused"), ("older", "schema"), ("good.log", "")],
)
@pytest.mark.parametrize("command", [["score", "good.log"], ["info"], ["watch", "--headless", "good.log"]])
def test_an_artifact_folder_that_cannot_be_used(
    complaint: Callable[..., str], command: list[str], folder: str, says: str
) -> None:
    line = complaint(*command, "--artifacts", folder)
    assert says in line
    assert folder in line


@pytest.mark.parametrize("device", ["cuda:99", "mps:3", "abacus"])
def test_a_device_that_is_not_there(complaint: Callable[..., str], device: str) -> None:
    assert device in complaint("score", "good.log", "--artifacts", "model", "--device", device)


@pytest.mark.parametrize("output", ["nowhere/out.jsonl", "folder"])
@pytest.mark.parametrize("command", ["score", "export"])
def test_an_output_that_cannot_be_written(
    complaint: Callable[..., str], command: str, output: str, there: Path
) -> None:
    line = complaint(command, "good.log", "-o", output)
    assert output in line
    assert not (there / "nowhere").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["watch", "good.log"], "--headless"),
        (["demo"], "terminal"),
        (["watch", "good.log", "--flagged-only"], "--headless"),
        (["watch", "good.log", "--until", "EOF"], "--headless"),
        (["watch", "good.log", "--headless", "--until", "noon"], "noon"),
        (["watch", "--headless", "-"], "tailsight score -"),
        (["watch", "--headless", "binary.log"], "binary"),
        (["watch", "--headless", "folder"], "no log files"),
        (["watch", "--headless", "nowhere/later.log"], "nowhere"),
        (["score", "good.log", "-o", "a", "--output-dir", "b"], "--output-dir"),
        (["score", "good.log", "folder/../good.log", "--output-dir", "b"], "good.jsonl"),
        (["score"], "Missing argument"),
        (["score", "good.log", "--baseline", "none.gz"], "tailsight learn"),
        (["learn", "missing.log"], "does not exist"),
        (["evaluate", "good.log", "--corpus", "folder"], "give one of the two"),
        (["evaluate", "--plot", "curves.gif"], ".svg"),
        (["evaluate", "--unlabelled"], "needs a LOG"),
        (["evaluate", "good.log", "--learn-first-half"], "add --unlabelled"),
        (["evaluate", "good.log", "--unlabelled", "--peers"], "--json alone"),
        (["evaluate", "--unlabelled", "-"], "name files"),
        (["config"], "--print"),
    ],
)
def test_what_cannot_be_meant(complaint: Callable[..., str], arguments: list[str], says: str) -> None:
    assert says in complaint(*arguments)


def test_a_terminal_that_can_show_nothing_gets_one_line(
    complaint: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert "--headless" in complaint("watch", "good.log")


def test_a_sample_that_does_not_exist_names_those_that_do(complaint: Callable[..., str]) -> None:
    line = complaint("demo", "--sample", "nothing")
    assert "unknown sample 'nothing' (broker_partition, healthy, port_binding_failed, slow_spawn)" in line


def test_a_sample_has_neither_a_seed_nor_a_pace(complaint: Callable[..., str]) -> None:
    for option in ("--seed", "--speed"):
        assert "belong to the simulation" in complaint("demo", "--sample", "healthy", option, "1")


def test_a_name_with_controls_in_it_is_printed_escaped(complaint: Callable[..., str]) -> None:
    assert "\x1b" not in complaint("score", "no\x1b]0;such\x07.log")


def test_no_artifact_folder_is_touched_by_reading_it(complaint: Callable[..., str], there: Path) -> None:
    before = sorted(path.stat().st_mtime_ns for path in (there / "older").iterdir())
    complaint("info", "--artifacts", "older")
    assert sorted(path.stat().st_mtime_ns for path in (there / "older").iterdir()) == before
    shutil.rmtree(there / "older")
    assert "older" in complaint("info", "--artifacts", "older")
