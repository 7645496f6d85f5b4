from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.helpers.artifact import build_artifact


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for tests that leave it as it was."""
    return build_artifact(tmp_path_factory.mktemp("artifact"))


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    """A folder of the test's own."""
    return Path(shutil.copytree(built, tmp_path / "artifacts"))
