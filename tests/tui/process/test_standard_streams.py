"""Standard output that is full or closed costs one line and exit code 2; standard error costs nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
needs_full_device = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")

WRITERS = ("--version", "--help", "config --print", "simulate --list", "score {log}", "export {log}", "info")
FULL = "tailsight: cannot write standard output: the disk is full; free some space\n"
CLOSED = "tailsight: cannot write standard output: it is closed; send it to a file or a pipe\n"


def run_in_shell(arguments: str, redirection: str, home: Path) -> subprocess.CompletedProcess[str]:
    log = ROOT / "sample_logs" / "slow_spawn.log"
    command = f"exec '{sys.executable}' -m tui {arguments.format(log=log)} {redirection}"
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@needs_full_device
@pytest.mark.parametrize("arguments", [*WRITERS, "watch --headless --from start --until EOF {log}"])
def test_a_full_standard_output_is_one_line_and_exit_code_2(arguments: str, tmp_path: Path) -> None:
    done = run_in_shell(arguments, "> /dev/full", tmp_path)

    assert (done.returncode, done.stderr) == (2, FULL)


@pytest.mark.parametrize("arguments", [*WRITERS, "watch --headless --from start --until EOF {log}"])
def test_a_closed_standard_output_is_one_line_and_exit_code_2(arguments: str, tmp_path: Path) -> None:
    done = run_in_shell(arguments, ">&-", tmp_path)

    assert (done.returncode, done.stderr) == (2, CLOSED)


def test_a_command_that_writes_a_file_needs_no_standard_streams(tmp_path: Path) -> None:
    for name, redirection in (("open.log", ""), ("closed.log", "<&- >&- 2>&-")):
        assert run_in_shell(f"simulate --hours 0.01 {tmp_path / name}", redirection, tmp_path).returncode == 0

    assert (tmp_path / "closed.log").read_bytes() == (tmp_path / "open.log").read_bytes()


def test_a_closed_standard_input_is_empty(tmp_path: Path) -> None:
    done = run_in_shell("score -", "<&-", tmp_path)

    assert (done.returncode, done.stderr) == (2, "tailsight: standard input is empty: there is nothing to read\n")


@needs_full_device
@pytest.mark.parametrize("redirection", ["2> /dev/full", "2>&-"])
def test_a_standard_error_that_takes_nothing_changes_no_exit_code(redirection: str, tmp_path: Path) -> None:
    assert run_in_shell("config", redirection, tmp_path).returncode == 2
    assert run_in_shell("simulate --list", redirection, tmp_path).returncode == 0
