"""The kind of a message, by its logger and its words, and whether it has a failure keyword."""

from __future__ import annotations

import re
from typing import Final

from core.templates.tables import alternatives, pairs

_EXCEPTION: Final = re.compile(
    r"\bTraceback \(most recent|\b[A-Za-z_.]*(?:Error|Exception|Timeout|NotFound|Unauthorized|Forbidden|Conflict"
    r"|NoValidHost\w*|Fault)(?=[:(]|$)|\b[Uu]nhandled (?:error|exception)|\b[Ee]xception\b|: [A-Z][a-z]+[A-Z]\w+: "
)
_BY_LOGGER: Final = tuple((re.compile(rf"(?:^|\.)(?:{packages})"), kind) for kind, packages in pairs("kinds_by_logger"))
_BY_WORDS: Final = tuple((re.compile(words, re.IGNORECASE), kind) for kind, words in pairs("kinds_by_words"))
_WORDS_FIRST: Final = frozenset({"messaging", "database", "process", "configuration"})
"""Kinds that the words decide, whatever the logger."""

_REPORT: Final = re.compile(alternatives("failure_reports"), re.IGNORECASE)
_COUNTED: Final = re.compile(
    r"<(?:n|zero)> (?:failures|errors)\b|\b(?:failures|errors)(?:: | ?= ?| )<(?:n|zero|value)>", re.IGNORECASE
)
"""A count of failures, which is 0 as a rule: that they are counted is no failure."""
_FAILURE: Final = re.compile(alternatives("failure_keywords"), re.IGNORECASE)


def kind_of(logger: str, text: str) -> str:
    """Return the entry of `schema.CATEGORICAL["kind"]` for a template that is not HTTP."""
    if text.startswith("RESP:"):
        return "http_client"
    if _EXCEPTION.search(text):
        return "exception"
    by_words = next((kind for pattern, kind in _BY_WORDS if pattern.search(text)), "unknown")
    if by_words in _WORDS_FIRST:
        return by_words
    return next((kind for pattern, kind in _BY_LOGGER if pattern.search(logger)), by_words)


def reports_failure(text: str) -> bool:
    """Return whether a template of a program that writes no levels says that something has broken."""
    return _REPORT.search(text) is not None


def has_failure_keyword(text: str) -> bool:
    """Return whether a template says that something went wrong."""
    return _FAILURE.search(_COUNTED.sub("", text)) is not None
