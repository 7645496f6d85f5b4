"""Which files of a directory are logs."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from fnmatch import translate
from pathlib import Path

from core.errors import SourceError
from core.reading.content import SNIFF_BYTES, Content, detect_content, refusal_message
from core.reading.rotation import base_of
from core.support.printable import escape

DEFAULT_INCLUDE = ("*",)
DEFAULT_EXCLUDE = (
    ".*", "*~", "*.bak", "*.gz", "*.xz", "*.zst", "*.bz2", "*.zip", "*.tar", "*.tgz", "*.tmp", "*.swp",
    "*.pid", "*.lock", "*.sock", "*.db", "*.journal", "*.md", "*.py", "*.json",
)  # fmt: skip

_SETTLED_NS = 2_000_000_000


def name_filter(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return a predicate on file names: one of `include` matches and none of `exclude` (shell patterns)."""
    wanted = re.compile("|".join(map(translate, include or ("*",))))
    unwanted = re.compile("|".join(map(translate, exclude))) if exclude else None
    return lambda name: bool(wanted.match(name)) and not (unwanted and unwanted.match(name))


class Tree:
    """The logs in a directory and below it. Directories that have not changed are not listed again."""

    def __init__(self, root: str, is_wanted: Callable[[str], bool]) -> None:
        self._root = root
        self._is_wanted = is_wanted
        # Modification time of each directory, in ns, when it was listed.
        self._changed_ns: dict[str, int] = {root: -1}

    def scan(self, *, everything: bool = False) -> list[str]:
        """Return the logs in the directories that changed since the last scan, or in all."""
        logs: list[str] = []
        pending = list(self._changed_ns)
        while pending:
            directory = pending.pop()
            try:
                changed_ns = os.stat(directory).st_mtime_ns
                # A change in the clock tick of the last listing may have been missed.
                if changed_ns == self._changed_ns[directory] and not everything:
                    continue
                is_settled = time.time_ns() - changed_ns > _SETTLED_NS
                files, subdirectories = _listing(directory, self._is_wanted)
            except OSError:
                if directory == self._root:
                    self._changed_ns[directory] = -1
                else:
                    del self._changed_ns[directory]
                continue
            self._changed_ns[directory] = changed_ns if is_settled else -1
            logs += files
            unknown = [path for path in subdirectories if path not in self._changed_ns]
            self._changed_ns.update(dict.fromkeys(unknown, -1))
            pending += unknown
        return logs


def _listing(directory: str, is_wanted: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """Return the files that are logs by their names, rotated ones left out, and the subdirectories."""
    subdirectories: list[str] = []
    files: set[str] = set()
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.startswith("."):
                    subdirectories.append(entry.path)
            elif is_wanted(entry.name) and entry.is_file():
                files.add(entry.name)
    logs = []
    for name in sorted(files):
        base = base_of(name)
        if base is None or (base.is_infix and base.name not in files):
            logs.append(os.path.join(directory, name))
    return logs, subdirectories


def check_directory(path: Path, *, include: Sequence[str], exclude: Sequence[str]) -> None:
    """Raise `SourceError` for a directory whose files are all no logs; one without files is waited for.

    Opens no more files than it takes to find a log.
    """
    logs = Tree(str(path), name_filter(include, exclude)).scan()
    if not any(_content(log) is Content.TEXT for log in logs) and any(each.is_file() for each in path.rglob("*")):
        raise SourceError(f"{escape(str(path))} has no log files in it: name the files to read")


def check_readable(path: Path) -> Content:
    """Return whether the path is text or compressed; raise `SourceError` for what cannot be read as a log."""
    name = escape(str(path))
    try:
        content = _head_content(path)
    except FileNotFoundError:
        raise SourceError(f"{name} does not exist: check the path") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its permissions") from None
    if content is not Content.TEXT and not content.compressed:
        raise SourceError(refusal_message(name, content))
    return content


def _head_content(path: str | Path) -> Content:
    with open(path, "rb", buffering=0) as file:
        return detect_content(file.read(SNIFF_BYTES))


def _content(path: str) -> Content | None:
    with suppress(OSError):
        return _head_content(path)
    return None
