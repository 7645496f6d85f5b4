"""What a directory holds and is not followed: which files, why, and the notices that say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.events import Notice, NoticeKind
from core.reading.content import Content

_MAX_NAMES: Final = 3
_MAX_PROBLEMS: Final = 8


class LeftOutReason(StrEnum):
    """Why an entry of a directory is not followed."""

    OLDER = "older generation"
    """Rotation made it of a log that is there too."""
    COMPRESSED = "compressed"
    ARCHIVE = "archive"
    BINARY = "binary data"
    UTF16 = "UTF-16 text"
    EXCLUDED = "excluded by name"
    LINK_TO_DIRECTORY = "link to a directory"
    LINK_TO_NOTHING = "link to nothing"
    SPECIAL = "not a regular file"
    UNREADABLE = "cannot be read"


_PROBLEMS: Final = frozenset({LeftOutReason.SPECIAL, LeftOutReason.UNREADABLE})


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One entry of a followed directory that is not followed."""

    path: str
    """As the operator knows it, safe to print."""
    reason: LeftOutReason
    detail: str = ""
    """What the system says of an entry that cannot be read."""


def reason_of(content: Content) -> LeftOutReason:
    """Return why a file of this content is not followed."""
    if content is Content.UTF16:
        return LeftOutReason.UTF16
    if content in (Content.TAR, Content.ZIP):
        return LeftOutReason.ARCHIVE
    return LeftOutReason.COMPRESSED if content.compressed else LeftOutReason.BINARY


def notices(directory: str, entries: Iterable[LeftOut]) -> list[Notice]:
    """Return one notice for all that is left out of a directory, and one for each entry that is a problem.

    Each is of a bounded length, and so is their number.
    """
    found = sorted(entries, key=lambda entry: entry.path)
    problems = [entry for entry in found if entry.reason in _PROBLEMS]
    others = [entry for entry in found if entry.reason not in _PROBLEMS]
    said = [Notice(directory, NoticeKind.LEFT_OUT, summary(directory, others), len(others))] if others else []
    said += map(_problem_notice, problems[:_MAX_PROBLEMS])
    if (more := len(problems) - _MAX_PROBLEMS) > 0:
        said.append(Notice(directory, NoticeKind.UNREADABLE, f"{more} more entries cannot be read", more))
    return said


def summary(directory: str, entries: Sequence[LeftOut]) -> str:
    """Return how many entries are left out, and for each reason the first of their names."""
    by_reason: dict[LeftOutReason, list[str]] = {reason: [] for reason in LeftOutReason}
    for entry in entries:
        by_reason[entry.reason].append(entry.path.removeprefix(directory).lstrip("/"))
    parts = [f"{reason}: {_names(names)}" for reason, names in by_reason.items() if names]
    return f"{len(entries)} {'file' if len(entries) == 1 else 'files'} left out ({'; '.join(parts)})"


def _names(names: Sequence[str]) -> str:
    more = len(names) - _MAX_NAMES
    return ", ".join(names[:_MAX_NAMES]) + (f" and {more} more" if more > 0 else "")


def _problem_notice(entry: LeftOut) -> Notice:
    if entry.reason is LeftOutReason.SPECIAL:
        return Notice(entry.path, NoticeKind.LEFT_OUT, "is left out: it is not a regular file", 1)
    return Notice(entry.path, NoticeKind.UNREADABLE, f"is left out: it cannot be read ({entry.detail})", 1)
