r"""The table of forms: how a line is recognised, and where its stamp, level, writer and message stand.

A form is a row of `tables/forms_*.toml`, in the order in which they are tried:

    [[form]]
    name = "OVS"                        # said in the sources pane and in tests
    about = "Open vSwitch, vlog file pattern"      # where the form is described
    kind = "record"                     # see `Kind`
    starts = "digit"                    # what such a line begins with: characters, or `_STARTS`, or any
    pattern = '''%{iso}\|\d+\|(?P<logger>[^|]+)\|(?P<level>[A-Z]+)\|(?P<message>.*)'''
    [[form.sample]]                     # a line, and the fields that have to come (timestamp, level, ...): tested
    line = "..."
    level = "INFO"

A sample may name its `source` (the file that it is in), and says `aside = true`, `part = true`, `unread = true` or
`fragment = "text"` where it is no event by itself.

`%{name}` stands for a spelling of a stamp (`spellings.SPELLINGS`) or for one of `FRAGMENTS`. The groups that mean
something are those of `WRAPPER_FIELDS` and `RECORD_FIELDS`; a form without a group `message` keeps the whole line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from itertools import groupby
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any, Final, NamedTuple

from core.parsing import levels
from core.parsing.event import UUID
from core.parsing.spellings import SPELLINGS, Spelling
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
    LABEL = "label"
    """Put before each line by a tool that prints several files or containers: outside of all else, without a stamp."""
    ASIDE = "aside"
    """Not part of any log: said in a notice."""


FRAGMENTS: Final = {
    "uuid": UUID,
    # possessive: a token of a megabyte must not be tried at each of its characters; no path is longer than this
    # (a colon is what grep puts behind a name, unless it is part of a time)
    "file": r"(?:(?!\.log)\S){0,4096}+\.log[^\s:]*+(?::\d\d)*+",
    "levels": "|".join(levels.OSLO),
    # a word for a level, in any case; the longest of those that begin alike comes first
    "word": "|".join(sorted(levels.COMMON, key=len, reverse=True)),
    # what stands between the parts of a head
    "gap": r"(?:[\] :|,-]|\\x09)",
    "severity": "emerg|panic|alert|crit|err|error|warning|warn|notice|info|debug",
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

_STARTS: Final = {
    "digit": digits,
    "upper": ascii_uppercase,
    "lower": ascii_lowercase,
    "blank": " ",
    "month": "JFMASOND",
    "weekday": "MTWFS",
}
_PLACEHOLDER: Final = re.compile(r"%\{(\w+)\}")
_WRAPPERS: Final = frozenset({Kind.LOG, Kind.TRANSPORT, Kind.LABEL})


@dataclass(frozen=True, slots=True, eq=False)
class Form:
    """One row of the table."""

    name: str
    about: str
    kind: Kind
    starts: str
    """First characters that a line may have; empty for any."""
    pattern: re.Pattern[str]
    spelling: Spelling | None
    """Of its stamp; None for a form without one."""
    stamp_fields: tuple[str, ...]
    """Groups of its stamp, in the order in which the spelling reads them."""
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
    """The part of the pattern that is the stamp it begins with; empty for another beginning."""
    samples: tuple[Mapping[str, Any], ...]
    is_wrapper: bool


@cache
def all_forms() -> tuple[Form, ...]:
    """Return every form, in the order in which they are tried. Raises ValueError for a row that cannot be."""
    rows = (row for name in table_names("forms_") for row in read_table(name)["form"])
    return tuple(map(_form, rows))


class Found(NamedTuple):
    """A form that a text has, and what the groups of its expression hold there; None for those it does not have."""

    form: Form
    stamp: tuple[str | None, ...]
    """The parts of its stamp, its fraction and its zone."""
    fields: tuple[str | None, ...]
    """As `WRAPPER_FIELDS` or `RECORD_FIELDS` name them."""


class Choice:
    """Several forms as one expression, which finds the first of them that a text has.

    Forms in a row that begin with the same spelling of a stamp share it, so that it is matched once. A spelling takes
    all that it can, whatever follows (its optional parts are possessive), so sharing it changes no match.
    """

    __slots__ = ("_found", "_match", "forms")

    def __init__(self, forms: tuple[Form, ...]) -> None:
        self.forms: Final = forms
        branches, last, places = [], 0, []
        for lead, run in groupby(forms, lambda form: form.lead):
            shared = _names(lead)
            before, last = {name: last + index for name, index in shared.items()}, last + len(shared)
            rests = []
            for form in run:
                rest = form.pattern.pattern.removeprefix(lead)
                last += 1
                places.append((last, form, before | {name: last + index for name, index in _names(rest).items()}))
                last += re.compile(rest).groups
                rests.append(f"({rest})")
            branches.append(f"{lead}(?:{'|'.join(rests)})")
        never = last + 1
        self._match: Final = re.compile(_NAMED.sub("(", "|".join([*branches, "(?!)()"])), re.ASCII).match
        self._found: Final = {
            own: (
                form,
                tuple(numbers.get(name, never) for name in form.stamp_fields),
                tuple(numbers.get(name, never) for name in (WRAPPER_FIELDS if form.is_wrapper else RECORD_FIELDS)),
            )
            for own, form, numbers in places
        }

    def first(self, text: str) -> Found | None:
        """Find the first form that the text has; None where it has none."""
        match = self._match(text)
        if match is None or match.lastindex is None:
            return None
        form, stamp, fields = self._found[match.lastindex]
        return _new_found((form, match.group(*stamp) if stamp else (), match.group(*fields)))

    def after(self, form: Form, text: str) -> Iterator[Found]:
        """Find the forms behind one that the text has too."""
        for other in self.forms[self.forms.index(form) + 1 :]:
            found = alone(other).first(text)
            if found is not None:
                yield found


WRAPPER_FIELDS: Final = ("payload", "prefix", "ident", "pid", "writer", "priority", "level", "part")
RECORD_FIELDS: Final = (
    "message",
    "level",
    "logger",
    "pid",
    "request",
    "instance",
    "context",
    "prefix",
    "ident",
    "writer",
    "service",
)
_NAMED: Final = re.compile(r"\(\?P<\w+>")
_new_found: Final = partial(tuple.__new__, Found)


def _names(pattern: str) -> Mapping[str, int]:
    return re.compile(pattern).groupindex


@cache
def alone(form: Form) -> Choice:
    """Return the choice of one form."""
    return Choice((form,))


@cache
def candidates(outer: Kind | None) -> Mapping[str, Choice]:
    """Return the forms that a line inside of such a wrapper (None: of none) may have, by its first character.

    Those under the empty text are for every other first character.
    """
    forms = [form for form in all_forms() if form.kind in _INSIDE[outer]]
    characters = {character for form in forms for character in form.starts}
    tuples = {c: tuple(form for form in forms if not form.starts or c in form.starts) for c in characters}
    tuples[""] = tuple(form for form in forms if not form.starts)
    choices = {forms: Choice(forms) for forms in set(tuples.values())}
    return {c: choices[forms] for c, forms in tuples.items()}


_INSIDE: Final[dict[Kind | None, frozenset[Kind]]] = {
    None: frozenset(Kind) - {Kind.BODY},
    Kind.LABEL: frozenset({Kind.RECORD, Kind.LOG, Kind.TRANSPORT, Kind.LABEL}),
    Kind.TRANSPORT: frozenset({Kind.RECORD, Kind.BODY, Kind.LOG, Kind.TRANSPORT}),
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
    spelling = SPELLINGS[spelled[0]] if spelled else None
    pattern = re.compile(_PLACEHOLDER.sub(_expand, row["pattern"]), re.ASCII)
    fields = frozenset(pattern.groupindex)
    known = WRAPPER_FIELDS if Kind(row["kind"]) in _WRAPPERS else RECORD_FIELDS
    strange = {field for field in fields if not field.startswith("t_")} - set(known)
    if strange:
        raise ValueError(f"form {name}: unknown group {min(strange)}")
    starts = "".join(_expand_starts(row.get("starts", "any").split()))
    return Form(
        name,
        str(row["about"]),
        Kind(row["kind"]),
        starts,
        pattern,
        spelling,
        () if spelling is None else (*spelling.parts, "t_fraction", "t_zone"),
        levels.table(row.get("levels", "common")),
        str(row.get("level", "")),
        str(row.get("service", "")),
        bool(row.get("continues", False)),
        fields,
        spelling.pattern if spelling is not None and row["pattern"].startswith(f"%{{{spelled[0]}}}") else "",
        tuple(row.get("sample", ())),
        Kind(row["kind"]) in _WRAPPERS,
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
