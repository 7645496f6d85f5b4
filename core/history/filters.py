r"""Which rows an operator wants to see: `level>=WARNING service=nova-* score>0.4 !heartbeat failed to .* in \d+ s`.

A filter is a list of terms that must all hold. A term is a field with an operator and a value, or a regular
expression: a run of words that are no field, or anything in double quotes. `!` before a term negates it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from fnmatch import translate
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast

import numpy as np

from core.decision.flagging import Mask
from core.errors import UsageError
from core.events import LEVEL_RANK, LEVELS, ScoredEvent, State
from core.history.history import NOTICE_RANK, History, Row, Rows
from core.history.search import compile_pattern, row_test

_TEXT_FIELDS: Final[dict[str, Callable[[ScoredEvent], str]]] = {
    "service": lambda row: row.event.service,
    "logger": lambda row: row.event.logger,
    "req": lambda row: row.event.request_id.removeprefix("req-"),
    "instance": lambda row: row.event.instance_id,
    "source": lambda row: row.event.source,
    "state": lambda row: row.state.value,
    "pid": lambda row: "" if row.event.pid is None else str(row.event.pid),
    "template": lambda row: row.template,
    "message": lambda row: row.event.message,
}
FIELDS: Final = ("level", "score", *_TEXT_FIELDS)
"""Names that a filter may compare; `request` is another name for `req`."""

_ALIASES: Final = {"request": "req", "request_id": "req", "instance_id": "instance"}
_LEVEL_ALIASES: Final = {"WARN": "WARNING", "ERR": "ERROR", "CRIT": "CRITICAL", "FATAL": "CRITICAL"}
_ORDERED: Final[dict[str, Callable[[Any, Any], Any]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
    "!=": operator.ne,
}
_FIELD: Final = re.compile(r'([A-Za-z_]+)(>=|<=|!=|=|>|<|~)("(?:[^"\\]|\\.)*"|\S*)')
_QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')

_WHAT: Final = "filter"
"""Begins what is said of a filter that cannot be read."""

_Test = Callable[[Row], bool]


class _Term(NamedTuple):
    test: _Test
    mask: Callable[[History], Mask] | None = None
    """The same question to all rows at once, where a column answers it."""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A question that every row answers with yes or no; the empty filter says yes."""

    text: str
    terms: tuple[_Term, ...] = ()

    def matches(self, row: Row) -> bool:
        """Tell whether the row is wanted."""
        return all(term.test(row) != term.negated for term in self.terms)

    def rows(self, history: History, start: int = 0, stop: int | None = None) -> Rows:
        """Find the wanted rows of `start <= row < stop`, in order; columns first, so that few rows are looked into."""
        part = slice(start, len(history) if stop is None else stop)
        mask = np.ones(len(history), np.bool_)
        slow = []
        for term in self.terms:
            if term.mask is None:
                slow.append(term)
            else:
                mask &= term.mask(history) != term.negated
        found = (np.flatnonzero(mask[part]) + part.start).tolist()
        for term in slow:
            verdicts = map(term.test, [history[row] for row in found])
            found = [row for row, verdict in zip(found, verdicts, strict=True) if verdict != term.negated]
        return np.array(found, np.intp)


def with_context(rows: Rows, before: int, after: int, length: int) -> Rows:
    """Add the rows around every row of `0 <= row < length`; sorted, each once."""
    if not len(rows):
        return rows
    edges = np.zeros(length + 1, np.intp)
    np.add.at(edges, np.maximum(rows - before, 0), 1)
    np.add.at(edges, np.minimum(rows + after + 1, length), -1)
    return np.flatnonzero(np.cumsum(edges[:-1]) > 0)


def parse_filter(text: str) -> Filter:
    """Read what an operator typed; UsageError with the character (from 1) where it goes wrong."""
    return Filter(text.strip(), tuple(_Reader(text).terms()))


class _Reader:
    """Reads the terms of a filter from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def terms(self) -> Iterator[_Term]:
        """Yield every term of the text."""
        while self._skip_space():
            negated = self._text[self._at] == "!"
            if negated:
                self._at += 1
                if self._at == len(self._text) or self._text[self._at].isspace():
                    raise _wrong(self._at, "'!' must stand directly before what it negates")
                if self._text[self._at] == "!":
                    raise _wrong(self._at, "'!' negates only once; put text that begins with it in double quotes")
            yield self._term(one_word=negated)._replace(negated=negated)

    def _skip_space(self) -> bool:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._at < len(self._text)

    def _term(self, *, one_word: bool) -> _Term:
        begin = self._at
        if self._text[begin] == '"':
            quoted = _QUOTED.match(self._text, begin)
            if quoted is None:
                raise _wrong(begin, "a double quote that is never closed")
            self._at = quoted.end()
            return _search(_unquote(quoted[1]), begin + 1)
        if field := _field_at(self._text, begin):
            self._at = field.end()
            return _compare(field)
        self._skip_word()
        while not one_word and self._run_goes_on():
            self._skip_space()
            self._skip_word()
        return _search(self._text[begin : self._at], begin)

    def _skip_word(self) -> None:
        while self._at < len(self._text) and not self._text[self._at].isspace():
            self._at += 1

    def _run_goes_on(self) -> bool:
        at = len(self._text) - len(self._text[self._at :].lstrip())
        return at < len(self._text) and self._text[at] not in '"!' and not _field_at(self._text, at)


def _field_at(text: str, at: int) -> re.Match[str] | None:
    """Match a comparison of a field here; None for what is only text, UsageError for a field misspelt."""
    match = _FIELD.match(text, at)
    if match is None:
        return None
    name = match[1].lower()
    if _ALIASES.get(name, name) in FIELDS:
        return match
    if near := get_close_matches(name, (*FIELDS, *_ALIASES), 1, 0.75):
        raise _wrong(at, f"there is no field {match[1]!r}, did you mean {near[0]!r}? (in double quotes it is text)")
    return None


def _compare(match: re.Match[str]) -> _Term:
    name = _ALIASES.get(match[1].lower(), match[1].lower())
    sign, value, at = match[2], match[3], match.start(3)
    if value.startswith('"'):
        value = _unquote(value[1:-1]) if _QUOTED.fullmatch(value) else value
    if not value:
        raise _wrong(at, f"'{match[1]}{sign}' needs a value")
    if name == "level" and sign != "~":
        return _compare_level(sign, value, at)
    if name == "score" and sign != "~":
        return _compare_score(sign, value, at)
    if name in _TEXT_FIELDS and sign in {"=", "!=", "~"}:
        return _compare_text(name, sign, value, at)
    allowed = "= != ~" if name in _TEXT_FIELDS else " ".join(_ORDERED)
    raise _wrong(match.start(2), f"{name!r} cannot be compared by '{sign}', only by {allowed}")


def _compare_level(sign: str, value: str, at: int) -> _Term:
    ranks = []
    for name in value.upper().split(","):
        rank = LEVEL_RANK.get(_LEVEL_ALIASES.get(name, name), 0)
        if not rank:
            raise _wrong(at, f"{name!r} is no level; levels are {' '.join(LEVELS[1:])}")
        ranks.append(rank)
    if len(ranks) > 1 and sign not in {"=", "!="}:
        raise _wrong(at, f"'{sign}' takes one level")
    wanted = np.array(
        [
            rank in ranks if sign == "=" else rank not in ranks if sign == "!=" else _ORDERED[sign](rank, ranks[0])
            for rank in range(len(LEVELS))
        ]
    )

    def test(row: Row) -> bool:
        return isinstance(row, ScoredEvent) and bool(wanted[LEVEL_RANK.get(row.event.level, 0)])

    def mask(history: History) -> Mask:
        levels = history.levels()
        mask: Mask = wanted[levels] & (levels != NOTICE_RANK)
        return mask

    return _Term(test, mask)


def _compare_score(sign: str, value: str, at: int) -> _Term:
    try:
        bound = float(value)
    except ValueError:
        raise _wrong(at, f"{value!r} is no score; a score is a number from 0 to 1") from None
    if not 0.0 <= bound <= 1.0:
        raise _wrong(at, f"a score is from 0 to 1, not {value}")
    compare = _ORDERED[sign]

    def test(row: Row) -> bool:
        return isinstance(row, ScoredEvent) and row.score is not None and bool(compare(row.score, bound))

    def mask(history: History) -> Mask:
        scores = history.scores()
        return cast("Mask", compare(scores, bound) & ~np.isnan(scores))

    return _Term(test, mask)


def _compare_text(name: str, sign: str, value: str, at: int) -> _Term:
    accepts = compile_pattern(value, _WHAT, at).search if sign == "~" else _one_of(name, value, at)

    def test(row: Row) -> bool:
        if isinstance(row, ScoredEvent):
            value = _TEXT_FIELDS[name](row)
        elif name == "source":
            value = row.source
        else:
            return False
        return (accepts(value) is None) == (sign == "!=")

    return _Term(test)


def _one_of(name: str, value: str, at: int) -> Callable[[str], object | None]:
    """Return what accepts any of the values that commas part: globs; for ids their beginning is enough."""
    values = value.lower().split(",")
    if name == "state" and (strange := set(values) - set(State)):
        raise _wrong(at, f"{min(strange)!r} is no state; states are {' '.join(State)}")
    if name in {"req", "instance"}:
        values = [f"{one.removeprefix('req-')}*" for one in values]
    if name == "source":
        # A bare name stands for the file of that name in any folder.
        values = [one if "/" in one else f"*/{one}" for one in values] + values
    # Rows share a few services, sources and templates.
    return lru_cache(4_096)(re.compile("|".join(map(translate, values)), re.IGNORECASE).match)


def _search(pattern: str, at: int) -> _Term:
    return _Term(row_test(compile_pattern(pattern, _WHAT, at)))


def _unquote(text: str) -> str:
    # Only the quote itself: other backslashes belong to the regular expression.
    return text.replace('\\"', '"')


def _wrong(at: int, what: str) -> UsageError:
    return UsageError(f"{_WHAT}, character {at + 1}: {what}")
