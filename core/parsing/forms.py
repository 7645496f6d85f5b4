r"""The table of forms: how a line is recognised, and where its stamp, level, writer and message stand.

A form is a row of `tables/forms_*.toml`, in the order in which they are tried:

    [[form]]
    name = "OVS"                        # said in the sources pane and in tests
    about = "Open vSwitch, vlog file pattern"      # where the form is described
    kind = "record"                     # see `Kind`
    starts = "digit"                    # what such a line begins with: characters, or digit, upper, lower, blank, any
    pattern = '''%{iso}\|\d+\|(?P<logger>[^|]+)\\|(?P<level>[A-Z]+)\\|(?P<message>.*)'''
    [[form.sample]]                     # a line, and the fields that have to come: tested
    line = "..."
    level = "INFO"

`%{name}` stands for a spelling of a stamp (`stamps.SPELLINGS`) or for one of `FRAGMENTS`. The groups that mean
something are those of `GROUPS`; a form without a group `message` keeps the whole line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any, Final

from core.parsing import levels
from core.parsing.event import UUID
from core.parsing.stamps import SPELLINGS, Read
from core.parsing.tables import read_table, table_names


class Kind(StrEnum):
    """What a form is to the line that has it."""

    RECORD = "record"
    """The head of a record, with its own stamp."""
    BODY = "body"
    """The same without a stamp: found only inside of what has one."""
    LOG = "log"
    """Written by a logging daemon, which stamps each line: `payload` is the message, or a form of its own."""
    TRANSPORT = "transport"
    """Put around each line of a program's output: `payload` is the line, which may also continue the one before."""
    ASIDE = "aside"
    """Not part of any log: said in a notice."""


def _ungrouped(pattern: str) -> str:
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


FRAGMENTS: Final = {
    "uuid": UUID,
    # possessive: a token of a megabyte must not be tried at each of its characters; no path is longer than this
    "file": r"(?:(?!\.log)\S){0,4096}+\.log\S*+",
    "levels": "|".join(levels.OSLO),
    # a context may name the request of the first service before the service's own
    "context": (
        r"(?P<context>\[(?:(?:(?:None|-|req-[^\s\]]*+) )?(?P<request>req-[^\s\]]++)(?: [^\]]*+)?"
        r"|(?:None|-)(?: [^\]]*+)?)\])"
    ),
    "ip": r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F:]{2,39}(?:%\w+)?)",
    "number": r"\d{1,18}",
    # the tag of a log daemon: no number alone, so that a torn line of something else is not taken for one
    "ident": (
        r"(?:[A-Za-z_/.-][^\s:\[\]]{0,127}+|\([\w.@-]{1,126}+\)(?=\[)|\d[\w.-]{0,63}[a-z][\w.-]{0,63}(?=\[\d+\]:))"
    ),
}
"""Parts that several forms share."""

GROUPS: Final = frozenset(
    {"prefix", "level", "logger", "pid", "request", "instance", "context", "ident", "writer", "priority", "message"}
    | {"payload", "service", "part"}
)
"""Named groups of a form, besides those of its stamp (`t_...`)."""

LEADS: Final = {name: re.compile(_ungrouped(spelling.pattern), re.ASCII).match for name, spelling in SPELLINGS.items()}
"""What tells whether a text begins with a stamp in a spelling: asked once for all forms that do."""

_STARTS: Final = {"digit": digits, "upper": ascii_uppercase, "lower": ascii_lowercase, "blank": " "}
_PLACEHOLDER: Final = re.compile(r"%\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Form:
    """One row of the table."""

    name: str
    about: str
    kind: Kind
    starts: str
    """First characters that a line may have; empty for any."""
    pattern: re.Pattern[str]
    stamp: Read | None
    """Reads the groups of its stamp; None for a form without one."""
    levels: Mapping[str, str]
    level: str
    """The level of every line of it, where the form has no group for that."""
    service: str
    """The service of every line of it; empty where file, tag or group say it."""
    continues: bool
    """Whether further lines of one record repeat its head: same stamp, writer, level and logger."""
    fields: frozenset[str]
    """Names of the pattern's groups."""
    lead: str
    """The spelling of the stamp that the pattern begins with; empty for another beginning."""
    samples: tuple[Mapping[str, Any], ...]


@cache
def all_forms() -> tuple[Form, ...]:
    """Return every form, in the order in which they are tried. Raises ValueError for a row that cannot be."""
    rows = (row for name in table_names("forms_") for row in read_table(name)["form"])
    return tuple(map(_form, rows))


@cache
def candidates(outer: Kind | None) -> Mapping[str, tuple[Form, ...]]:
    """Return the forms that a line inside of such a wrapper (None: of none) may have, by its first character.

    Those under the empty text are for every other first character.
    """
    kinds = _INSIDE[outer]
    forms = [form for form in all_forms() if form.kind in kinds]
    characters = {character for form in forms for character in form.starts}
    found = {c: tuple(form for form in forms if not form.starts or c in form.starts) for c in characters}
    return {**found, "": tuple(form for form in forms if not form.starts)}


_INSIDE: Final[dict[Kind | None, frozenset[Kind]]] = {
    None: frozenset(Kind) - {Kind.BODY},
    Kind.TRANSPORT: frozenset(Kind) - {Kind.ASIDE},
    Kind.LOG: frozenset({Kind.RECORD, Kind.BODY}),
}
"""What may stand inside of what: a log daemon stamps single records."""


def _form(row: Mapping[str, Any]) -> Form:
    name = str(row["name"])
    unknown = set(row) - {"name", "about", "kind", "starts", "pattern", "levels", "level", "service", "continues"}
    if unknown - {"sample"}:
        raise ValueError(f"form {name}: unknown key {min(unknown - {'sample'})}")
    spelled = [found for found in _PLACEHOLDER.findall(row["pattern"]) if found in SPELLINGS]
    if len(spelled) > 1:
        raise ValueError(f"form {name}: more than one stamp")
    pattern = re.compile(_PLACEHOLDER.sub(_expand, row["pattern"]), re.ASCII)
    fields = frozenset(pattern.groupindex)
    strange = {field for field in fields if not field.startswith("t_")} - GROUPS
    if strange:
        raise ValueError(f"form {name}: unknown group {min(strange)}")
    starts = "".join(_expand_starts(row.get("starts", "any").split()))
    return Form(
        name,
        str(row["about"]),
        Kind(row["kind"]),
        starts,
        pattern,
        SPELLINGS[spelled[0]].read if spelled else None,
        levels.table(row.get("levels", "common")),
        str(row.get("level", "")),
        str(row.get("service", "")),
        bool(row.get("continues", False)),
        fields,
        spelled[0] if spelled and row["pattern"].startswith(f"%{{{spelled[0]}}}") else "",
        tuple(row.get("sample", ())),
    )


def _expand_starts(words: Iterable[str]) -> Iterable[str]:
    return () if list(words) == ["any"] else (_STARTS.get(word, word) for word in words)


def _expand(match: re.Match[str]) -> str:
    name = match[1]
    if name in SPELLINGS:
        return SPELLINGS[name].pattern
    if name not in FRAGMENTS:
        raise ValueError(f"unknown placeholder %{{{name}}}")
    return FRAGMENTS[name]
