"""The shipped samples are what the commands in their note make, and small."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.simulate import read_truth, truth_path
from tui.commands.simulate import simulate

SAMPLES = Path(__file__).parents[2] / "sample_logs"
COMMANDS = [
    shlex.split(line)[2:]
    for line in (SAMPLES / "README.md").read_text(encoding="utf-8").splitlines()
    if line.strip().startswith("tailsight simulate")
]
NAMES = [Path(command[0]).name for command in COMMANDS]


def test_every_sample_is_in_the_notes() -> None:
    truths = SAMPLES.glob("*.truth.jsonl")
    assert sorted(name.removesuffix(".log") for name in NAMES) == sorted(
        path.name.removesuffix(".truth.jsonl") for path in truths
    )
    assert len(NAMES) >= 4


def contents(sample: Path) -> dict[str, bytes]:
    """Return the bytes of a log, or of all files of a folder of logs."""
    files = [sample] if sample.is_file() else [path for path in sample.rglob("*") if path.is_file()]
    return {path.relative_to(sample.parent).as_posix(): path.read_bytes() for path in files}


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_sample_is_made_by_its_command(command: list[str], tmp_path: Path) -> None:
    sample = SAMPLES / Path(command[0]).name
    made = tmp_path / sample.name
    result = CliRunner().invoke(simulate, [str(made), *command[1:]], standalone_mode=False)
    assert result.exception is None, result.output
    assert contents(made) == contents(sample)
    assert truth_path(made).read_bytes() == truth_path(sample).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_small_and_holds_what_its_name_says(name: str) -> None:
    sample = SAMPLES / name
    written = contents(sample)
    assert sum(map(len, written.values())) < (300_000 if sample.is_file() else 400_000)
    header, truths = read_truth(truth_path(sample))
    kinds = {incident["kind"] for incident in header["incidents"]}
    assert kinds == ({sample.stem} - {"healthy"})
    assert bool(truths) == bool(kinds)


def test_the_truth_of_a_host_names_its_files_and_lines() -> None:
    sample = SAMPLES / "broker_partition"
    _, truths = read_truth(truth_path(sample))
    first = truths[0]
    assert (first.file, first.role) == ("rabbitmq/rabbit@ctl01.log", "cause")
    for truth in truths:
        lines = (sample / truth.file).read_text(encoding="utf-8").splitlines()
        assert 1 <= truth.line <= truth.line + truth.lines - 1 <= len(lines)
    assert "rabbit on node rabbit@ctl02 down" in (sample / first.file).read_text().splitlines()[first.line - 1]
