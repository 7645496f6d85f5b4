"""What the app and the headless mode share: the followed stream, its checkpoint, and the demo's log."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.network.model import Transformer
from core.reading.checkpoint import checkpoint_path
from core.support.resources import sample_logs
from tests.helpers.terminal import Terminal
from tui import cli
from tui.commands.choice import NETWORK_PARAMETERS, ModelChoice
from tui.commands.demo import simulated_log


def test_the_checkpoint_belongs_to_the_paths_in_any_order(tmp_path: Path) -> None:
    one, two = tmp_path / "one.log", tmp_path / "two.log"
    assert checkpoint_path([one, two]) == checkpoint_path([two, one])
    assert checkpoint_path([one]) != checkpoint_path([two])


def test_the_demo_has_a_past_grows_and_leaves_nothing_behind() -> None:
    with simulated_log(seed=3, speed=2000.0) as log:
        past = log.stat().st_size
        assert past > 100_000
        grown = threading.Event()
        while log.stat().st_size == past:
            grown.wait(0.01)
    assert not log.parent.exists()


def test_the_model_is_checked_and_named_without_torch(model: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from tui.commands.choice import ModelChoice;"
        f"print(ModelChoice(Path({str(model)!r}), 'auto', 1, None).read()[0].sha256, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    named, calibration = ModelChoice(model, "auto", 1, None).read()
    assert done.stdout.split() == [named.sha256, "False"]
    assert calibration.threshold == 0.5


def test_the_network_has_the_parameters_that_exports_name() -> None:
    assert Transformer().parameter_count() == NETWORK_PARAMETERS


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_resuming_goes_on_with_the_first_line_that_was_not_scored(
    model: Path, log_lines: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "a.log"

    def run(start: str) -> list[int]:
        cli.run(["watch", "--headless", "--from", start, "--until", "EOF", str(log), "--artifacts", str(model)])
        return [json.loads(line)["line"] for line in capfd.readouterr().out.splitlines()]

    log.write_text("".join(f"{line}\n" for line in log_lines[:20]))
    assert run("start") == list(range(1, 21))
    with log.open("a") as file:
        file.writelines(f"{line}\n" for line in log_lines[20:30])
    assert run("resume") == list(range(21, 31))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_demo_opens_at_once_and_scores(model: Path) -> None:
    with Terminal([sys.executable, "-m", "tui", "demo", "--artifacts", str(model)], columns=100, rows=30) as terminal:
        terminal.wait_until("simulated OpenStack")
        terminal.wait_until(lambda text: "scored 1," in text)
        terminal.press("q")
        assert terminal.exit_code() == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_sample_is_shown_from_its_start_under_its_name(model: Path) -> None:
    sample = sample_logs()["healthy"]
    lines = sample.read_text().splitlines()
    command = [sys.executable, "-m", "tui", "demo", "--sample", "healthy", "--artifacts", str(model)]
    with Terminal(command, columns=120, rows=30) as terminal:
        terminal.wait_until("sample healthy")
        terminal.wait_until(f"scored {len(lines):,}")
        terminal.press("g")
        terminal.wait_until(lines[0].split()[2])
        terminal.press("q")
        assert terminal.exit_code() == 0
