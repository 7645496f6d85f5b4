"""One followed path: the file that is there now, and those that were there and may still be written to."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from core.events import NoticeKind
from core.reading.checkpoint import Saved
from core.reading.content import Content
from core.reading.generations import Generations
from core.reading.identity import NO_BYTES, NOWHERE, Position, file_id
from core.reading.places import MAX_COUNTED_BYTES, count_lines, last_line_end, last_lines
from core.reading.search import path_of, remember_existing
from core.reading.tail import FileTail

RETIREMENT_SECONDS: Final = 30.0
"""How long a rotated file must not grow before it is finished."""
_VANISHED_AFTER_SECONDS: Final = 1.0
# How far the committed position may have lagged when the process was killed and the rest was compressed.
_LAG_NS: Final = 3_600_000_000_000
_MISSING: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Source(Generations):
    """Follows one path through rotation, truncation and absence."""

    __slots__ = ()

    def begin(self, read_back_lines: int | None) -> None:
        """Poll for the first time; start at the last lines of the file, or (None) at its beginning."""
        if not self.is_pinned:
            remember_existing(self.siblings, self.shared, even_old=not os.path.exists(self.path))
        self.poll()
        tail = self.current
        self._notify_waiting()
        if tail is not None and read_back_lines is not None and tail.content is Content.TEXT:
            place, end = last_lines(tail.fd, read_back_lines)
            if not place.is_counted:
                text = f"started {place.offset} bytes into the file: line numbers count from there"
                self.notify(NoticeKind.RESUMED, text)
            position = tail.begin_at(place.offset, number=place.number, warm_up_to=end)
            if self.shared.keeps_positions:
                tail.committed = position

    def resume(self, files: Sequence[Saved]) -> None:
        """Continue at the saved positions of the files of this path, oldest first."""
        for position, size in files:
            if tail := self._reopen_saved(position):
                self.hold(tail)
                self.retire(tail)
            elif size > position.offset:
                lost = size - position.offset
                self.notify(
                    NoticeKind.LOST, f"{lost} bytes not read by the last run are lost: their file is gone", lost
                )
        found = bool(self.retired)
        # A file that is still at the path becomes the current one again.
        self.poll()
        # A file that was empty looks the same after it was written, copied and truncated.
        if not found or not files[-1].position.head.length:
            self.read_missed(files[-1].position if files else NOWHERE, self.current, self.shared.looked_ns)
        self._notify_waiting()
        if not self.is_pinned:
            remember_existing(self.siblings, self.shared)

    def _reopen_saved(self, position: Position) -> FileTail | None:
        fd: int | None = None
        with suppress(OSError):
            fd = self.shared.descriptors.open(self.path)
            file = file_id(os.fstat(fd))
            is_same = position.is_in(fd) or (file == position.file and not position.head.length)
            if file in self.shared.tails or not is_same:
                os.close(fd)
                fd = None
        if fd is None:
            if position.head.length:
                fd = self.open_rotated(position, since_ns=self.shared.looked_ns - _LAG_NS)
            elif path := path_of(position.file, self.siblings):
                with suppress(OSError):
                    fd = self.shared.descriptors.open(path)
        if fd is None:
            return None
        return FileTail(self.name, fd, at=position._replace(file=file_id(os.fstat(fd))))

    def saved(self) -> list[Saved]:
        """Return the committed position in each file, and its known size."""
        self.uncommitted = tuple(tail for tail in self.uncommitted if tail.committed_to < tail.read_to)
        for tail in self.retired:
            if tail.fd >= 0 and not tail.head.length:
                with suppress(OSError):
                    self.finish_if_copy(tail)
        return [
            Saved(tail.committed or Position(tail.file, tail.head, 0, 0, NO_BYTES), max(tail.size, tail.read_to))
            for tail in (*self.uncommitted, *self.tails)
            if not tail.refused
        ]

    def skip_to_end(self) -> None:
        """Skip what is in the files now."""
        for tail in self.tails:
            if tail.fd < 0 or tail.refused:
                continue
            start = tail.line_start
            end = last_line_end(tail.fd, after=start)
            is_counted = end - start <= MAX_COUNTED_BYTES
            lines = count_lines(tail.fd, start, end) if is_counted else 0
            if end > start:
                text = f"skipped {end - start} bytes" + ("" if is_counted else ", whose lines were not counted")
                self.notify(NoticeKind.SKIPPED, text, end - start)
                self.shared.emit(tail.skip_to(end, lines=lines))

    def _notify_waiting(self) -> None:
        if not self.problem and self.missing_since is not None:
            self.problem = "does not exist yet: waiting for it"
            self.notify(NoticeKind.WAITING, self.problem)

    def poll(self) -> bool:
        """Check which file is at the path now; return whether there may be something to read."""
        try:
            status = os.stat(self.path)
        except OSError as error:
            if error.errno in _MISSING:
                return self._on_missing()
            # An open file can still be read, even if its directory can no longer be searched.
            return True if self.current and self.current.fd >= 0 else self.report_unreadable(error)
        return self.poll_status(status)

    def poll_status(self, status: os.stat_result) -> bool:
        """Do the same with a known status of the path."""
        tail = self.current
        if tail is None or file_id(status) != tail.file:
            return self._adopt()
        if tail.refused:
            if status.st_size < tail.size:
                self.replace_content(tail)
            tail.size = status.st_size
            tail.verified_ns = self.shared.looked_ns
            return False
        if tail.unchanged(status):
            tail.verified_ns = self.shared.looked_ns
            return False
        return True

    def poll_retired(self) -> bool:
        """Check whether rotated files have grown, and finish those that have not for a while."""
        grown = False
        for tail in self.retired:
            status = self._status(tail)
            if status is not None and not tail.unchanged(status):
                grown = True
                continue
            if status is None and tail.size > tail.read_to:
                lost = tail.size - tail.read_to
                self.notify(NoticeKind.LOST, f"deleted before {lost} bytes of it were read", lost)
            if status is None or self.shared.clock() - tail.quiet_since >= RETIREMENT_SECONDS:
                self.finish(tail)
        return grown

    def _status(self, tail: FileTail) -> os.stat_result | None:
        try:
            if tail.fd >= 0:
                return os.fstat(tail.fd)
            path = path_of(tail.file, self.siblings)
            return os.stat(path) if path else None
        except OSError:
            return None

    def _on_missing(self) -> bool:
        if self.current:
            self.retire(self.current)
        self.read_missed(self.retired[-1].position if self.retired else NOWHERE, None, self.shared.looked_ns)
        now = self.shared.clock()
        if self.missing_since is None:
            self.missing_since = now
        elif now - self.missing_since >= _VANISHED_AFTER_SECONDS and not (self.problem or self.is_closed):
            self.problem = "is gone: waiting for it to come back"
            self.notify(NoticeKind.VANISHED, self.problem)
        return bool(self.retired)

    def _adopt(self) -> bool:
        """Follow the file that is at the path now."""
        try:
            fd = self.shared.descriptors.open(self.path)
        except OSError as error:
            return self._on_missing() if error.errno in _MISSING else self.report_unreadable(error)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            return self.report_unreadable(OSError(errno.EINVAL, "not a regular file"))
        previous = self.current or (self.retired[-1] if self.retired else None)
        if self.current:
            self.retire(self.current)
        reader = self.shared.tails.get(file_id(status))
        if reader in self.retired and reader.fd < 0 and not reader.position.is_in(fd):
            # Its inode went to another file while it was closed.
            self.finish(reader)
            reader = None
        if reader is not None or self.is_closed:
            os.close(fd)
            return self._readopt(reader)
        position = self.shared.known_files.recall(file_id(status), fd)
        tail = FileTail(self.name, fd, at=position)
        self.hold(tail)
        if previous is not None or self.missing_since is not None:
            self.read_missed(previous.position if previous else NOWHERE, tail, self.shared.looked_ns)
        if previous is not None and not self.problem:
            self.notify(NoticeKind.ROTATED, "rotated: continuing with the new file")
        self.current = tail
        self.report_readable()
        if tail.content is not Content.TEXT and not tail.read_to:
            return self.refuse(tail, tail.content)
        return True

    def _readopt(self, reader: FileTail | None) -> bool:
        """Make a retired file that is back at the path current again; one of another source stays with it."""
        if reader is None or reader not in self.retired:
            return bool(self.retired)
        self.retired = tuple(tail for tail in self.retired if tail is not reader)
        self.current = reader
        self.is_closed = False
        self.report_readable()
        return True
