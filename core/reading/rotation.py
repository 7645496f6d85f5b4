"""Names of rotated files: which log they come from, and which is older."""

from __future__ import annotations

import os
import re
import time
from collections import defaultdict
from typing import Final, NamedTuple

_COMPRESSED: Final = re.compile(r"\.(?:gz|xz|zst|bz2|lz4|Z|zip)$")
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_TIME: Final = r"[-_T.]?\d\d(?:[-:.]?\d\d(?:[-:.]?\d\d)?)?"
_DATE: Final = rf"(?:{_YEAR}-?{_MONTH}-?{_DAY}|{_DAY}{_MONTH}{_YEAR})(?:{_TIME})?"
# No month is 19 or 20: a date is of one order alone.
_DAY_FIRST: Final = re.compile(rf"({_DAY})({_MONTH})({_YEAR})")
_EPOCH: Final = re.compile(r"[-._](1\d{9})")
_SUFFIX: Final = re.compile(
    rf"^(?P<base>.+?)(?P<mark>(?:\.\d{{1,4}}|[-._]{_DATE}|[-._]1\d{{9}}|\.(?:old|orig|prev|save|bak))+)$"
)
_INFIX: Final = re.compile(
    rf"^(?P<stem>.+?)(?P<mark>[-._]{_DATE}(?:\.\d{{1,4}})?|\.\d{{1,3}})(?P<ext>\.(?:log|txt|out|err))$"
)


class Base(NamedTuple):
    """The log that a rotated file comes from."""

    name: str
    is_infix: bool
    """The mark stands before the extension (`nova-20261123.log`): rotated only if the log itself is there too."""
    is_compressed: bool


def base_of(name: str) -> Base | None:
    """Return the log that a rotated file comes from, by its name; None for a name that no rotation gives."""
    bare = _COMPRESSED.sub("", name)
    compressed = bare != name
    if found := _SUFFIX.match(bare):
        return Base(found["base"], is_infix=False, is_compressed=compressed)
    if found := _INFIX.match(bare):
        return Base(found["stem"] + found["ext"], is_infix=True, is_compressed=compressed)
    return Base(bare, is_infix=False, is_compressed=True) if compressed else None


def log_of(path: str) -> str:
    """Return the path of the log that a rotated file with its mark at the end comes from; else the path itself."""
    directory, name = os.path.split(path)
    base = base_of(name)
    return path if base is None or base.is_infix else os.path.join(directory, base.name)


def is_older(name: str, other: str) -> bool:
    """Whether one rotated file precedes another of the same log, as far as their names tell (`.2` precedes `.1`)."""
    age, other_age = _age(name), _age(other)
    return age is not None and other_age is not None and age[0] == other_age[0] and age[1] < other_age[1]


def _age(name: str) -> tuple[str, int] | None:
    """Return what counts, and a number that grows as files get newer."""
    bare = _COMPRESSED.sub("", name)
    found = _SUFFIX.match(bare) or _INFIX.match(bare)
    if found is None:
        return None
    if epoch := _EPOCH.match(found["mark"]):
        return "epoch", int(epoch[1])
    if date := re.search(_DATE, found["mark"]):
        year_first = _DAY_FIRST.sub(r"\3\2\1", date[0]) if _DAY_FIRST.match(date[0]) else date[0]
        return "date", int(re.sub(r"\D", "", year_first).ljust(14, "0"))
    digits = re.sub(r"\D", "", found["mark"])
    return ("number", -int(digits)) if digits else None


class Sibling(NamedTuple):
    """A file beside a log that rotation made of it."""

    path: str
    inode: int
    is_compressed: bool


# The kernel stamps files with the time of its last tick.
CLOCK_GRAIN_NS: Final = 10_000_000


class Siblings:
    """The rotated files in directories; a directory is listed again only after it has changed."""

    def __init__(self) -> None:
        self._listings: dict[str, tuple[int, int, dict[str, list[Sibling]]]] = {}

    def of(self, path: str) -> list[Sibling]:
        """Return the rotated files of a log, symbolic links resolved; none where its directory cannot be listed."""
        directory, name = os.path.split(os.path.realpath(path))
        try:
            changed_ns = os.stat(directory).st_mtime_ns
            listed_ns, seen_ns, by_base = self._listings.get(directory, (0, -1, {}))
            if changed_ns != seen_ns or listed_ns - CLOCK_GRAIN_NS <= changed_ns:
                listed_ns = time.time_ns()
                by_base = _rotated(directory)
                self._listings[directory] = listed_ns, changed_ns, by_base
        except OSError:
            return []
        return by_base.get(name, [])

    def clear(self) -> None:
        """Free the listings."""
        self._listings.clear()


def _rotated(directory: str) -> dict[str, list[Sibling]]:
    by_base: dict[str, list[Sibling]] = defaultdict(list)
    with os.scandir(directory) as entries:
        for entry in entries:
            if base := base_of(entry.name):
                by_base[base.name].append(Sibling(entry.path, entry.inode(), base.is_compressed))
    return dict(by_base)
