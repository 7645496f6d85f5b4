"""The files that were at one path, one after the other, and what each of them holds that was not read."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator

from core.events import Notice, NoticeKind
from core.reading.content import Content, refusal
from core.reading.identity import NOWHERE, Position, file_id
from core.reading.rotation import Sibling
from core.reading.search import is_copy, open_between, open_holder, path_of
from core.reading.shared import Shared
from core.reading.tail import Chunk, FileTail, NotTextError, RewrittenError


class Generations:
    """Reads the file that is at a path, and those that left it, whatever becomes of their content."""

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

    @property
    def verified_ns(self) -> int:
        """A wall time, in ns, after which nothing was noticed that would have to be."""
        return self.current.verified_ns if self.current else self.shared.looked_ns

    def in_trouble(self, error: OSError) -> bool:
        """Say once that the path or its file cannot be read; returns False, as there is nothing to read."""
        trouble = f"cannot be read ({error.strerror}): trying again every second"
        if trouble != self.trouble:
            self.trouble = trouble
            self.notify(NoticeKind.UNREADABLE, trouble)
        return False

    def out_of_trouble(self) -> None:
        """Say that what could not be read can be, if that was said."""
        if self.trouble:
            self.notify(NoticeKind.APPEARED, "is there" if self.gone_since is not None else "can be read again")
            self.trouble = ""
        self.gone_since = None

    def hold(self, tail: FileTail) -> None:
        """Count a tail with an open file as one of ours."""
        tail.verified_ns = self.shared.looked_ns
        self.shared.descriptors.hold(tail)
        self.shared.tails[tail.file] = tail

    def retire(self, tail: FileTail) -> None:
        """Read on what left the path, as long as it grows."""
        tail.quiet_since = self.shared.clock()
        self.retired = (*self.retired, tail)
        self.current = None

    def let_go(self, tail: FileTail) -> None:
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
            return self.in_trouble(error)
        tail.verified_ns = self.shared.looked_ns
        if self.trouble and tail is self.current:
            self.out_of_trouble()
        if tail.size < known:
            cut = known - tail.size
            self.notify(NoticeKind.LOST, f"{cut} bytes were cut off before they were read", cut)
        if chunk is not None:
            self._hand_on(chunk)
        return chunk is not None

    def _was_mistaken(self, tail: FileTail) -> bool:
        """Look again at a file that was empty; return whether it is not, or not alone, what it was taken for."""
        empty = tail.position
        if tail is not self.current and self.was_copy(tail):
            return True
        # An empty file looks the same after it was written, copied and truncated.
        return self.read_between(empty, tail, tail.verified_ns)

    def was_copy(self, tail: FileTail) -> bool:
        """Let go a file that left the path empty, or so it seemed, and turns out to be a copy of another."""
        tail.check_head()
        others = [other for other in self.tails if other is not tail]
        if not is_copy(tail.fd, [other.head for other in others], others):
            return False
        self.let_go(tail)
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
        self.hold(tail)
        return True

    def _content_is_gone(self, tail: FileTail) -> None:
        """A file was truncated: go on with what it holds now, and with what it held where a copy was made of it."""
        verified_ns = tail.verified_ns
        previous = tail.position._replace(file=NOWHERE.file)
        new = self.replace_content(tail)
        fd = self.open_holder(tail.position, since_ns=verified_ns)
        if fd is None:
            self._say_truncated(tail.size - tail.read_to)
            self.let_go(tail)
        else:
            tail.fd = fd
            status = os.fstat(fd)
            tail.file = file_id(status)
            tail.quiet_since = self.shared.clock()
            self._say_truncated(tail.size - max(status.st_size, tail.read_to))
            self.hold(tail)
            self.retired = (tail, *self.retired)
            previous = tail.position
        self.read_between(previous, new, verified_ns)

    def replace_content(self, tail: FileTail) -> FileTail:
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

    def open_holder(self, position: Position, *, since_ns: int) -> int | None:
        """Open the rotated file, or copy, that has the position, wherever rotation moves it meanwhile."""
        for siblings in self._listings():
            fd = open_holder(position, siblings, since_ns=since_ns, shared=self.shared)
            if fd is not None:
                return fd
        return None

    def read_between(self, previous: Position, current: FileTail | None, since_ns: int) -> bool:
        """Read the files too that came and went since the last look; return whether there are any."""
        any_found = False
        for siblings in self._listings():
            others = (*self.tails, current) if current else tuple(self.tails)
            for fd in open_between(previous, others, siblings, since_ns=since_ns, shared=self.shared):
                tail = FileTail(self.name, fd)
                tail.quiet_since = self.shared.clock()
                self.hold(tail)
                self.retired = (*self.retired, tail)
                any_found = True
        return any_found

    def _listings(self) -> Iterator[list[Sibling]]:
        """The rotated files of the path; again, as long as one was renamed while they were looked at.

        A file that moves from a name not looked at yet to one that was would not be seen.
        """
        seen: list[Sibling] | None = None
        while (siblings := self.shared.siblings.of(self.path)) != seen:
            yield siblings
            seen = siblings
