"""The level of a line on the one scale of events, from the names and numbers that programs write."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
    rf"""\ {{0,4}}+(?:[^\w\s]{{0,2}}(?P<bare>(?i:{_NAMES}))(?:[\]>)]?:|\ *[\]>)])  # error:  [error ]  <warn>
    | (?P<upper>{_NAMES.upper()})\b
    | (?:(?!level=|lvl=)[\w.]+=\S+\ +){{0,4}}+(?:level|lvl)="?(?P<pair>\w+)  # logfmt: level=error
    | (?P<letter>[EWIF])\d{{4}}\b)                                                            # klog: E0303
    """,
    re.VERBOSE,
)


def table(name: str) -> Mapping[str, str]:
    """Return a table of levels by name; KeyError for a name that is not in `levels.toml`."""
    return _TABLES[name]


def level_of(name: str, levels: Mapping[str, str] = COMMON) -> str:
    """Give the level that a program's name or number stands for; empty for one that the table does not have."""
    return levels.get(name.lower(), "")


def leading_level(message: str) -> str:
    """Give the level that a message begins with, as a word of its own; empty where it begins with none."""
    match = _LEADING.match(message)
    if match is None:
        return ""
    letter = match["letter"]
    if letter:
        return level_of(letter, _TABLES["letter"])
    pair = match["pair"]
    return level_of(pair, _TABLES["logfmt"]) if pair else level_of(match["bare"] or match["upper"] or "")


def severity_of(priority: str) -> str:
    """Give the level of a syslog priority `<PRI>`, whose lowest three bits are the severity."""
    return SEVERITY[str(int(priority) & 7)]
