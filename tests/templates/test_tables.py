from __future__ import annotations

import re
from pathlib import Path

import pytest

from core.schema import CATEGORICAL
from core.templates import tables
from core.templates.tables import alternatives, entries, pairs

TABLES = sorted(Path(tables.__file__).parent.glob("*.txt"))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_a_table_names_its_source_and_has_no_entry_twice(table: Path) -> None:
    assert "\n# Source: " in table.read_text(encoding="utf-8")
    found = entries(table.stem)
    assert len(found) == len(set(found)) > 0
    assert all(entry == entry.strip() for entry in found)


@pytest.mark.parametrize("name", ["kinds_by_logger", "kinds_by_words"])
def test_a_table_of_kinds_gives_a_pattern_for_kinds_of_the_schema(name: str) -> None:
    for kind, pattern in pairs(name):
        assert kind in CATEGORICAL["kind"]
        re.compile(pattern)


@pytest.mark.parametrize("keyword", [entry for entry in entries("failure_keywords") if re.fullmatch(r"[\w ]+", entry)])
def test_a_plain_failure_keyword_is_found_in_a_message(keyword: str) -> None:
    assert re.search(alternatives("failure_keywords"), f"it says {keyword} here")


def test_an_entry_is_in_one_table_of_path_segments_alone() -> None:
    assert not set(entries("http_collections")) & set(entries("http_actions"))
