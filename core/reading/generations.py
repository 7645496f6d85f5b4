"""The files that were at one path, one after the other, and what is still to be read of each."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from core.events import Notice, NoticeKind
from core.reading.content import Content, refusal_message
from core.reading.identity import NOWHERE, Position, file_id
from core.reading.left_out import LeftOut, reason_of
from core.reading.rotation import Sibling, log_of
from core.reading.search import is_copy, open_missed, open_rotated, path_of
from core.reading.shared import Shared
from core.reading.tail import Chunk, FileTail, NotTextError, RewrittenError


class Generations:
    """Reads the file at a path and those that were rotated away, through truncation and replacement."""

    __slots__ = (
        "current", "is_closed", "is_given", "is_pinned", "missing_since", "name", "path", "problem", "retired",
        "shared", "uncommitted",
    )  # fmt: skip

    def __init__(
        self, path: str, name: str, shared: Shared, *, is_given: bool, was_absent: bool = False, is_pinned: bool = False
    ) -> None:
        self.path = path
        self.name = path if name == path else name
        """The path as the operator knows it, safe to print."""
        self.is_given = is_given
        """Whether the operator named this very file, not a directory that it is in."""
        self.is_pinned = is_pinned
        """Whether only the first file at the path is followed: rotation renames others to it."""
        self.is_closed = False
        """Whether no other file at the path is followed: the one of a pinned source has left it."""
        self.shared = shared
        self.current: FileTail | None = None
        self.retired: tuple[FileTail, ...] = ()
        """Oldest first: files that were rotated away, read until they have not grown for a while."""
        self.uncommitted: tuple[FileTail, ...] = ()
        """Files read to their end whose lines the consumer has not committed yet."""
        self.missing_since: float | None = shared.clock() if was_absent else None
        self.problem = ""

    @property
    def tails(self) -> Iterator[FileTail]:
        """All files that are read, older ones first."""
        yield from self.retired
        if self.current is not None:
            yield self.current

    @property
    def is_warming_up(self) -> bool:
        """Whether lines are left that precede the start."""
        return self.current is not None and self.current.read_to < self.current.warm_up_to

    @property
    def is_gone(self) -> bool:
        """Whether no file of this path is left."""
        return self.current is None and not self.retired and not self.uncommitted

    @property
    def siblings(self) -> list[Sibling]:
        """The rotated files beside the path; of a pinned one those of its log: rotation renames it to one of them."""
        return self.shared.siblings.of(log_of(self.path) if self.is_pinned else self.path)

    def behind(self, *, measure: bool) -> int:
        """Return the bytes in the files that are in no batch, by a new (`measure`) or the last look at their sizes."""
        total = 0
        for tail in self.tails:
            if measure and tail.fd >= 0 and not tail.refused:
                total += max(0, os.fstat(tail.fd).st_size - tail.delivered)
            else:
                total += tail.behind
        return total

    def notify(self, kind: NoticeKind, text: str, count: int = 0) -> None:
        """Add a notice at this place of the stream."""
        self.shared.emit(Notice(self.name, kind, text, count))

    @property
    def verified_ns(self) -> int:
        """A wall time, in ns, before which every change of the files was noticed."""
        return self.current.verified_ns if self.current else self.shared.looked_ns

    def report_unreadable(self, error: OSError) -> bool:
        """Report once that the path or its file cannot be read; return False: there is nothing to read."""
        problem = f"cannot be read ({error.strerror}): trying again every second"
        if problem != self.problem:
            self.problem = problem
            self.notify(NoticeKind.UNREADABLE, problem)
        return False

    def report_readable(self) -> None:
        """Report that the path can be read again, if a problem was reported."""
        if self.problem:
            self.notify(NoticeKind.APPEARED, "is back" if self.missing_since is not None else "can be read again")
            self.problem = ""
        self.missing_since = None

    def hold(self, tail: FileTail) -> None:
        """Register a tail with an open file."""
        tail.verified_ns = self.shared.looked_ns
        self.shared.descriptors.hold(tail)
        self.shared.tails[tail.file] = tail

    def retire(self, tail: FileTail) -> None:
        """Keep reading a file that was rotated away, as long as it grows."""
        tail.quiet_since = self.shared.clock()
        self.retired = (*self.retired, tail)
        if tail is self.current:
            self.current = None
            self.is_closed = self.is_pinned

    def finish(self, tail: FileTail) -> None:
        """Finish a file: nothing is written to it any more."""
        self.retired = tuple(other for other in self.retired if other is not tail)
        if not tail.refused and (chunk := tail.flush()):
            self.shared.emit(chunk)
        self.shared.known_files.remember(tail.position)
        if self.shared.tails.get(tail.file) is tail:
            del self.shared.tails[tail.file]
        self.shared.descriptors.release(tail)
        if self.shared.keeps_positions:
            self.uncommitted = (*self.uncommitted, tail)

    def flush(self) -> None:
        """Emit the incomplete last lines of the files."""
        for tail in self.tails:
            if not tail.refused and (chunk := tail.flush()):
                self.shared.emit(chunk)

    def read(self, limit: int) -> bool:
        """Read up to `limit` bytes and emit their lines, older files first; False when there is nothing to read."""
        return any(self._read_tail(tail, limit) for tail in self.tails if not tail.refused)

    def _read_tail(self, tail: FileTail, limit: int) -> bool:
        known = tail.size
        try:
            if tail.fd < 0 and not self._reopen(tail):
                return False
            if not tail.head.length and self._recheck_empty(tail):
                return True
            chunk = tail.read(limit)
        except RewrittenError:
            self._on_truncated(tail)
            return True
        except NotTextError as error:
            return self.refuse(tail, error.content)
        except OSError as error:
            if error.errno == errno.ESTALE:
                self.shared.descriptors.release(tail)
            return self.report_unreadable(error)
        tail.verified_ns = self.shared.looked_ns
        if self.problem and tail is self.current:
            self.report_readable()
        if tail.size < known:
            cut = known - tail.size
            self.notify(NoticeKind.LOST, f"{cut} bytes were cut off before they were read", cut)
        if chunk is not None:
            self._emit(chunk)
        return chunk is not None

    def _recheck_empty(self, tail: FileTail) -> bool:
        """Check a file again that was empty; return whether it is a copy, or files were missed before it."""
        empty = tail.position
        if tail is not self.current and self.finish_if_copy(tail):
            return True
        # An empty file looks the same after it was written, copied and truncated.
        return self.read_missed(empty, tail, tail.verified_ns)

    def finish_if_copy(self, tail: FileTail) -> bool:
        """Finish a rotated file that had seemed empty and turns out to be a copy of another; return whether it is."""
        tail.check_head()
        others = [other for other in self.tails if other is not tail]
        if not is_copy(tail.fd, [other.head for other in others], others):
            return False
        self.finish(tail)
        return True

    def _emit(self, chunk: Chunk) -> None:
        if chunk.skipped:
            text = f"begins with {chunk.skipped} NUL bytes, skipped: its writer does not open it for appending"
            self.notify(NoticeKind.SKIPPED, text, chunk.skipped)
        if chunk.tail is not self.current:
            chunk.tail.quiet_since = self.shared.clock()
        self.shared.emit(chunk)

    def refuse(self, tail: FileTail, content: Content) -> bool:
        """Leave out a file that is not text; return False: there is nothing to read."""
        tail.refused = True
        tail.size = os.fstat(tail.fd).st_size
        if self.is_given or content is Content.UTF16:
            self.notify(NoticeKind.ENCODING, f"not followed: {refusal_message(self.name, content)}")
        else:
            self.shared.refused.append(LeftOut(self.name, reason_of(content)))
        return False

    def _reopen(self, tail: FileTail) -> bool:
        """Open a file again that was closed to free its descriptor."""
        path = self.path if tail is self.current else path_of(tail.file, self.siblings)
        if path is None:
            return False
        fd = self.shared.descriptors.open(path)
        if file_id(os.fstat(fd)) != tail.file:
            os.close(fd)
            return False
        tail.fd = fd
        self.hold(tail)
        return True

    def _on_truncated(self, tail: FileTail) -> None:
        """Continue a truncated file: with its new content, and with a copy of the old content if there is one."""
        verified_ns = tail.verified_ns
        previous = tail.position._replace(file=NOWHERE.file)
        new = self.replace_content(tail)
        fd = self.open_rotated(tail.position, since_ns=verified_ns)
        if fd is None:
            self._notify_truncated(tail.size - tail.read_to)
            self.finish(tail)
        else:
            tail.fd = fd
            status = os.fstat(fd)
            tail.file = file_id(status)
            tail.quiet_since = self.shared.clock()
            self._notify_truncated(tail.size - max(status.st_size, tail.read_to))
            self.hold(tail)
            self.retired = (tail, *self.retired)
            previous = tail.position
        self.read_missed(previous, new, verified_ns)

    def replace_content(self, tail: FileTail) -> FileTail:
        """Replace the tail of a file whose content was replaced by a new tail with the same descriptor."""
        new = FileTail(self.name, tail.fd)
        new.verified_ns = self.shared.looked_ns
        new.quiet_since = self.shared.clock()
        self.shared.descriptors.transfer(tail, new)
        tail.fd = -1
        self.shared.tails[new.file] = new
        if tail is self.current:
            self.current = new
        self.retired = tuple(new if other is tail else other for other in self.retired)
        return new

    def _notify_truncated(self, lost: int) -> None:
        if lost > 0:
            self.notify(NoticeKind.LOST, f"truncated before {lost} bytes of it were read", lost)
        else:
            self.notify(NoticeKind.TRUNCATED, "truncated: reading from its beginning")

    def open_rotated(self, position: Position, *, since_ns: int) -> int | None:
        """Open the rotated file, or copy, that contains the position, even if rotation renames it meanwhile."""
        for siblings in self._listings():
            fd = open_rotated(position, siblings, since_ns=since_ns, shared=self.shared)
            if fd is not None:
                return fd
        return None

    def read_missed(self, previous: Position, current: FileTail | None, since_ns: int) -> bool:
        """Add the files that were created and rotated away since the last poll; return whether there are any."""
        any_found = False
        if self.is_pinned:
            return any_found
        for siblings in self._listings():
            others = (*self.tails, current) if current else tuple(self.tails)
            for fd in open_missed(previous, others, siblings, since_ns=since_ns, shared=self.shared):
                tail = FileTail(self.name, fd)
                tail.quiet_since = self.shared.clock()
                self.hold(tail)
                self.retired = (*self.retired, tail)
                any_found = True
        return any_found

    def _listings(self) -> Iterator[list[Sibling]]:
        """Yield the rotated files of the path, again as long as one was renamed meanwhile.

        A file that moves from a name that is still to be checked to one that was would be missed.
        """
        seen: list[Sibling] | None = None
        while (siblings := self.siblings) != seen:
            yield siblings
            seen = siblings
