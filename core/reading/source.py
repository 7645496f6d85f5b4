"""One followed path: the file that is there now, and those that were there and may still be written to."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress

from core.events import Notice, NoticeKind
from core.reading.checkpoint import Saved
from core.reading.content import Content, refusal
from core.reading.identity import EMPTY, NOWHERE, Position, file_id
from core.reading.places import MOST_COUNTED_BYTES, count_lines, last_line_end, last_lines
from core.reading.search import is_copy, note_known, open_between, open_holder, path_of
from core.reading.shared import Shared
from core.reading.tail import Chunk, FileTail, NotTextError, RewrittenError

RETIREMENT_SECONDS = 30.0
"""How long a file that was rotated away must not grow before it is let go."""
_VANISHED_AFTER_SECONDS = 1.0
_MISSING = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)


class Source:
    """Follows one path through rotation, truncation and absence."""

    __slots__ = ("current", "gone_since", "is_given", "leaving", "name", "path", "retired", "shared", "trouble")

    def __init__(self, path: str, name: str, shared: Shared, *, is_given: bool, was_absent: bool = False) -> None:
        self.path = path
        self.name = path if name == path else name
        """The path as the operator knows it, safe to print."""
        self.is_given = is_given
        """Whether the operator named this very file, not a directory that it is in."""
        self.shared = shared
        self.current: FileTail | None = None
        self.retired: tuple[FileTail, ...] = ()
        """Oldest first: files that left the path, read until they have not grown for a while."""
        self.leaving: tuple[FileTail, ...] = ()
        """Files read to their end whose lines the consumer has not dealt with yet."""
        self.gone_since: float | None = shared.clock() if was_absent else None
        self.trouble = ""

    @property
    def tails(self) -> Iterator[FileTail]:
        """All files that are read, older ones first."""
        yield from self.retired
        if self.current is not None:
            yield self.current

    @property
    def warms_up(self) -> bool:
        """Whether there are lines left to warm up with."""
        return self.current is not None and self.current.read_to < self.current.warm_up_to

    @property
    def is_over(self) -> bool:
        """Whether nothing of this path is left."""
        return self.current is None and not self.retired and not self.leaving

    def behind(self, *, measure: bool) -> int:
        """Return the bytes in the files that have left in no batch, of now (`measure`) or of the last look."""
        total = 0
        for tail in self.tails:
            if measure and tail.fd >= 0 and not tail.refused:
                total += max(0, os.fstat(tail.fd).st_size - tail.delivered)
            else:
                total += tail.behind
        return total

    def notify(self, kind: NoticeKind, text: str, count: int = 0) -> None:
        """Put a notice at this place of the stream."""
        self.shared.emit(Notice(self.name, kind, text, count))

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
                self._hold(tail)
                self._retire(tail)
            elif size > position.offset:
                lost = size - position.offset
                self.notify(NoticeKind.LOST, f"{lost} bytes not read last time are gone with their file", lost)
        found = bool(self.retired)
        # A file that is still at the path is taken back from those that left it.
        self.look()
        # A file that was empty looks the same after it was written, copied and truncated.
        if not found or not files[-1].position.head.length:
            self._read_between(files[-1].position if files else NOWHERE, self.current, self.shared.looked_ns)
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
            siblings = self.shared.siblings.of(self.path)
            if position.head.length:
                fd = open_holder(position, siblings, self.shared)
            elif path := path_of(position.file, siblings):
                with suppress(OSError):
                    fd = self.shared.descriptors.open(path)
        if fd is None:
            return None
        return FileTail(self.name, fd, at=position._replace(file=file_id(os.fstat(fd))))

    @property
    def verified_ns(self) -> int:
        """A wall time, in ns, after which nothing was noticed that would have to be."""
        return self.current.verified_ns if self.current else self.shared.looked_ns

    def saved(self) -> list[Saved]:
        """Return how far the consumer has come in each file, and how much is known to be in it."""
        self.leaving = tuple(tail for tail in self.leaving if tail.done_to < tail.read_to)
        for tail in self.retired:
            if tail.fd >= 0 and not tail.head.length:
                with suppress(OSError):
                    self._was_copy(tail)
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
            return True if self.current and self.current.fd >= 0 else self._in_trouble(error)
        return self.see(status)

    def see(self, status: os.stat_result) -> bool:
        """Take note of the status of what is at the path now; return whether there may be something to read."""
        tail = self.current
        if tail is None or file_id(status) != tail.file:
            return self._adopt()
        if tail.refused:
            if status.st_size < tail.size:
                self._replace_content(tail)
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
            elif status is None or self.shared.clock() - tail.quiet_since >= RETIREMENT_SECONDS:
                self._let_go(tail)
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
            self._retire(self.current)
        self._read_between(self.retired[-1].position if self.retired else NOWHERE, None, self.shared.looked_ns)
        now = self.shared.clock()
        if self.gone_since is None:
            self.gone_since = now
        elif now - self.gone_since >= _VANISHED_AFTER_SECONDS and not self.trouble:
            self.trouble = "is gone: waiting for it to come back"
            self.notify(NoticeKind.VANISHED, self.trouble)
        return bool(self.retired)

    def _in_trouble(self, error: OSError) -> bool:
        trouble = f"cannot be read ({error.strerror}): trying again every second"
        if trouble != self.trouble:
            self.trouble = trouble
            self.notify(NoticeKind.UNREADABLE, trouble)
        return False

    def _out_of_trouble(self) -> None:
        if self.trouble:
            self.notify(NoticeKind.APPEARED, "is there" if self.gone_since is not None else "can be read again")
            self.trouble = ""
        self.gone_since = None

    def _adopt(self) -> bool:
        """Follow the file that is at the path now."""
        try:
            fd = self.shared.descriptors.open(self.path)
        except OSError as error:
            return self._missing() if error.errno in _MISSING else self._in_trouble(error)
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            os.close(fd)
            return self._in_trouble(OSError(errno.EINVAL, "not a regular file"))
        previous = self.current or (self.retired[-1] if self.retired else None)
        if self.current:
            self._retire(self.current)
        reader = self.shared.tails.get(file_id(status))
        if reader in self.retired and reader.fd < 0 and not reader.position.is_in(fd):
            # Its inode went to another file while it was closed.
            self._let_go(reader)
            reader = None
        if reader is not None:
            os.close(fd)
            return self._take_back(reader)
        position = self.shared.memory.recall(file_id(status), fd)
        tail = FileTail(self.name, fd, at=position)
        self._hold(tail)
        if previous is not None or self.gone_since is not None:
            self._read_between(previous.position if previous else NOWHERE, tail, self.shared.looked_ns)
        if previous is not None and not self.trouble:
            self.notify(NoticeKind.ROTATED, "rotated: going on with the new file")
        self.current = tail
        self._out_of_trouble()
        return True

    def _take_back(self, reader: FileTail) -> bool:
        """Go on with a file that had left the path and is back; one that another source reads is left to it."""
        if reader not in self.retired:
            return bool(self.retired)
        self.retired = tuple(tail for tail in self.retired if tail is not reader)
        self.current = reader
        self._out_of_trouble()
        return True

    def _hold(self, tail: FileTail) -> None:
        tail.verified_ns = self.shared.looked_ns
        self.shared.descriptors.hold(tail)
        self.shared.tails[tail.file] = tail

    def _retire(self, tail: FileTail) -> None:
        tail.quiet_since = self.shared.clock()
        self.retired = (*self.retired, tail)
        self.current = None

    def _let_go(self, tail: FileTail) -> None:
        """Be done with a file: nothing is written to it any more."""
        self.retired = tuple(other for other in self.retired if other is not tail)
        if not tail.refused and (chunk := tail.flush()):
            self.shared.emit(chunk)
        self.shared.memory.remember(tail.position)
        if self.shared.tails.get(tail.file) is tail:
            del self.shared.tails[tail.file]
        self.shared.descriptors.release(tail)
        if self.shared.keeps_positions:
            self.leaving = (*self.leaving, tail)

    # What is in the files

    def read(self, limit: int) -> bool:
        """Read up to `limit` bytes and hand on their lines, older files first; False when there is nothing to read."""
        return any(self._read_tail(tail, limit) for tail in self.tails if not tail.refused)

    def _read_tail(self, tail: FileTail, limit: int) -> bool:
        known = tail.size
        try:
            if tail.fd < 0 and not self._reopen(tail):
                return False
            if not tail.head.length and self._was_mistaken(tail):
                return True
            chunk = tail.read(limit)
        except RewrittenError:
            self._content_is_gone(tail)
            return True
        except NotTextError as error:
            return self._refuse(tail, error.content)
        except OSError as error:
            if error.errno == errno.ESTALE:
                self.shared.descriptors.release(tail)
            return self._in_trouble(error)
        tail.verified_ns = self.shared.looked_ns
        if self.trouble and tail is self.current:
            self._out_of_trouble()
        if tail.size < known:
            cut = known - tail.size
            self.notify(NoticeKind.LOST, f"{cut} bytes were cut off before they were read", cut)
        if chunk is not None:
            self._hand_on(chunk)
        return chunk is not None

    def _was_mistaken(self, tail: FileTail) -> bool:
        """Look again at a file that was empty; return whether it is not, or not alone, what it was taken for."""
        if tail is not self.current and self._was_copy(tail):
            return True
        # An empty file looks the same after it was written, copied and truncated.
        return self._read_between(tail.position, tail, tail.verified_ns)

    def _was_copy(self, tail: FileTail) -> bool:
        """Let go a file that left the path empty, or so it seemed, and turns out to be a copy of another."""
        tail.check_head()
        others = [other for other in self.tails if other is not tail]
        if not is_copy(tail.fd, [other.head for other in others], others):
            return False
        self._let_go(tail)
        return True

    def _hand_on(self, chunk: Chunk) -> None:
        if chunk.skipped:
            text = f"begins with {chunk.skipped} NUL bytes, left out: its writer does not open it for appending"
            self.notify(NoticeKind.SKIPPED, text, chunk.skipped)
        if chunk.tail is not self.current:
            chunk.tail.quiet_since = self.shared.clock()
        self.shared.emit(chunk)

    def _refuse(self, tail: FileTail, content: Content) -> bool:
        tail.refused = True
        tail.size = os.fstat(tail.fd).st_size
        if self.is_given or content is Content.UTF16:
            self.notify(NoticeKind.ENCODING, f"not followed: {refusal(self.name, content)}")
        return False

    def _reopen(self, tail: FileTail) -> bool:
        """Open a file again that was closed for want of descriptors."""
        path = self.path if tail is self.current else path_of(tail.file, self.shared.siblings.of(self.path))
        if path is None:
            return False
        fd = self.shared.descriptors.open(path)
        if file_id(os.fstat(fd)) != tail.file:
            os.close(fd)
            return False
        tail.fd = fd
        self._hold(tail)
        return True

    def _content_is_gone(self, tail: FileTail) -> None:
        """A file was truncated: go on with what it holds now, and with what it held where a copy was made of it."""
        verified_ns = tail.verified_ns
        previous = tail.position._replace(file=NOWHERE.file)
        new = self._replace_content(tail)
        fd = open_holder(tail.position, self.shared.siblings.of(self.path), self.shared)
        if fd is None:
            self._say_truncated(tail.size - tail.read_to)
            self._let_go(tail)
        else:
            tail.fd = fd
            status = os.fstat(fd)
            tail.file = file_id(status)
            tail.quiet_since = self.shared.clock()
            self._say_truncated(tail.size - max(status.st_size, tail.read_to))
            self._hold(tail)
            self.retired = (tail, *self.retired)
            previous = tail.position
        self._read_between(previous, new, verified_ns)

    def _replace_content(self, tail: FileTail) -> FileTail:
        """Let a new tail take the place and the descriptor of a file whose content was replaced."""
        new = FileTail(self.name, tail.fd)
        new.verified_ns = self.shared.looked_ns
        new.quiet_since = self.shared.clock()
        self.shared.descriptors.hand_over(tail, new)
        tail.fd = -1
        self.shared.tails[new.file] = new
        if tail is self.current:
            self.current = new
        self.retired = tuple(new if other is tail else other for other in self.retired)
        return new

    def _say_truncated(self, lost: int) -> None:
        if lost > 0:
            self.notify(NoticeKind.LOST, f"truncated before {lost} bytes of it were read", lost)
        else:
            self.notify(NoticeKind.TRUNCATED, "truncated: reading from its beginning")

    def _read_between(self, previous: Position, current: FileTail | None, since_ns: int) -> bool:
        """Read the files too that came and went since the last look; return whether there are any."""
        siblings = self.shared.siblings.of(self.path)
        others = (*self.tails, current) if current else tuple(self.tails)
        found = open_between(previous, others, siblings, since_ns=since_ns, shared=self.shared)
        for fd in found:
            tail = FileTail(self.name, fd)
            tail.quiet_since = self.shared.clock()
            self._hold(tail)
            self.retired = (*self.retired, tail)
        return bool(found)
