"""Which files of a directory are logs."""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from fnmatch import translate
from pathlib import Path
from typing import Final, NamedTuple

from core.errors import SourceError
from core.reading.content import SNIFF_BYTES, Content, detect_content
from core.reading.left_out import LeftOut, LeftOutReason, reason_of, summary
from core.reading.rotation import base_of
from core.support.printable import escape

DEFAULT_INCLUDE: Final = ("*",)
DEFAULT_EXCLUDE: Final = (".*", "*~", "*.swp", "*.tmp", "*.pid", "*.lock", "*.md", "*.py")
"""Names that no log has; other files that are not logs are recognised by their content."""

_ARCHIVE: Final = re.compile(r"\.(?:tar|tgz|tbz2?|txz|7z)$")
_SETTLED_NS: Final = 2_000_000_000
_MISSING: Final = (errno.ENOENT, errno.ENOTDIR)


def name_filter(include: Sequence[str], exclude: Sequence[str]) -> Callable[[str], bool]:
    """Return a predicate on file names: one of `include` matches and none of `exclude` (shell patterns)."""
    wanted = re.compile("|".join(map(translate, include or ("*",))))
    unwanted = re.compile("|".join(map(translate, exclude))) if exclude else None
    return lambda name: bool(wanted.match(name)) and not (unwanted and unwanted.match(name))


class _Entries(NamedTuple):
    """What a directory holds."""

    files: set[str]
    subdirectories: list[str]
    left_out: list[LeftOut]


class Tree:
    """The logs in a directory and below it. Directories that have not changed are not listed again.

    `name` is the directory as the operator knows it; `is_followed` says whether a path is, or was, followed.
    """

    def __init__(
        self,
        root: str,
        is_wanted: Callable[[str], bool],
        *,
        name: str = "",
        is_followed: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._root = root
        self._name = name or escape(root)
        self._is_wanted = is_wanted
        self._is_followed = is_followed
        # Modification time of each directory, in ns, when it was listed.
        self._changed_ns: dict[str, int] = {root: -1}
        self._left_out: dict[str, tuple[LeftOut, ...]] = {}
        self._new_left_out: list[LeftOut] = []

    @property
    def left_out(self) -> list[LeftOut]:
        """What was left out at the last listing of each directory; from any thread."""
        return [entry for entries in list(self._left_out.values()) for entry in entries]

    def take_new_left_out(self) -> list[LeftOut]:
        """Return what was left out for the first time since the last call."""
        taken, self._new_left_out = self._new_left_out, []
        return taken

    def display_name(self, path: str) -> str:
        """Return a path in the tree as the operator knows it, safe to print."""
        return self._name if path == self._root else os.path.join(self._name, escape(path[len(self._root) + 1 :]))

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
                entries = self._list(directory)
            except OSError as error:
                self._on_unlisted(directory, error)
                continue
            self._changed_ns[directory] = changed_ns if is_settled else -1
            # Of fifty thousand files each call counts.
            place, shown = os.path.join(directory, ""), os.path.join(self.display_name(directory), "")
            for name in sorted(entries.files):
                if reason := self._reason(place, name, entries.files):
                    entries.left_out.append(LeftOut(shown + escape(name), reason))
                else:
                    logs.append(place + name)
            self._record(directory, entries.left_out)
            unknown = [path for path in entries.subdirectories if path not in self._changed_ns]
            self._changed_ns.update(dict.fromkeys(unknown, -1))
            pending += unknown
        return logs

    def _on_unlisted(self, directory: str, error: OSError) -> None:
        if directory == self._root:
            self._changed_ns[directory] = -1
        else:
            del self._changed_ns[directory]
        if error.errno in _MISSING:
            self._left_out.pop(directory, None)
        else:
            self._record(directory, [self._unreadable(directory, error)])

    def _record(self, directory: str, left_out: Iterable[LeftOut]) -> None:
        before = self._left_out.get(directory, ())
        now = tuple(left_out)
        if now:
            self._left_out[directory] = now
        else:
            self._left_out.pop(directory, None)
        if now != before:
            known = set(before)
            self._new_left_out += (entry for entry in now if entry not in known)

    def _list(self, directory: str) -> _Entries:
        """Sort the entries of a directory by what the file system and their names say."""
        found = _Entries(set(), [], [])
        with os.scandir(directory) as entries:
            for entry in entries:
                try:
                    reason = self._sort(entry, found)
                except OSError as error:
                    found.left_out.append(self._unreadable(entry.path, error))
                else:
                    if reason is not None:
                        found.left_out.append(LeftOut(self.display_name(entry.path), reason))
        return found

    def _sort(self, entry: os.DirEntry[str], found: _Entries) -> LeftOutReason | None:
        """Add an entry to the files or the subdirectories, or return why it is left out."""
        is_directory = entry.is_dir(follow_symlinks=False)
        if entry.name.startswith(".") if is_directory else not self._is_wanted(entry.name):
            return LeftOutReason.EXCLUDED
        if is_directory:
            found.subdirectories.append(entry.path)
        elif entry.is_file():
            found.files.add(entry.name)
        elif entry.is_dir():
            return LeftOutReason.LINK_TO_DIRECTORY
        else:
            return LeftOutReason.SPECIAL if os.path.exists(entry.path) else LeftOutReason.LINK_TO_NOTHING
        return None

    def _unreadable(self, path: str, error: OSError) -> LeftOut:
        return LeftOut(self.display_name(path), LeftOutReason.UNREADABLE, error.strerror or str(error))

    def _reason(self, place: str, name: str, files: set[str]) -> LeftOutReason | None:
        """Return why a file is left out by its name; None for a log."""
        base = base_of(name)
        if base is None:
            return LeftOutReason.ARCHIVE if _ARCHIVE.search(name) else None
        if base.name in files or (not base.is_infix and self._has_log(place, base.name)):
            return LeftOutReason.OLDER
        return LeftOutReason.COMPRESSED if base.is_compressed else None

    def _has_log(self, place: str, name: str) -> bool:
        """Whether a log is there that is not beside its rotated file: it is followed, or above it (`olddir`)."""
        if self._is_followed(place + name):
            return True
        parent = place[: place.rfind(os.sep, 0, -1) + 1]
        return len(parent) > len(self._root) and os.path.isfile(parent + name)


def check_directory(path: Path, *, include: Sequence[str], exclude: Sequence[str]) -> None:
    """Raise `SourceError` for a directory whose files are all no logs; one without files is waited for.

    Opens no more files than it takes to find a log.
    """
    tree = Tree(str(path), name_filter(include, exclude))
    left_out: list[LeftOut] = []
    for log in tree.scan():
        content = _content(log)
        if content is Content.TEXT:
            return
        if content is not None:
            left_out.append(LeftOut(tree.display_name(log), reason_of(content)))
    left_out += tree.left_out
    if left_out:
        name = escape(str(path))
        raise SourceError(f"{name} has no log files in it, {summary(name, left_out)}: name the files to read")


def _content(path: str) -> Content | None:
    with suppress(OSError), open(path, "rb", buffering=0) as file:
        return detect_content(file.read(SNIFF_BYTES))
    return None
