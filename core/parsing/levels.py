"""The level of a line on the one scale of events, from the names and numbers that programs write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from core.parsing.tables import read_table

_TABLES: Final[dict[str, dict[str, str]]] = {
    name: {key: level for key, level in table.items() if key != "source"}
    for name, table in read_table("levels").items()
}
COMMON: Final[Mapping[str, str]] = _TABLES["common"]
SEVERITY: Final[Mapping[str, str]] = _TABLES["severity"]

OSLO: Final = {
    **{name: name for name in ("TRACE", "DEBUG", "INFO", "AUDIT", "WARNING", "ERROR", "CRITICAL")},
    "WARN": "WARNING",
    "FATAL": "CRITICAL",
}
"""The levels as oslo.log writes them -> as events have them."""

_NAMES: Final = "|".join(sorted(set(COMMON) - {"audit", "wan"}, key=len, reverse=True))
"""Words that are a level where a message begins with them: `audit:` is how the kernel begins those of its own."""
_LEADING: Final = re.compile(
    rf"""[^\w\s]{{0,2}}(?P<bare>(?i:{_NAMES}))(?:[\]>)]?:|\ *[\]>)])    # error:  [error ]  <warn>  ERROR]:
    | (?P<upper>{_NAMES.upper()})\b
    | (?P<letter>[EWIF])\d{{4}}\b                                      # klog: E0303
    """,
    re.VERBOSE,
)
_PAIR: Final = re.compile(r'(?:(?!level=|lvl=)[\w.]+=\S+ +){0,6}+(?:level|lvl)="?(\w+)')
_LONGEST_WORD: Final = 24
"""Of those that name a level, with brackets and what stands before them."""


def table(name: str) -> Mapping[str, str]:
    """Return a table of levels by name; KeyError for a name that is not in `levels.toml`."""
    return _TABLES[name]


def level_of(name: str, levels: Mapping[str, str] = COMMON) -> str:
    """Give the level that a program's name or number stands for; empty for one that the table does not have."""
    return levels.get(name.lower(), "")


def leading_level(message: str) -> str:
    """Give the level that a message begins with, as a word of its own; empty where it begins with none."""
    head = message[:_LONGEST_WORD].lstrip(" ")
    # a word is often met again; what begins with a bracket is often a number
    level = _level_in(head.partition(" ")[0]) if head[:1].isalpha() else _level_in.__wrapped__(head)
    if level or "l=" not in message:
        return level
    pair = _PAIR.match(message)  # logfmt: level=error, lvl=eror
    return level_of(pair[1], _TABLES["logfmt"]) if pair is not None else ""


@lru_cache(maxsize=4096)
def _level_in(word: str) -> str:
    match = _LEADING.match(word)
    if match is None:
        return ""
    letter = match["letter"]
    return level_of(letter, _TABLES["letter"]) if letter else level_of(match["bare"] or match["upper"])


def severity_of(priority: str) -> str:
    """Give the level of a syslog priority `<PRI>`, whose lowest three bits are the severity."""
    return SEVERITY[str(int(priority) & 7)]
