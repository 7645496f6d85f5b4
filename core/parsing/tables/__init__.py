"""The tables of parsing, as TOML files that name their sources: forms of lines, levels, services, JSON fields."""

from __future__ import annotations

import tomllib
from importlib import resources
from typing import Any


def read_table(name: str) -> dict[str, Any]:
    """Read `name.toml` of this folder."""
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def table_names(prefix: str) -> list[str]:
    """Name the tables whose names begin so, without their ending, in order."""
    names = (entry.name for entry in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in names if name.startswith(prefix) and name.endswith(".toml"))
