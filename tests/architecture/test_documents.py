"""What the documents name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

NAMED = sorted(
    (document.name, path)
    for document in ROOT.glob("*.md")
    for path in set(re.findall(r"`((?:core|tui|tests|docs|artifacts|sample_logs)/[\w./-]+)`", document.read_text()))
)


@pytest.mark.parametrize(("document", "path"), NAMED)
def test_a_file_that_a_document_names_exists(document: str, path: str) -> None:
    assert (ROOT / path).exists()


def test_every_defence_names_the_tests_that_show_it() -> None:
    rows = [line for line in (ROOT / "SECURITY.md").read_text().splitlines() if line.startswith("| ")]
    defences = [row for row in rows if not row.startswith("| threat")]
    assert len(defences) > 15
    without = [row for row in defences if "`tests/" not in row.rstrip("| ").split(" | ")[-1]]
    assert all("Not prevented" in row or "Nothing is sent" in row for row in without)
