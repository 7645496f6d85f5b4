"""The tables of words and patterns, read once at import.

A table is a text file: one entry a line, in an order that may matter; lines that begin with `#` name its meaning and
its source.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent


def entries(name: str) -> tuple[str, ...]:
    """Return the entries of a table in their order."""
    lines = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def pairs(name: str) -> tuple[tuple[str, str], ...]:
    """Return the entries of a table of two columns: a word, then the rest of the line."""
    return tuple((word, rest) for word, rest in (line.split(maxsplit=1) for line in entries(name)))


def alternatives(name: str) -> str:
    """Return a regular expression that matches any entry, tried in their order."""
    return "|".join(entries(name))
