"""Settings of the process: set for as long as they are wanted, and put back."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tui.process.bulk_mode import bulk_mode, network_threads
from tui.process.loading import collection_paused, freeze_loaded
from tui.process.scheduling import limit_spinning


def settings() -> tuple[float, tuple[int, int, int], bool]:
    return sys.getswitchinterval(), gc.get_threshold(), gc.isenabled()


def test_bulk_mode_lets_threads_take_turns_often_and_is_put_back_after_an_error() -> None:
    before = settings()
    with suppress(ValueError), bulk_mode():
        inside = settings()
        raise ValueError
    assert inside[0] < before[0]
    assert inside[1][0] > before[1][0]
    assert settings() == before


def test_collection_is_paused_for_a_block() -> None:
    with collection_paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_is_loaded_is_frozen() -> None:
    freeze_loaded()
    try:
        assert gc.get_freeze_count() > 1_000
    finally:
        gc.unfreeze()


@pytest.mark.parametrize(("cores", "threads"), [(None, 1), (1, 1), (2, 1), (4, 3), (64, 4)])
def test_bulk_work_leaves_a_core_and_takes_four_threads_at_most(
    cores: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: cores)
    assert network_threads() == threads


def test_a_setting_of_the_operator_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOMP_SPINCOUNT", "5")
    limit_spinning()
    assert os.environ["GOMP_SPINCOUNT"] == "5"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    limit_spinning()
    assert os.environ["GOMP_SPINCOUNT"] == "1000"


def test_live_mode_keeps_numpy_from_starting_threads() -> None:
    program = (
        "import threading, os; from tui.process.live_mode import enter_live_mode; enter_live_mode(); import numpy;"
        "numpy.ones((300, 300)) @ numpy.ones((300, 300)); print(len(os.listdir('/proc/self/task')))"
    )
    if not Path("/proc/self/task").is_dir():
        pytest.skip("the system does not list the threads of a process")
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "1"
