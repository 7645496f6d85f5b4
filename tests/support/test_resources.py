from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.support import resources


def test_shipped_files_are_beside_core_in_a_source_tree() -> None:
    root = Path(resources.__file__).parents[2]
    assert resources.artifacts_path() == root / "artifacts"
    assert resources.sample_logs_path() == root / "sample_logs"


def test_shipped_files_are_inside_core_when_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_CORE", tmp_path)
    for name in ("artifacts", "sample_logs"):
        (tmp_path / "_data" / name).mkdir(parents=True)
    assert resources.artifacts_path() == tmp_path / "_data" / "artifacts"
    assert resources.sample_logs_path() == tmp_path / "_data" / "sample_logs"


def test_every_sample_of_the_page_about_them_has_a_name() -> None:
    page = (resources.sample_logs_path() / "README.md").read_text()
    rows = re.findall(r"^\| `([\w.]+)/?` \|", page, re.MULTILINE)
    assert sorted(path.name for path in resources.sample_logs().values()) == sorted(rows)
