"""`tailsight watch` in a real terminal, as an operator uses it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.helpers.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Append = Callable[[int], None]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log that is watched; not there yet."""
    return tmp_path / "nova.log"


@pytest.fixture
def append(log: Path, log_lines: list[str]) -> Append:
    """Append the next lines to the log."""
    lines = iter(log_lines)

    def run(count: int) -> None:
        with log.open("a", encoding="utf-8") as file:
            file.writelines(f"{next(lines)}\n" for _ in range(count))

    return run


@pytest.fixture
def watching(log: Path, model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Terminal]]:
    """Start `watch` on the log in a terminal of a size."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("TMUX", raising=False)
    started: list[Terminal] = []

    def start(columns: int, rows: int) -> Terminal:
        command = [sys.executable, "-m", "tui", "watch", str(log), "--artifacts", str(model), "--threshold", "0.01"]
        started.append(Terminal(command, columns=columns, rows=rows))
        return started[-1]

    yield start
    for terminal in started:
        terminal.__exit__(None, None, None)


def test_a_log_that_grows_is_followed_searched_exported_and_left(
    watching: Callable[..., Terminal], append: Append, log: Path, log_lines: list[str]
) -> None:
    append(20)
    terminal = watching(80, 24)
    terminal.wait_until("scored 20", 60)
    append(5)
    terminal.wait_until("scored 25")

    terminal.press("]")
    terminal.wait_until("0.02")
    terminal.press("\x1b")
    terminal.wait_until(lambda text: "0.02" not in text)

    exported = log.parent / "found.json"
    terminal.press("s")
    terminal.wait_until("export")
    terminal.press("\x15")
    terminal.wait_until("a new file")
    terminal.press(f"{exported}\r")
    terminal.wait_until("exported")
    document = json.loads(exported.read_text())
    assert document["schema"] == "tailsight.flagged/1"
    assert document["summary"]["sequence_length"] == 25
    assert document["summary"]["num_anomalies"] == len(document["events"]) == 25
    assert all(event["flagged"] for event in document["events"])

    terminal.press("q")
    assert terminal.exit_code() == 0


def test_a_log_that_is_not_there_yet_is_waited_for_visibly(watching: Callable[..., Terminal], append: Append) -> None:
    terminal = watching(80, 24)
    terminal.wait_until("does not exist yet", 60)
    append(3)
    terminal.wait_until("scored 3")


@pytest.mark.parametrize(("columns", "rows"), [(40, 10), (200, 60)])
def test_it_is_usable_at_any_size(watching: Callable[..., Terminal], append: Append, columns: int, rows: int) -> None:
    append(12)
    terminal = watching(columns, rows)
    terminal.wait_until(lambda text: text.count("INFO") >= 3 or text.count("09:0") >= 3, 60)
    terminal.resize(80, 24)
    terminal.wait_until("scored 12")
    terminal.press("?")
    terminal.wait_until("half a page down")
    terminal.press("q")
    terminal.wait_until(lambda text: "half a page down" not in text)
    terminal.press("q")
    assert terminal.exit_code() == 0
