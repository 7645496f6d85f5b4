"""Which files of a directory are logs."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import translate
from pathlib import Path

from core.errors import SourceError
from core.reading.content import SNIFF_BYTES, Content, content_of, refusal
from core.reading.decoder import escape
from core.reading.rotation import base_of

DEFAULT_INCLUDE = ("*",)
DEFAULT_EXCLUDE = (
    ".*", "*~", "*.bak", "*.gz", "*.xz", "*.zst", "*.bz2", "*.zip", "*.tar", "*.tgz", "*.tmp", "*.swp",
    "*.pid", "*.lock", "*.sock", "*.db", "*.journal", "*.md", "*.py", "*.json",
)  # fmt: skip


def name_filter(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return a predicate on file names: one of `include` matches and none of `exclude` (shell patterns)."""
    wanted = re.compile("|".join(map(translate, include or ("*",))))
    unwanted = re.compile("|".join(map(translate, exclude))) if exclude else None
    return lambda name: bool(wanted.match(name)) and not (unwanted and unwanted.match(name))


def walk(directory: Path, is_wanted: Callable[[str], bool]) -> Iterator[Path]:
    """Yield the files under a directory that may be logs by their names, not those that rotation left behind."""
    subdirectories = []
    files = set()
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not entry.name.startswith("."):
                        subdirectories.append(entry.name)
                elif is_wanted(entry.name) and entry.is_file():
                    files.add(entry.name)
    except OSError:
        return
    for name in sorted(files):
        base = base_of(name)
        if base is None or (base.is_infix and base.name not in files):
            yield directory / name
    for name in sorted(subdirectories):
        yield from walk(directory / name, is_wanted)


def expand(
    paths: Sequence[Path], *, include: Sequence[str] = DEFAULT_INCLUDE, exclude: Sequence[str] = DEFAULT_EXCLUDE
) -> list[Path]:
    """Return the log files that the paths mean: a file is itself, a directory is every log file in it, recursively.

    Raises `SourceError` for a path that is missing, unreadable or no text, and for a directory without logs.
    """
    is_wanted = name_filter(include, exclude)
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            logs = [log for log in walk(path, is_wanted) if _content(log) is Content.TEXT]
            if not logs:
                raise SourceError(f"{escape(str(path))} has no log files in it: name the files to read")
            found += logs
        else:
            check(path)
            found.append(path)
    return list(dict.fromkeys(found))


def check(path: Path) -> None:
    """Raise `SourceError` unless the path is a file that can be read as a log, compressed or not."""
    name = escape(str(path))
    try:
        with path.open("rb", buffering=0) as file:
            content = content_of(file.read(SNIFF_BYTES))
    except FileNotFoundError:
        raise SourceError(f"{name} does not exist: check the path") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its permissions") from None
    if content is not Content.TEXT and not content.compressed:
        raise SourceError(refusal(name, content))


def _content(path: Path) -> Content | None:
    try:
        with path.open("rb", buffering=0) as file:
            return content_of(file.read(SNIFF_BYTES))
    except OSError:
        return None
