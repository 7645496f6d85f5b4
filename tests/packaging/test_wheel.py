"""The wheel: built without a network, installed elsewhere, it finds its model and samples and runs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def pip(*arguments: str | Path) -> None:
    """Run this environment's pip, offline."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the source tree."""
    folder = tmp_path_factory.mktemp("dist")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel installed, and nothing else."""
    folder = tmp_path_factory.mktemp("site")
    pip("install", "--no-deps", "--no-index", "--target", folder, wheel)
    return folder


def run_installed(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python on the installed copy, away from the source tree."""
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=installed, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_has_the_code_the_model_and_the_samples_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {"core/pipeline.py", "tui/cli.py", "tui/app/app.tcss", "core/_data/artifacts/manifest.json"} <= names
    tables = [*(ROOT / "core/templates/tables").glob("*.txt"), *(ROOT / "core/parsing/tables").glob("*.toml")]
    assert {str(path.relative_to(ROOT)) for path in tables} <= names
    assert any(name.startswith("core/_data/sample_logs/") for name in names)
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"core", "tui"}


def test_all_that_is_in_the_artifact_folder_is_in_the_wheel(wheel: Path) -> None:
    packed = {name.removeprefix("core/_data/") for name in zipfile.ZipFile(wheel).namelist()}
    assert {f"artifacts/{path.name}" for path in (ROOT / "artifacts").iterdir()} <= packed


def test_an_installed_wheel_finds_its_own_model_and_samples(installed: Path) -> None:
    program = "from core.support import resources as r; print(r.artifacts_path(), r.sample_logs_path())"
    done = run_installed(installed, "-c", program)
    assert done.stdout.split() == [f"{installed}/core/_data/artifacts", f"{installed}/core/_data/sample_logs"]


def test_the_installed_command_says_its_version_and_scores_a_sample(installed: Path) -> None:
    version = run_installed(installed, "-m", "tui", "--version")
    assert version.stdout.startswith("tailsight ")
    sample = next((installed / "core/_data/sample_logs").glob("*.log"))
    done = run_installed(installed, "-m", "tui", "score", str(sample))
    assert done.returncode in {0, 1}, done.stderr
    assert done.stdout.count("\n") > 10
