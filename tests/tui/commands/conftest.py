"""What the tests of the command line share: a model, logs, and a user without settings of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.simulate import Scenario, simulate
from tests.helpers.artifact import build_artifact


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact folder with random weights."""
    return build_artifact(tmp_path_factory.mktemp("cli") / "model")


@pytest.fixture(scope="session")
def log_lines() -> list[str]:
    """Lines of a simulated cloud, in the order of time."""
    records = simulate(Scenario(seed=11, duration_s=300.0))
    return [line for record in records for line in record.lines]


@pytest.fixture(autouse=True)
def nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep settings, mutes and baselines of whoever runs the tests out of them."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    monkeypatch.delenv("TAILSIGHT_SLACK_WEBHOOK", raising=False)
