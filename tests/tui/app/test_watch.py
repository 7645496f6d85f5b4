"""The real command on a growing log, in a real pseudo-terminal, from the first row to the export."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.helpers.artifact import build_artifact
from tests.helpers.terminal import Terminal

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

LINE = "2026-03-03 09:00:{:02d}.000 2931 {} nova.compute.manager [req-{:04d} - - - - -] {}\n"


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (40, 10)])
def test_a_session_from_watching_to_exporting(tmp_path: Path, columns: int, rows: int) -> None:
    artifacts = build_artifact(tmp_path / "artifacts")
    log, exported = tmp_path / "nova-compute.log", tmp_path / "found.json"
    log.write_text("".join(LINE.format(second, "INFO", second, f"tick {second}") for second in range(20)))
    command = [sys.executable, "-m", "tui", "watch", str(log), "--artifacts", str(artifacts), "--threshold", "0"]
    environment = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "LC_ALL": "C.UTF-8"}
    with Terminal(command, columns=columns, rows=rows, environment=environment) as terminal:
        terminal.wait_until("tick 19")
        with log.open("a") as file:
            file.write(LINE.format(20, "ERROR", 20, "boom went the instance") + LINE.format(21, "INFO", 21, "after"))
        terminal.wait_until("boom")

        terminal.press("T")
        terminal.wait_until("threshold")
        terminal.press("1\r")
        terminal.wait_until("at 1.00")
        terminal.press("T0\r")
        terminal.wait_until("at 0.00")

        terminal.press("/")
        terminal.wait_until("regular")
        terminal.press("tick 7$\r")
        terminal.wait_until(lambda text: "›" in text and "tick 7" in text)

        terminal.press("x")
        terminal.wait_until("why?")
        terminal.press("CHG-1\r")
        terminal.wait_until("how long")
        terminal.press("7d\r")
        terminal.wait_until("muted")
        assert "CHG-1" in (tmp_path / "config" / "tailsight" / "mutes.toml").read_text()

        terminal.press("s")
        terminal.wait_until("export")
        terminal.press("\x15")
        terminal.wait_until("a new")
        terminal.press(f"{exported}\r")
        terminal.wait_until("exported")
        terminal.press("q")
        assert terminal.exit_code() == 0
    document = json.loads(exported.read_text())
    messages = [event["message"] for event in document["events"]]
    assert "boom went the instance" in messages
    assert not any(message.startswith("tick") for message in messages)
    assert document["events"][0]["flagged"]
