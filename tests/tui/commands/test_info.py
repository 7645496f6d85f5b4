"""`tailsight info`: what a threshold means, and by whose calibration."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from core.baseline import Baseline
from core.decision.record import StreamRecord
from tui import cli


@pytest.fixture
def info(model: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run `tailsight info` on the model and return what it prints."""

    def run(*arguments: str) -> str:
        assert cli.run(["info", "--artifacts", str(model), *arguments]) == 0
        return capsys.readouterr().out

    return run


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site's baseline with a record."""
    path = tmp_path / "own.json.gz"
    path.write_bytes(Baseline().with_calibration({"record": StreamRecord(40.0).to_plain()}).to_bytes())
    return path


def test_without_a_site_it_is_the_shipped_calibration(info: Callable[..., str]) -> None:
    text = info()
    assert "by the shipped calibration; services that it does not know: by the log's own past" in text
    assert "      0.5               0.1     50%" in text


def test_with_a_site_that_kept_a_record_it_is_the_sites(info: Callable[..., str], site: Path) -> None:
    text = info("--baseline", str(site))
    assert "by this site's calibration, of 40 hours of its logs" in text
    assert "      0.5               0.1       -" in text
    facts = json.loads(info("--baseline", str(site), "--json"))
    assert facts["calibrated_by"] == {"origin": "site", "hours": 40.0}
    assert all(point["recall"] is None for point in facts["calibration"])


def test_a_site_without_a_record_is_calibrated_as_shipped_at_first(info: Callable[..., str], tmp_path: Path) -> None:
    path = tmp_path / "own.json.gz"
    path.write_bytes(Baseline().to_bytes())
    assert json.loads(info("--baseline", str(path), "--json"))["calibrated_by"]["origin"] == "shipped"
