"""Regular expressions over rows, with smart case."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from typing import Final

from core.errors import UsageError
from core.events import Notice
from core.history.history import Row

_SAFE_TO_LOWER: Final = re.compile(
    r"(?:[a-z0-9 _.*+?|)^$,:;/@#%&=<>'\"~!{}-]|\((?!\?)|\(\?[:=!]|\\[sSdDwWbB]|\\[^\w\s]"
    r"|\[\^?(?:[a-z]-[a-z]|[0-9]-[0-9]|[a-z0-9 _.*+?|()$,:;/@#%&=<>'\"~!{}](?!-)|\\[sSdDwW])+\])*"
)
"""Patterns for which a search in lower case text equals a search that ignores case."""


def searchable(row: Row) -> str:
    """Return the text of a row to search in: the record as read, with all lines of its message."""
    if isinstance(row, Notice):
        return row.text
    event = row.event
    return f"{event.raw}\n{event.message}" if event.extra_lines else event.raw


def compile_pattern(text: str, what: str = "pattern", at: int = 0) -> re.Pattern[str]:
    """Compile a regular expression, case-sensitive only where it has a capital letter.

    Raises UsageError for an invalid one; it names the character, counted from 1 in the whole input, in which the
    expression begins after `at` characters.
    """
    # A capital in an escape like \S is not a capital to search for.
    smart = any(char.isupper() for char in re.sub(r"\\.", "", text))
    try:
        with warnings.catch_warnings():
            # Warnings about syntax of later Python versions do not concern the operator.
            warnings.simplefilter("ignore")
            return re.compile(text, 0 if smart else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        place = at + (getattr(error, "pos", None) or 0) + 1
        reason = getattr(error, "msg", error)
        raise UsageError(f"{what}, character {place}: invalid regular expression: {reason}") from None


def row_test(pattern: re.Pattern[str]) -> Callable[[Row], bool]:
    """Return a predicate: whether a compiled pattern matches anywhere in a row."""
    plain = pattern.pattern.removeprefix("(?i)")
    if pattern.flags & re.IGNORECASE and _SAFE_TO_LOWER.fullmatch(plain):
        # Ten times as fast as a search that ignores case, which looks at every character.
        lowered = re.compile(plain).search
        return lambda row: lowered(searchable(row).lower()) is not None
    search = pattern.search
    return lambda row: search(searchable(row)) is not None
