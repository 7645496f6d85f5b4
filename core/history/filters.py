r"""The filter language of the event table: `level>=WARNING service=nova-* score>0.4 !heartbeat failed to .* in \d+ s`.

A filter is a list of terms that must all hold. A term is a field with an operator and a value, or a regular
expression: words that are not a field, or anything in double quotes. `!` before a term negates it.
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

from core.errors import UsageError
from core.events import LEVEL_RANK, LEVELS, ScoredEvent, State
from core.history.history import NOTICE_RANK, History, Row, RowNumbers
from core.history.search import compile_pattern, row_test
from core.support.arrays import Mask

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

_NAME: Final = "filter"
"""First word of every error message about a filter."""

_Test = Callable[[Row], bool]


class _Term(NamedTuple):
    test: _Test
    mask: Callable[[History], Mask] | None = None
    """The same test on all rows at once, where there is a column for it."""
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """A predicate on rows; the empty filter matches every row."""

    text: str
    terms: tuple[_Term, ...] = ()

    def matches(self, row: Row) -> bool:
        """Return whether the row matches."""
        return all(term.test(row) != term.negated for term in self.terms)

    def rows(self, history: History, start: int = 0, stop: int | None = None) -> RowNumbers:
        """Return the matching rows of `start <= row < stop`, in order; columns are tested first, single rows last."""
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
            results = map(term.test, [history[row] for row in found])
            found = [row for row, result in zip(found, results, strict=True) if result != term.negated]
        return np.array(found, np.intp)


def with_context(rows: RowNumbers, before: int, after: int, length: int) -> RowNumbers:
    """Add the rows around every row of `0 <= row < length`; sorted, each once."""
    if not len(rows):
        return rows
    edges = np.zeros(length + 1, np.intp)
    np.add.at(edges, np.maximum(rows - before, 0), 1)
    np.add.at(edges, np.minimum(rows + after + 1, length), -1)
    return np.flatnonzero(np.cumsum(edges[:-1]) > 0)


def parse_filter(text: str) -> Filter:
    """Parse a filter; UsageError names the character (from 1) of the error."""
    return Filter(text.strip(), tuple(_FilterParser(text).terms()))


class _FilterParser:
    """Parses the terms of a filter from left to right."""

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
                    raise _error(self._at, "'!' must stand directly before the term that it negates")
                if self._text[self._at] == "!":
                    raise _error(self._at, "'!' negates only once; put text that begins with it in double quotes")
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
                raise _error(begin, "unclosed double quote")
            self._at = quoted.end()
            return _search(_unquote(quoted[1]), begin + 1)
        if field := _field_at(self._text, begin):
            self._at = field.end()
            return _compare(field)
        self._skip_word()
        while not one_word and self._run_continues():
            self._skip_space()
            self._skip_word()
        return _search(self._text[begin : self._at], begin)

    def _skip_word(self) -> None:
        while self._at < len(self._text) and not self._text[self._at].isspace():
            self._at += 1

    def _run_continues(self) -> bool:
        at = len(self._text) - len(self._text[self._at :].lstrip())
        return at < len(self._text) and self._text[at] not in '"!' and not _field_at(self._text, at)


def _field_at(text: str, at: int) -> re.Match[str] | None:
    """Match a comparison of a field here; None for plain text, UsageError for a misspelt field."""
    match = _FIELD.match(text, at)
    if match is None:
        return None
    name = match[1].lower()
    if _ALIASES.get(name, name) in FIELDS:
        return match
    if near := get_close_matches(name, (*FIELDS, *_ALIASES), 1, 0.75):
        raise _error(at, f"unknown field {match[1]!r}, did you mean {near[0]!r}? (in double quotes it is text)")
    return None


def _compare(match: re.Match[str]) -> _Term:
    name = _ALIASES.get(match[1].lower(), match[1].lower())
    sign, value, at = match[2], match[3], match.start(3)
    if value.startswith('"'):
        value = _unquote(value[1:-1]) if _QUOTED.fullmatch(value) else value
    if not value:
        raise _error(at, f"'{match[1]}{sign}' needs a value")
    if name == "level" and sign != "~":
        return _compare_level(sign, value, at)
    if name == "score" and sign != "~":
        return _compare_score(sign, value, at)
    if name in _TEXT_FIELDS and sign in {"=", "!=", "~"}:
        return _compare_text(name, sign, value, at)
    allowed = "= != ~" if name in _TEXT_FIELDS else " ".join(_ORDERED)
    raise _error(match.start(2), f"{name!r} does not support '{sign}', only {allowed}")


def _compare_level(sign: str, value: str, at: int) -> _Term:
    ranks = []
    for name in value.upper().split(","):
        rank = LEVEL_RANK.get(_LEVEL_ALIASES.get(name, name), 0)
        if not rank:
            raise _error(at, f"unknown level {name!r} ({' '.join(LEVELS[1:])})")
        ranks.append(rank)
    if len(ranks) > 1 and sign not in {"=", "!="}:
        raise _error(at, f"'{sign}' takes one level")
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
        raise _error(at, f"invalid score {value!r} (0 to 1)") from None
    if not 0.0 <= bound <= 1.0:
        raise _error(at, f"invalid score {value!r} (0 to 1)")
    compare = _ORDERED[sign]

    def test(row: Row) -> bool:
        return isinstance(row, ScoredEvent) and row.score is not None and bool(compare(row.score, bound))

    def mask(history: History) -> Mask:
        scores = history.scores()
        return cast("Mask", compare(scores, bound) & ~np.isnan(scores))

    return _Term(test, mask)


def _compare_text(name: str, sign: str, value: str, at: int) -> _Term:
    accepts = compile_pattern(value, _NAME, at).search if sign == "~" else _one_of(name, value, at)

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
    """Return a test for any of the comma-separated values: globs; an id matches by its beginning."""
    values = value.lower().split(",")
    if name == "state" and (unknown := set(values) - set(State)):
        raise _error(at, f"unknown state {min(unknown)!r} ({' '.join(State)})")
    if name in {"req", "instance"}:
        values = [f"{one.removeprefix('req-')}*" for one in values]
    if name == "source":
        # A bare name means the file of that name in any folder.
        values = [one if "/" in one else f"*/{one}" for one in values] + values
    # Rows share a few services, sources and templates.
    return lru_cache(4_096)(re.compile("|".join(map(translate, values)), re.IGNORECASE).match)


def _search(pattern: str, at: int) -> _Term:
    return _Term(row_test(compile_pattern(pattern, _NAME, at)))


def _unquote(text: str) -> str:
    # Only the quote itself: other backslashes belong to the regular expression.
    return text.replace('\\"', '"')


def _error(at: int, what: str) -> UsageError:
    return UsageError(f"{_NAME}, character {at + 1}: {what}")
