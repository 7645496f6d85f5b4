"""What the documents name is there, and what they say of numbers and rooms is so."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from core.episodes import GAP_SECONDS
from core.parsing.merge import HOLD_SECONDS
from core.reading.batch import BATCH_LINES, BATCH_SECONDS
from core.schema import FEATURE_NAMES, SEQUENCE_LENGTH, WINDOW_SECONDS
from tui.app.throttle import DRAW_SECONDS
from tui.app.worker import BACKLOG_LIMIT
from tui.commands.choice import NETWORK_PARAMETERS
from tui.config import Config

ROOT = Path(__file__).parents[2]
PAGES = ("README", "ARCHITECTURE", "CONTRIBUTING", "SECURITY", "docs/evaluation", "docs/performance")
TEXTS = {name: (ROOT / f"{name}.md").read_text(encoding="utf-8") for name in PAGES}
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")

PATHS = sorted(
    (page, path)
    for page, text in TEXTS.items()
    for path in set(re.findall(r"`((?:core|tui|tests|docs|artifacts|sample_logs|\.ci)/[\w./-]+)`", text))
)
LINKS = sorted(
    (page, link) for page, text in TEXTS.items() for link in set(re.findall(r"\]\((?!https?:)([^)#]+)", text))
)
TARGETS = sorted(
    (page, target)
    for page, text in TEXTS.items()
    for target in set(re.findall(r"(?:`|^    )(?:\w+=\w+ )?make ([a-z]+)", text, re.MULTILINE))
)
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
ROOMS = [
    (contract["containers"][0], layer.split(" | "))
    for contract in CONTRACTS
    if contract["type"] == "layers"
    for layer in contract["layers"]
]
WORDS = ("two", "three", "four", "five")


@pytest.mark.parametrize(("page", "path"), PATHS)
def test_a_path_that_a_page_names_exists(page: str, path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_of_a_page_leads_somewhere(page: str, link: str) -> None:
    assert ((ROOT / page).parent / link).exists()


@pytest.mark.parametrize(("page", "target"), TARGETS)
def test_a_target_of_make_that_a_page_names_exists(page: str, target: str) -> None:
    assert re.search(rf"^{target}:", MAKEFILE, re.MULTILINE)


@pytest.mark.parametrize(("package", "layer"), ROOMS)
def test_every_room_of_the_contracts_is_in_the_table_of_its_package(package: str, layer: list[str]) -> None:
    table = TEXTS["ARCHITECTURE"].partition(f"\n### {package}: ")[2].partition("\n#")[0]
    named = set(re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE))))
    assert set(layer) <= named


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("README", f"flagged events less than {GAP_SECONDS:.0f} s apart"),
        ("README", f"at most {SEQUENCE_LENGTH} events and {WINDOW_SECONDS / 60:.0f} minutes before it"),
        ("ARCHITECTURE", f"flagged events less than {GAP_SECONDS:.0f} s apart"),
        ("ARCHITECTURE", f"one of the {len(FEATURE_NAMES)} inputs of the network"),
        ("ARCHITECTURE", f"a causal Transformer of {NETWORK_PARAMETERS:,} parameters"),
        ("ARCHITECTURE", f"0 ≤ i − j < {SEQUENCE_LENGTH} and j is at most {WINDOW_SECONDS:.0f} s older"),
        ("ARCHITECTURE", f"held for at most {HOLD_SECONDS * 1_000:.0f} ms of log time"),
        ("ARCHITECTURE", f"at most {BATCH_SECONDS * 1_000:.0f} ms or {BATCH_LINES:,} lines"),
        ("ARCHITECTURE", f"the app is {WORDS[BACKLOG_LIMIT - 2]} messages behind"),
        ("ARCHITECTURE", f"a ring of {Config().history:,} rows"),
        ("ARCHITECTURE", f"at most {1 / DRAW_SECONDS:.0f} times a second"),
    ],
)
def test_a_number_that_a_page_gives_is_that_of_the_code(page: str, said: str) -> None:
    assert said in " ".join(TEXTS[page].split())


def test_every_defence_names_the_tests_that_show_it() -> None:
    rows = [line for line in TEXTS["SECURITY"].splitlines() if line.startswith("| ")]
    defences = [row for row in rows if not row.startswith("| threat")]
    assert len(defences) > 15
    without = [row for row in defences if "`tests/" not in row.rstrip("| ").split(" | ")[-1]]
    assert all("Not prevented" in row or "Nothing is sent" in row for row in without)
