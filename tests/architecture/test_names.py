"""One name for one thing: a public class or function of core or tui has a name that no other module uses."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED: dict[str, str] = {}
"""Names that several modules may define, with what they are there."""


def public_definitions() -> dict[str, set[str]]:
    """Map every public top-level class and function to the modules that define it.

    A command (a decorated function of `tui.commands`) is left out: its name is what a person types, and may be that of
    the function of core which it runs.
    """
    modules: dict[str, set[str]] = defaultdict(set)
    for path in sorted(path for package in ("core", "tui") for path in (ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if not isinstance(node, ast.ClassDef | ast.FunctionDef) or node.name.startswith("_"):
                continue
            if not (module.startswith("tui.commands.") and is_command(node)):
                modules[node.name].add(module)
    return modules


def is_command(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """Whether a decorator makes a command of click of a function."""
    return any("command" in ast.unparse(decorator) for decorator in node.decorator_list)


SHARED_NOW = {name: modules for name, modules in public_definitions().items() if len(modules) > 1}


def test_a_public_name_is_defined_in_one_module() -> None:
    assert {name: modules for name, modules in SHARED_NOW.items() if name not in SHARED} == {}


def test_every_exception_is_needed() -> None:
    assert set(SHARED) - set(SHARED_NOW) == set()
