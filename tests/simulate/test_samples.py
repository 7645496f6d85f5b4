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
    assert sorted(NAMES) == sorted(path.name for path in SAMPLES.glob("*.log"))
    assert len(NAMES) >= 4


@pytest.mark.parametrize("command", COMMANDS, ids=NAMES)
def test_a_sample_is_made_by_its_command(command: list[str], tmp_path: Path) -> None:
    sample = SAMPLES / Path(command[0]).name
    made = tmp_path / sample.name
    result = CliRunner().invoke(simulate, [str(made), *command[1:]], standalone_mode=False)
    assert result.exception is None, result.output
    assert made.read_bytes() == sample.read_bytes()
    assert truth_path(made).read_bytes() == truth_path(sample).read_bytes()


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_small_and_holds_what_its_name_says(name: str) -> None:
    sample = SAMPLES / name
    assert sample.stat().st_size < 300_000
    header, truths = read_truth(truth_path(sample))
    kinds = {incident["kind"] for incident in header["incidents"]}
    assert kinds == ({sample.stem} - {"healthy"})
    assert bool(truths) == bool(kinds)
