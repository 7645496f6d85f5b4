"""One followed path: the file that is there now, and those that were there and may still be written to."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Sequence
from contextlib import suppress

from core.events import NoticeKind
from core.reading.checkpoint import Saved
from core.reading.content import Content
from core.reading.generations import Generations
from core.reading.identity import EMPTY, NOWHERE, Position, file_id
from core.reading.places import MOST_COUNTED_BYTES, count_lines, last_line_end, last_lines
from core.reading.search import note_known, path_of
from core.reading.tail import FileTail

RETIREMENT_SECONDS = 30.0
"""How long a file that was rotated away must not grow before it is let go."""
_VANISHED_AFTER_SECONDS = 1.0
# How far a consumer may have been behind what was read, when it was killed and the rest was compressed.
_LAG_NS = 3_600_000_000_000
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Source(Generations):
    """Follows one path through rotation, truncation and absence."""

    __slots__ = ()

    # Where to begin

    def begin(self, read_back_lines: int | None) -> None:
        """Look for the first time; begin at the last lines of what is there, or (None) at its start."""
        siblings = self.shared.siblings.of(self.path)
        note_known(siblings, self.shared, even_old=not os.path.exists(self.path))
        self.look()
        tail = self.current
        self._say_awaited()
        if tail is not None and read_back_lines is not None and tail.content is Content.TEXT:
            place, end = last_lines(tail.fd, read_back_lines)
            if not place.is_counted:
                text = f"begun {place.offset} bytes into the file: line numbers count from there"
                self.notify(NoticeKind.SKIPPED, text, place.offset)
            position = tail.begin_at(place.offset, number=place.number, warm_up_to=end)
            if self.shared.keeps_positions:
                tail.committed = position

    def resume(self, files: Sequence[Saved]) -> None:
        """Go on where a checkpoint says that the files of this path were left, oldest first."""
        for position, size in files:
            if tail := self._find_again(position):
                self.hold(tail)
                self.retire(tail)
            elif size > position.offset:
                lost = size - position.offset
                self.notify(NoticeKind.LOST, f"{lost} bytes not read last time are gone with their file", lost)
        found = bool(self.retired)
        # A file that is still at the path is taken back from those that left it.
        self.look()
        # A file that was empty looks the same after it was written, copied and truncated.
        if not found or not files[-1].position.head.length:
            self.read_between(files[-1].position if files else NOWHERE, self.current, self.shared.looked_ns)
        self._say_awaited()
        note_known(self.shared.siblings.of(self.path), self.shared)

    def _find_again(self, position: Position) -> FileTail | None:
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
                fd = self.open_holder(position, since_ns=self.shared.looked_ns - _LAG_NS)
            elif path := path_of(position.file, self.shared.siblings.of(self.path)):
                with suppress(OSError):
                    fd = self.shared.descriptors.open(path)
        if fd is None:
            return None
        return FileTail(self.name, fd, at=position._replace(file=file_id(os.fstat(fd))))

    def saved(self) -> list[Saved]:
        """Return how far the consumer has come in each file, and how much is known to be in it."""
        self.leaving = tuple(tail for tail in self.leaving if tail.done_to < tail.read_to)
        for tail in self.retired:
            if tail.fd >= 0 and not tail.head.length:
                with suppress(OSError):
                    self.was_copy(tail)
        return [
            Saved(tail.committed or Position(tail.file, tail.head, 0, 0, EMPTY), max(tail.size, tail.read_to))
            for tail in (*self.leaving, *self.tails)
            if not tail.refused
        ]

    def skip_to_end(self) -> None:
        """Leave out what is in the files by now."""
        for tail in self.tails:
            if tail.fd < 0 or tail.refused:
                continue
            start = tail.line_start
            end = last_line_end(tail.fd, after=start)
            is_counted = end - start <= MOST_COUNTED_BYTES
            lines = count_lines(tail.fd, start, end) if is_counted else 0
            if end > start:
                text = f"skipped {end - start} bytes" + ("" if is_counted else ", whose lines were not counted")
                self.notify(NoticeKind.SKIPPED, text, end - start)
                self.shared.emit(tail.skip_to(end, lines=lines))

    def _say_awaited(self) -> None:
        if not self.trouble and self.gone_since is not None:
            self.trouble = "is not there yet: waiting for it"
            self.notify(NoticeKind.WAITING, self.trouble)

    # What is at the path

    def look(self) -> bool:
        """Look at what is at the path now; return whether there may be something to read."""
        try:
            status = os.stat(self.path)
        except OSError as error:
            if error.errno in _MISSING:
                return self._missing()
            # What is open can be read on, even where its directory cannot be searched any more.
            return True if self.current and self.current.fd >= 0 else self.in_trouble(error)
        return self.see(status)

    def see(self, status: os.stat_result) -> bool:
        """Take note of the status of what is at the path now; return whether there may be something to read."""
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

    def look_at_retired(self) -> bool:
        """Look whether files that left the path have grown, and let go those that have not for long."""
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
                self.let_go(tail)
        return grown

    def _status(self, tail: FileTail) -> os.stat_result | None:
        try:
            if tail.fd >= 0:
                return os.fstat(tail.fd)
            path = path_of(tail.file, self.shared.siblings.of(self.path))
            return os.stat(path) if path else None
        except OSError:
            return None

    def _missing(self) -> bool:
        if self.current:
            self.retire(self.current)
        self.read_between(self.retired[-1].position if self.retired else NOWHERE, None, self.shared.looked_ns)
        now = self.shared.clock()
        if self.gone_since is None:
            self.gone_since = now
        elif now - self.gone_since >= _VANISHED_AFTER_SECONDS and not self.trouble:
            self.trouble = "is gone: waiting for it to come back"
            self.notify(NoticeKind.VANISHED, self.trouble)
        return bool(self.retired)

    def _adopt(self) -> bool:
        """Follow the file that is at the path now."""
        try:
            fd = self.shared.descriptors.open(self.path)
        except OSError as error:
            return self._missing() if error.errno in _MISSING else self.in_trouble(error)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            return self.in_trouble(OSError(errno.EINVAL, "not a regular file"))
        previous = self.current or (self.retired[-1] if self.retired else None)
        if self.current:
            self.retire(self.current)
        reader = self.shared.tails.get(file_id(status))
        if reader in self.retired and reader.fd < 0 and not reader.position.is_in(fd):
            # Its inode went to another file while it was closed.
            self.let_go(reader)
            reader = None
        if reader is not None:
            os.close(fd)
            return self._take_back(reader)
        position = self.shared.memory.recall(file_id(status), fd)
        tail = FileTail(self.name, fd, at=position)
        self.hold(tail)
        if previous is not None or self.gone_since is not None:
            self.read_between(previous.position if previous else NOWHERE, tail, self.shared.looked_ns)
        if previous is not None and not self.trouble:
            self.notify(NoticeKind.ROTATED, "rotated: going on with the new file")
        self.current = tail
        self.out_of_trouble()
        return True

    def _take_back(self, reader: FileTail) -> bool:
        """Go on with a file that had left the path and is back; one that another source reads is left to it."""
        if reader not in self.retired:
            return bool(self.retired)
        self.retired = tuple(tail for tail in self.retired if tail is not reader)
        self.current = reader
        self.out_of_trouble()
        return True
