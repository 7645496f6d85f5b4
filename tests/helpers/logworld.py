"""A world of logs that are written, rotated, truncated and deleted, and an oracle of what a reader owes of it."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from core.events import LogLine, NoticeKind
from core.reading.checkpoint import load_checkpoint, save_checkpoint
from core.reading.collector import Collector
from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, name_filter
from core.reading.rotation import log_of
from tests.helpers.lines import printable


@dataclass(eq=False)
class Content:
    """What one file has held since it was created or truncated: the oracle's unit, known by its bytes."""

    source: str
    data: bytearray
    owed_to: int | None = None
    """Where the last byte is that the reader owes; None: all that is there."""
    kept_to: int | None = None
    """What a copy has of it that was made before it was truncated."""
    read_to: int = 0
    saved_to: int = 0
    seen: bool = False
    """Whether the reader has looked since the file was there, so that it holds it open."""
    is_closed: bool = False
    """Whether a half line at its end is all that will come."""

    @property
    def owed_lines_to(self) -> int:
        """The end of the last whole line that is owed."""
        end = len(self.data) if self.owed_to is None else self.owed_to
        return self.data.rfind(b"\n", 0, end) + 1

    def excuse(self) -> None:
        """Owe no more than was read."""
        self.owed_to = min(self.read_to, len(self.data) if self.owed_to is None else self.owed_to)


def stamp(fd: int) -> None:
    """Set the time of the last change to the nanosecond: the kernel's ticks are longer than steps of a history are."""
    now = time.time_ns()
    os.utime(fd, ns=(now, now))


class Log:
    """The writer's side of one path."""

    def __init__(self, world: World, path: Path) -> None:
        self.world = world
        self.path = path
        self.content: Content | None = None
        self.fd = -1
        self.old: list[tuple[int, Content, float]] = []
        """Descriptors that the writer holds of files that left the path, and when they left."""
        self.rotated: list[Content] = []
        """What `.1`, `.2`, ... hold."""
        self.packed: set[Content] = set()
        """Which of them are compressed."""
        self.written = 0

    def create(self) -> None:
        """Create the path again; the writer goes on with it."""
        self.fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        self.content = self.world.new_content(str(self.path))
        stamp(self.fd)

    def append(self, data: bytes, *, to_old: bool = False) -> None:
        """Write bytes to the current file, or to one that has left the path."""
        fd, content = (self.old[-1][0], self.old[-1][1]) if to_old else (self.fd, self.content)
        assert content is not None
        os.write(fd, data)
        content.data += data
        stamp(fd)

    def rotated_path(self, number: int) -> Path:
        """Return where the file is that was rotated `number` times."""
        return self.path.with_name(f"{self.path.name}.{number}")

    def shift(self, keep: int = 4) -> None:
        """Make room for a new `.1`; what was rotated too often is deleted."""
        for number in range(len(self.rotated), 0, -1):
            held = self.rotated[number - 1]
            suffix = ".gz" if held in self.packed else ""
            name = Path(f"{self.rotated_path(number)}{suffix}")
            if number >= keep:
                name.unlink()
                self.world.deleted(held)
                self.rotated.pop()
            else:
                name.rename(f"{self.rotated_path(number + 1)}{suffix}")

    def rotate(self) -> None:
        """Rename the file away; the writer keeps it open."""
        assert self.content is not None
        self.shift()
        self.path.rename(self.rotated_path(1))
        self.rotated.insert(0, self.content)
        self.old.append((self.fd, self.content, self.world.now))
        self.content, self.fd = None, -1

    def copy_truncate(self, between: Callable[[], None] = lambda: None, *, halfway: bool = False) -> None:
        """Copy the file and truncate it; `between` happens in the middle of the copy, or after it."""
        assert self.content is not None
        self.shift()
        copy = self.rotated_path(1)
        with self.path.open("rb") as source, copy.open("wb", buffering=0) as target:
            if halfway:
                target.write(source.read(len(self.content.data) // 2))
                between()
            target.write(source.read())
            stamp(target.fileno())
        owed = len(self.content.data)
        if not halfway:
            between()
        # What was written after the copy is logrotate's loss, unless it was read in time.
        self.content.owed_to = max(owed, self.content.read_to)
        self.content.kept_to = owed
        self.content.is_closed = True
        self.rotated.insert(0, self.content)
        self.content.seen = False
        os.ftruncate(self.fd, 0)
        stamp(self.fd)
        self.content = self.world.new_content(str(self.path))

    def truncate(self) -> None:
        """Truncate without a copy."""
        assert self.content is not None
        self.content.excuse()
        self.content.is_closed = True
        os.ftruncate(self.fd, 0)
        stamp(self.fd)
        self.content = self.world.new_content(str(self.path))

    def delete(self) -> None:
        """Unlink the file; the writer keeps it open."""
        assert self.content is not None
        self.path.unlink()
        self.world.deleted(self.content)
        self.old.append((self.fd, self.content, self.world.now))
        self.content, self.fd = None, -1

    def close_old(self) -> None:
        """Let the writer close what left the path long ago."""
        for fd, content, since in list(self.old):
            if self.world.now - since > 5:
                os.close(fd)
                content.is_closed = True
                self.old.remove((fd, content, since))

    def compress(self) -> None:
        """Compress the newest rotated file, as late as its last line was written."""
        for index, content in enumerate(self.rotated):
            if content.is_closed and content not in self.packed:
                path = self.rotated_path(index + 1)
                with path.open("rb") as plain, gzip.open(f"{path}.gz", "wb", compresslevel=1) as packed:
                    shutil.copyfileobj(plain, packed)
                written_ns = path.stat().st_mtime_ns
                os.utime(f"{path}.gz", ns=(written_ns, written_ns))
                path.unlink()
                self.packed.add(content)
                return

    def close(self) -> None:
        """Give back the descriptors."""
        for fd in [self.fd, *(fd for fd, _, _ in self.old)]:
            if fd >= 0:
                os.close(fd)


class World:
    """Logs in a folder, a reader of them, and what it owes."""

    def __init__(self, folder: Path, *, batch_lines: int, read_bytes: int) -> None:
        self.folder = folder
        self.checkpoint = self.folder / "state" / "checkpoint.json"
        self.logs_folder = self.folder / "logs"
        self.logs_folder.mkdir(parents=True)
        self.hidden = self.folder / "hidden"
        self.now = 1000.0
        self.contents: list[Content] = []
        self.log = Log(self, self.folder / "given.log")
        self.logs = [self.log, Log(self, self.logs_folder / "one.log"), Log(self, self.logs_folder / "two.log")]
        self.notices: list[NoticeKind] = []
        self._batch_lines = batch_lines
        self._read_bytes = read_bytes
        self.reader = self._new_reader()
        self.reader.begin(read_back_lines=None)

    def _new_reader(self) -> Collector:
        return Collector(
            [self.log.path, self.logs_folder],
            name_filter(DEFAULT_INCLUDE, DEFAULT_EXCLUDE),
            batch_lines=self._batch_lines,
            read_bytes=self._read_bytes,
            keeps_positions=True,
            clock=lambda: self.now,
        )

    def new_content(self, source: str) -> Content:
        """Begin a new content."""
        self.contents.append(content := Content(source, bytearray()))
        return content

    def deleted(self, content: Content) -> None:
        """Say that no name leads to a content any more: only a reader that has it open can read on."""
        if not content.seen:
            content.excuse()

    def pass_time(self, seconds: float) -> None:
        """Let time pass: the clock goes on, and what is on disk gets older."""
        self.now += seconds
        older_ns = int(seconds * 1e9)
        for log in self.logs:
            log.close_old()
        files: list[Path | int] = [path for path in self.folder.rglob("*") if path.is_file()]
        files += [fd for log in self.logs for fd, _, _ in log.old if not os.fstat(fd).st_nlink]
        for file in files:
            status = os.stat(file)  # noqa: PTH116
            os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns - older_ns))
        self.reader._shared.looked_ns -= older_ns
        for source in self.reader.sources.values():
            for tail in source.tails:
                tail.verified_ns -= older_ns
        if self.checkpoint.exists():
            saved = load_checkpoint(self.checkpoint, is_ours=lambda _: True)
            save_checkpoint(self.checkpoint, replace(saved, looked_ns=saved.looked_ns - older_ns))

    def look(self, *, batches: int | None = None) -> None:
        """Let the reader look, and take all that it has or only some batches; check each line."""
        self.reader.sweep()
        for log in self.logs[:1] if self.is_hidden else self.logs:
            for content in (log.content, *log.rotated, *(content for _, content, _ in log.old)):
                if content is not None and (content is log.content or content.owed_to is None):
                    content.seen = True
        taken = 0
        while self.reader.has_more and (batches is None or taken < batches):
            batch = self.reader.gather()
            taken += 1
            for item in batch.items:
                if isinstance(item, LogLine):
                    self.check(item)
                else:
                    self.notices.append(item.kind)
            self.reader.commit(batch)
        if batches is None:
            self.check_nothing_owed()

    def check(self, line: LogLine) -> None:
        """Check that a line is the next one of one content of its source.

        A file that was rotated before its log was ever seen, while no log is at its place, has its own name as source.
        """
        sources = {line.source, log_of(line.source)}
        for content in self.contents:
            data = bytes(content.data[line.offset : line.offset + line.length])
            if (
                content.source in sources
                and content.read_to == line.offset
                and len(data) == line.length
                and printable(data.removesuffix(b"\n")) == line.text
                and line.number == content.data.count(b"\n", 0, line.offset) + 1
            ):
                content.read_to += line.length
                return
        raise AssertionError(f"not owed: {line}")

    def hide(self) -> None:
        """Take the folder of logs away, as an unmounted disk does."""
        self.logs_folder.rename(self.hidden)
        for content in self.contents:
            # A copy cannot be found in a folder that is away, and its original says at once that it is gone.
            if content.kept_to is not None and Path(content.source).parent == self.logs_folder:
                content.excuse()

    def unhide(self) -> None:
        """Bring the folder of logs back."""
        self.hidden.rename(self.logs_folder)

    @property
    def is_hidden(self) -> bool:
        """Whether the folder of logs is away."""
        return self.hidden.exists()

    def check_nothing_owed(self) -> None:
        """Check that every whole line was read that can be."""
        for content in self.contents:
            if self.is_hidden and Path(content.source).parent == self.logs_folder:
                continue
            assert content.read_to >= content.owed_lines_to, f"lost: {bytes(content.data[content.read_to :])!r}"

    def save(self) -> None:
        """Write the checkpoint."""
        save_checkpoint(self.checkpoint, self.reader.checkpoint())
        for content in self.contents:
            content.saved_to = content.read_to

    def crash(self) -> None:
        """Kill the reader and resume where the checkpoint says."""
        self.reader.close()
        for content in self.contents:
            content.read_to = content.saved_to
            content.seen = False
            if content.kept_to is not None and content.owed_to is not None:
                content.owed_to = min(content.kept_to, content.owed_to)
        for content in set(self.contents) - self._reachable():
            content.excuse()
        saved = load_checkpoint(self.checkpoint, is_ours=lambda _: True)
        for log in self.logs[1:]:
            if log.content is None and str(log.path) not in saved.sources:
                # Nothing tells of a log that came after the checkpoint and has only rotated files.
                for rotated in log.rotated:
                    rotated.excuse()
        self.reader = self._new_reader()
        self.reader.begin(read_back_lines=None, resumed=saved)

    def _reachable(self) -> set[Content]:
        return {content for log in self.logs for content in (log.content, *log.rotated) if content is not None}

    def close(self) -> None:
        """Remove everything."""
        self.reader.close()
        for log in self.logs:
            log.close()
        shutil.rmtree(self.folder)
