"""What each part may load: no screen in core, nothing heavy before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCREEN = ("textual", "tui")  # rich and click come with httpx; that no module of ours asks for them, lint-imports sees
LEARNING = ("torch", "sklearn")
HEAVY = (*LEARNING, "numpy", "textual")


def modules_of(package: str) -> list[str]:
    """Names of all modules of a package in the source tree, found without importing any."""
    paths = sorted((ROOT / package).rglob("*.py"))
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths)
    return [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]


def loaded_by(modules: list[str], among: tuple[str, ...]) -> list[str]:
    """Which of the packages a fresh interpreter has loaded once it has imported the modules."""
    program = (
        f"import sys, importlib\nfor name in {modules!r}: importlib.import_module(name)\n"
        f"print(*[name for name in {among!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.slow
def test_no_module_of_core_loads_a_screen() -> None:
    assert loaded_by(modules_of("core"), SCREEN) == []


@pytest.mark.parametrize(
    "station",
    ["events", "errors", "schema", "reading", "parsing", "templates", "history", "export", "decision.mutes", "alerts"],
)
def test_a_room_before_the_network_loads_no_learning_library(station: str) -> None:
    assert loaded_by([f"core.{station}"], LEARNING) == []


def test_the_command_line_loads_nothing_heavy() -> None:
    assert loaded_by(["tui.cli"], HEAVY) == []


@pytest.mark.parametrize("module", modules_of("tui/commands"))
def test_a_command_loads_nothing_heavy_before_it_runs(module: str) -> None:
    assert loaded_by([module], HEAVY) == []


def test_the_screen_is_there_before_torch() -> None:
    assert loaded_by(["tui.app.app"], LEARNING) == []
