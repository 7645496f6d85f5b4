"""Files that are read once, from beginning to end: plain, compressed, or standard input."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from core.errors import SourceError
from core.events import LogLine, Notice, NoticeKind
from core.reading.batch import BATCH_LINES, QUIET_SECONDS, ReadBatch
from core.reading.content import SNIFF_BYTES, Content, detect_content, refusal_message
from core.reading.decoder import LineDecoder
from core.reading.decompress import Decompressor
from core.support.printable import escape

_READ_BYTES: Final = 1 << 17
# Twice is a mistake that happens (a rotated log, compressed again by a backup); more often is none.
_MAX_LAYERS: Final = 2


def read_file(
    path: Path | Literal["-"], *, batch_lines: int = BATCH_LINES, allow_empty: bool = False
) -> Iterator[ReadBatch]:
    """Read one source to its end; a last line without terminator counts.

    `behind` is in bytes as stored (compressed ones where the file is compressed), 0 for a pipe. A pipe that is silent
    for 250 ms yields an empty batch. What is wrong with an archive that can be read in part is a notice at its end.
    Raises `SourceError` for what cannot be read, is not text, or has nothing in it; the latter is a notice where
    `allow_empty`.
    """
    name = "-" if path == "-" else escape(str(path))
    with ExitStack() as stack:
        raw = _standard_input() if path == "-" else stack.enter_context(_open(Path(path), name))
        is_regular = stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
        if not is_regular:
            yield from _quiet(raw)
        log = _Log.open(raw, name)
        decoder = LineDecoder(name)
        lines: list[LogLine] = []
        while data := log.read():
            lines += decoder.feed(data)
            while len(lines) >= batch_lines:
                batch, lines = lines[:batch_lines], lines[batch_lines:]
                yield ReadBatch(tuple(batch), log.behind(batch[-1]) if is_regular else 0)
            if not is_regular:
                if lines:
                    yield ReadBatch(tuple(lines))
                    lines = []
                if not log.has_more:
                    yield from _quiet(raw)
        lines += decoder.flush()
        notices = log.notices(is_empty=not decoder.number)
        if not decoder.number and not allow_empty:
            raise SourceError(f"{'standard input' if path == '-' else name} {_emptiness(log)}")
        if lines or notices:
            yield ReadBatch((*lines, *notices))


def check_readable(path: Path) -> Content:
    """Return whether the path is text or compressed; raise `SourceError` for what cannot be read as a log."""
    name = escape(str(path))
    with _open(path, name) as raw:
        log = _Log.open(raw, name)
        return log.stored_as


def emptiness(path: Path) -> str:
    """Return what is to be said of a file without a line in it; nothing where there is one. Raises `SourceError`."""
    name = escape(str(path))
    with _open(path, name) as raw:
        log = _Log.open(raw, name)
        return "" if log.peek() else _emptiness(log)


def unpack(path: str) -> int:
    """Return a descriptor of what a compressed file holds, in a file without a name. Raises OSError."""
    with _buffered(path) as raw, tempfile.TemporaryFile(buffering=0) as plain:
        content = detect_content(raw.peek(SNIFF_BYTES)[:SNIFF_BYTES])
        stream = Decompressor(raw, content) if content.compressed else raw
        while data := stream.read1(_READ_BYTES):
            plain.write(data)
        if isinstance(stream, Decompressor) and stream.damage:
            raise OSError(errno.EIO, stream.damage)
        return os.dup(plain.fileno())


@dataclass(frozen=True, slots=True)
class _Log:
    """The text of a file, under the layers of compression that it is stored in, the outermost first."""

    name: str
    raw: io.BufferedReader
    layers: tuple[Decompressor, ...]
    stored_as: Content

    @classmethod
    def open(cls, raw: io.BufferedReader, name: str) -> _Log:
        """Look through the compression; raise `SourceError` for what is not text below it."""
        layers: list[Decompressor] = []
        try:
            stored_as = content = detect_content(raw.peek(SNIFF_BYTES)[:SNIFF_BYTES])
            while content.compressed and len(layers) < _MAX_LAYERS:
                layers.append(Decompressor(layers[-1] if layers else raw, content))
                content = detect_content(layers[-1].peek(SNIFF_BYTES))
        except OSError as error:
            raise SourceError(f"{name} cannot be read ({error.strerror or error})") from None
        if content.compressed:
            raise SourceError(f"{name} is compressed more than {_MAX_LAYERS} times: unpack it first")
        if content is not Content.TEXT:
            raise SourceError(refusal_message(name, content, packed=bool(layers)))
        return cls(name, raw, tuple(layers), stored_as)

    @property
    def has_more(self) -> bool:
        """Whether there is something to read without waiting for a pipe."""
        return any(layer.has_more for layer in self.layers)

    @property
    def damage(self) -> str:
        """Why the rest of an archive cannot be read; empty where all was."""
        return next((layer.damage for layer in self.layers if layer.damage), "")

    def peek(self) -> bytes:
        """Return some of what comes next, without taking it."""
        return self._stream.peek(1)

    def read(self) -> bytes:
        """Return what comes next; none at the end. Raises `SourceError`."""
        try:
            return self._stream.read1(_READ_BYTES)
        except OSError as error:
            raise SourceError(f"{self.name} cannot be read any further ({error.strerror or error})") from None

    @property
    def _stream(self) -> Decompressor | io.BufferedReader:
        return self.layers[-1] if self.layers else self.raw

    def behind(self, last: LogLine) -> int:
        """Return the bytes of the file, as stored, after a line that was read."""
        done = self.raw.tell() - self.layers[0].buffered if self.layers else last.offset + last.length
        return max(0, os.fstat(self.raw.fileno()).st_size - done)

    def notices(self, *, is_empty: bool) -> list[Notice]:
        """Return what there is to say of the file after it was read."""
        said = []
        if is_empty:
            said.append(Notice(self.name, NoticeKind.DAMAGED if self.damage else NoticeKind.SKIPPED, _emptiness(self)))
        elif self.damage:
            text = f"is damaged or incomplete ({self.damage}): what it holds up to there was read"
            said.append(Notice(self.name, NoticeKind.DAMAGED, text))
        if ignored := sum(layer.ignored for layer in self.layers):
            text = f"{ignored} bytes behind its compressed data were ignored"
            said.append(Notice(self.name, NoticeKind.SKIPPED, text, ignored))
        return said


def _emptiness(log: _Log) -> str:
    if log.damage:
        return f"is damaged or incomplete ({log.damage}): nothing can be read from it"
    return "is empty: there is nothing to read"


def _standard_input() -> io.BufferedReader:
    # A reader of its own: closing it must not close the standard input of the process.
    return io.BufferedReader(io.FileIO(sys.stdin.fileno(), closefd=False))


def _open(path: Path, name: str) -> io.BufferedReader:
    try:
        return _buffered(path)
    except FileNotFoundError:
        raise SourceError(f"{name} does not exist: check the path") from None
    except IsADirectoryError:
        raise SourceError(f"{name} is a directory: name the log files in it") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read ({error.strerror}): check its permissions") from None


def _buffered(path: str | Path) -> io.BufferedReader:
    return io.BufferedReader(io.FileIO(path))


def _quiet(raw: io.BufferedReader) -> Iterator[ReadBatch]:
    """Wait until a pipe has something to read; an empty batch means that it was silent for a while."""
    if not select.select([raw], [], [], QUIET_SECONDS)[0]:
        yield ReadBatch()
        select.select([raw], [], [])


def last_written(source: str) -> float:
    """Return when a source was last written, in seconds since 1970: now for a pipe, and for what is not there."""
    try:
        return os.stat(source).st_mtime
    except OSError:
        return time.time()
