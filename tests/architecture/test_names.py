"""One name for one thing: a public class, function or constant of core or tui is defined in one module."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLES = {"CATALOGUE", "CATALOGUES", "ECHOES", "INCIDENTS", "LIFECYCLES", "NORMALS", "TASKS"}
"""Tables of the simulator: each module of a room has its own part of them, and the room puts them together."""


def public_definitions() -> dict[str, set[str]]:
    """Map every public top-level class, function, constant and type to the modules that define it.

    A command (a decorated function of `tui.commands`) is left out: its name is what a person types, and may be that of
    the function of core which it runs.
    """
    modules: dict[str, set[str]] = defaultdict(set)
    for path in sorted(path for package in ("core", "tui") for path in (ROOT / package).rglob("*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            for name in defined_names(node):
                if not (module.startswith("tui.commands.") and is_command(node)):
                    modules[name].add(module)
    return modules


def defined_names(node: ast.stmt) -> list[str]:
    """Return the public names that a statement of a module defines."""
    match node:
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
            names = [name]
        case ast.Assign(targets=targets):
            names = [target.id for target in targets if isinstance(target, ast.Name)]
        case _:
            names = []
    return [name for name in names if not name.startswith("_")]


def is_command(node: ast.stmt) -> bool:
    """Whether a decorator makes a command of click of a function."""
    return isinstance(node, ast.FunctionDef) and any(
        "command" in ast.unparse(decorator) for decorator in node.decorator_list
    )


SHARED = {name: modules for name, modules in public_definitions().items() if len(modules) > 1}


def test_a_public_name_is_defined_in_one_module() -> None:
    assert {name: modules for name, modules in SHARED.items() if name not in TABLES} == {}


def test_only_the_simulator_has_tables_in_several_modules() -> None:
    assert set(SHARED) == TABLES
    assert all(module.startswith("core.simulate.") for name in TABLES for module in SHARED[name])
