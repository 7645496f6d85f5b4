"""Collects what is new in the followed paths into batches; it never waits, so that a test can drive it step by step."""

from __future__ import annotations

import os
import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from core.events import Notice, NoticeKind
from core.reading.batch import BATCH_LINES, BATCH_SECONDS, ReadBatch
from core.reading.checkpoint import Checkpoint, Saved
from core.reading.descriptors import Descriptors, default_descriptor_limit
from core.reading.directory import Tree
from core.reading.identity import FileId, KnownFiles, file_id
from core.reading.left_out import LeftOut, LeftOutReason, notices, reason_of
from core.reading.outbox import Outbox
from core.reading.rotation import log_of
from core.reading.shared import Shared
from core.reading.source import Source
from core.support.printable import escape

_READ_BYTES: Final = 1 << 17
# Where there are many files each gets a smaller share of a turn, so that none waits long.
_SHARED_BY: Final = 2
_MAX_KNOWN_FILES: Final = 1024
# As many of them are kept in a checkpoint, for what happens within a second of it.
_CHECKPOINT_FILES: Final = 64
# Beyond this number the sizes of files are those of the last sweep.
_MAX_MEASURED: Final = 256
# Files that grew this recently are polled without an event, unless there are many of them.
_RECENT_SECONDS: Final = 1.0
_MAX_RECENT: Final = 64


class Collector:
    """A follower without the waiting: sources, queued lines, and how far the consumer has come."""

    def __init__(
        self,
        paths: Sequence[Path],
        is_wanted: Callable[[str], bool],
        *,
        batch_lines: int = BATCH_LINES,
        read_bytes: int = _READ_BYTES,
        max_open_files: int | None = None,
        keeps_positions: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._given = {os.path.abspath(path): escape(str(path)) for path in paths}
        self._is_wanted = is_wanted
        self._clock = clock
        self._trees: dict[str, Tree] = {}
        # What a checkpoint knows, while following begins.
        self._saved: Mapping[str, Sequence[Saved]] = {}
        self.sources: dict[str, Source] = {}
        """By absolute path."""
        self._batch_lines = batch_lines
        self._read_bytes = read_bytes
        self._outbox = Outbox()
        self._shared = Shared(
            emit=self._outbox.put,
            descriptors=Descriptors(max_open_files or default_descriptor_limit()),
            known_files=KnownFiles(lambda: _MAX_KNOWN_FILES + len(self.sources)),
            clock=clock,
            keeps_positions=keeps_positions,
        )
        # Ordered sets: sources to read, those that warm up first; and sources with bytes that are not delivered.
        self._warming: OrderedDict[Source, None] = OrderedDict()
        self._active: OrderedDict[Source, None] = OrderedDict()
        self._unfinished: dict[Source, None] = {}

        self._recent: dict[Source, float] = {}
        self._links: dict[str, str] = {}

    def notify(self, kind: NoticeKind, text: str) -> None:
        """Add a notice that is not about a single source."""
        self._outbox.put(Notice("", kind, text))

    def covers(self, path: str) -> bool:
        """Whether a path is one of the given ones or in a given directory."""
        return any(map(_is_under(path), self._given))

    def followed_path(self, path: str) -> str | None:
        """Return the followed path that this is, or that links to it."""
        return path if path in self.sources else self._links.get(path)

    def directories(self) -> dict[str, bool]:
        """Return the directories to watch; True for those to watch with all below them."""
        parents = {os.path.dirname(path): False for root in self._given for path in (root, os.path.realpath(root))}
        return parents | dict.fromkeys(self._trees, True)

    def begin(self, *, read_back_lines: int | None, resumed: Checkpoint | None = None) -> None:
        """Poll for the first time; start at the start of files, some lines before their end, or at a checkpoint."""
        self._shared.looked_ns = resumed.looked_ns if resumed else time.time_ns()
        began_ns = time.time_ns()
        for position in resumed.known if resumed else ():
            self._shared.known_files.remember(position)
        self._saved = resumed.sources if resumed else {}
        self._discover(late=False)
        unlisted = [path for path in self._saved if path not in self.sources and self.covers(path)]
        self.sources |= {path: self._new_source(path) for path in unlisted}
        lines = read_back_lines
        if read_back_lines:
            lines = max(1, read_back_lines // max(1, len(self.sources)))
        read_before = {saved.position.file for files in self._saved.values() for saved in files}
        for path, source in self.sources.items():
            if not resumed or not any(map(_is_under(path), resumed.given)):
                source.begin(lines)
            elif source.is_pinned and path not in self._saved and self._was_there(path, read_before):
                source.begin(0)
            else:
                # Its log is there again: what is at the path now is read as the log that it was before.
                source.is_closed = source.is_pinned and log_of(path) in self.sources
                source.resume(self._saved.get(path, ()))
            self._activate(source)
        self._saved = {}
        self._report_left_out(at_start=True)
        self._shared.looked_ns = began_ns
        self._shared.siblings.clear()

    def sweep(self, *, everything: bool = False) -> None:
        """Poll every path and discover new ones; `everything` lists directories that seem unchanged too."""
        began_ns = time.time_ns()
        self._discover(late=True, everything=everything)
        gone = []
        stat_path = os.stat
        for path, source in self.sources.items():
            try:
                status = stat_path(path)
            except OSError:
                grown = source.poll()
                if source.is_gone and path not in self._given:
                    gone.append(path)
            else:
                grown = source.poll_status(status)
                if source.is_closed and source.is_gone:
                    gone.append(path)
            if source.retired:
                grown |= source.poll_retired()
            if grown:
                self._activate(source)
        for path in gone:
            self._unfinished.pop(self.sources.pop(path), None)
        long_ago = self._clock() - _RECENT_SECONDS
        self._recent = {source: grown for source, grown in self._recent.items() if grown > long_ago}
        self._links = {os.path.realpath(root): root for root in self._given if os.path.islink(root)}
        self._report_left_out()
        self._shared.looked_ns = began_ns
        self._shared.siblings.clear()
        self._shrink()

    def _shrink(self) -> None:
        """Free the memory that a set of many sources keeps after it has been emptied."""
        self._unfinished = dict(self._unfinished)
        if not self._active:
            self._active = OrderedDict()

    def poll_paths(self, paths: Iterable[str], *, for_new: bool = False) -> None:
        """Poll paths with file system events and those that grew lately; with `for_new` list directories too."""
        if for_new:
            self._discover(late=True)
        sources = {self.sources[path] for path in paths if path in self.sources}
        if len(self._recent) <= _MAX_RECENT:
            sources.update(self._recent)
        for source in sources:
            if source.poll() | source.poll_retired():
                self._activate(source)

    def _was_there(self, path: str, read_before: Collection[FileId]) -> bool:
        """Whether the last run knew a rotated file that is in its checkpoint only with the path that it had then."""
        try:
            status = os.stat(path)
        except OSError:
            return False
        file = file_id(status)
        if self._shared.known_files.read_to(file) >= 0:
            return False
        return status.st_mtime_ns < self._shared.looked_ns or file in read_before

    def _discover(self, *, late: bool, everything: bool = False) -> None:
        """Find the files that the given paths stand for now."""
        found: list[str] = []
        for root, name in self._given.items():
            if root not in self._trees and os.path.isdir(root):
                self._trees[root] = Tree(root, self._is_wanted, name=name, is_followed=self._is_followed)
                if waiting := self.sources.pop(root, None):
                    waiting.notify(NoticeKind.APPEARED, "is back: it is a directory")
                elif not self._add(self._trees[root].scan(), late=late):
                    self._shared.emit(Notice(name, NoticeKind.WAITING, "has no logs yet: waiting for some"))
            if tree := self._trees.get(root):
                found += self._add(tree.scan(everything=everything), late=late)
            elif root not in self.sources:
                self.sources[root] = Source(root, name, self._shared, is_given=True)
        if late and found:
            text = "is new" if len(found) == 1 else f"is new, and {len(found) - 1} other files"
            self._shared.emit(Notice(found[0], NoticeKind.APPEARED, text, len(found)))

    def _add(self, paths: Iterable[str], *, late: bool) -> list[str]:
        """Follow the paths that are not followed yet; return their names."""
        added = []
        for path in paths:
            if path not in self.sources:
                source = self._new_source(path, was_absent=late)
                if late and source.is_pinned and self._is_known(path):
                    continue
                self.sources[path] = source
                added.append(source.name)
        return added

    def _new_source(self, path: str, *, was_absent: bool = False) -> Source:
        """Return the source of a file in a directory."""
        name, is_pinned = self._display_name(path), log_of(path) != path
        return Source(path, name, self._shared, is_given=False, was_absent=was_absent, is_pinned=is_pinned)

    def _is_followed(self, path: str) -> bool:
        return path in self.sources or path in self._saved

    def _is_known(self, path: str) -> bool:
        """Whether a rotated file is read, or was read to its end, with the path that it had before."""
        try:
            status = os.stat(path)
        except OSError:
            return True
        file = file_id(status)
        return file in self._shared.tails or status.st_size <= self._shared.known_files.read_to(file)

    def _display_name(self, path: str) -> str:
        for root, name in self._given.items():
            if path.startswith(root + os.sep):
                return os.path.join(name, escape(path[len(root) + 1 :]))
        return escape(path)

    def _report_left_out(self, *, at_start: bool = False) -> None:
        """Add notices of what is left out of directories since the last time; not of what rotation does meanwhile."""
        refused, self._shared.refused = self._shared.refused, []
        for root, tree in self._trees.items():
            name = self._given[root]
            found = tree.take_new_left_out()
            found += (entry for entry in refused if entry.path.startswith(os.path.join(name, "")))
            if not at_start:
                found = [entry for entry in found if entry.reason is not LeftOutReason.OLDER]
            for notice in notices(name, found):
                self._shared.emit(notice)

    def left_out(self) -> list[LeftOut]:
        """Return what is not followed of the files in the directories; from any thread."""
        found = [entry for tree in list(self._trees.values()) for entry in tree.left_out]
        for source in list(self.sources.values()):
            tail = source.current
            if tail is not None and tail.refused and not source.is_given:
                found.append(LeftOut(source.name, reason_of(tail.content)))
        return found

    def _activate(self, source: Source) -> None:
        (self._warming if source.is_warming_up else self._active)[source] = None
        self._unfinished[source] = None

    def gather(self) -> ReadBatch:
        """Return what can be read now, at most 2,000 lines or 50 ms of reading; empty when there is nothing."""
        deadline = self._clock() + BATCH_SECONDS
        while self._outbox.lines < self._batch_lines and (turns := self._warming or self._active):
            source, _ = turns.popitem(last=False)
            if source.read(self._read_bytes // _SHARED_BY if turns else self._read_bytes):
                self._activate(source)
                self._recent[source] = self._clock()
            if self._outbox.lines and self._clock() > deadline:
                break
        return replace(self._outbox.take(self._batch_lines), behind=self.behind())

    @property
    def has_more(self) -> bool:
        """Whether there may be something to gather without another poll."""
        return bool(self._outbox.lines or self._warming or self._active)

    def behind(self) -> int:
        """Return the bytes in all files that are in no batch yet."""
        measure = len(self._unfinished) <= _MAX_MEASURED
        total = 0
        for source in list(self._unfinished):
            if behind := source.behind(measure=measure):
                total += behind
            elif source not in self._active and source not in self._warming:
                del self._unfinished[source]
        return total

    def skip_to_end(self) -> None:
        """Skip all that is in the files now, but for lines that are queued already."""
        for source in self._unfinished:
            source.skip_to_end()

    def flush(self) -> None:
        """Queue the incomplete last lines: no more bytes are waited for."""
        for source in self._unfinished:
            source.flush()

    def commit(self, batch: ReadBatch) -> None:
        """Record that the consumer has processed a batch."""
        if self._shared.keeps_positions:
            for tail, position in batch.positions:
                tail.committed = position

    def checkpoint(self) -> Checkpoint:
        """Return how far the consumer has come in every file."""
        # Where reading lags, a change of the file is noticed only when reading reaches it.
        looked_ns = min((source.verified_ns for source in self.sources.values()), default=self._shared.looked_ns)
        return Checkpoint(
            looked_ns,
            frozenset(self._given),
            {path: files for path, source in self.sources.items() if (files := source.saved())},
            self._shared.known_files.latest(_CHECKPOINT_FILES),
        )

    def close(self) -> None:
        """Close all files."""
        self._shared.descriptors.release_all()


def _is_under(path: str) -> Callable[[str], bool]:
    return lambda root: path == root or path.startswith(root + os.sep)
