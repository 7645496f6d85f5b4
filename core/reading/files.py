"""Files that are read once, from beginning to end: plain, compressed, or standard input."""

from __future__ import annotations

import errno
import gzip
import io
import lzma
import os
import select
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Literal, Protocol

import zstandard

from core.errors import SourceError
from core.events import LogLine
from core.reading.batch import BATCH_LINES, QUIET_SECONDS, ReadBatch
from core.reading.content import SNIFF_BYTES, Content, detect_content, refusal_message
from core.reading.decoder import LineDecoder
from core.support.printable import escape

_READ_BYTES = 1 << 17
_DAMAGE = (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError)


def read_file(path: Path | Literal["-"], *, batch_lines: int = BATCH_LINES) -> Iterator[ReadBatch]:
    """Read one source to its end; a last line without terminator counts.

    `behind` is in bytes as stored (compressed ones where the file is compressed), 0 for a pipe. A pipe that is silent
    for 250 ms yields an empty batch. Raises `SourceError` for what cannot be read, is empty, or is not text.
    """
    name = "-" if path == "-" else escape(str(path))
    with ExitStack() as stack:
        raw = _standard_input() if path == "-" else stack.enter_context(_open(Path(path), name))
        is_regular = stat.S_ISREG(os.fstat(raw.fileno()).st_mode)
        if not is_regular:
            yield from _quiet(raw)
        head = raw.peek(SNIFF_BYTES)[:SNIFF_BYTES]
        content = detect_content(head)
        if not head:
            raise SourceError(f"{'standard input' if path == '-' else name} is empty: there is nothing to read")
        if content in (Content.UTF16, Content.BINARY):
            raise SourceError(refusal_message(name, content))
        stream = _decompressed(raw, content)
        decoder = LineDecoder(name)
        lines: list[LogLine] = []
        while data := _read(stream, name):
            lines += decoder.feed(data)
            while len(lines) >= batch_lines:
                batch, lines = lines[:batch_lines], lines[batch_lines:]
                yield ReadBatch(tuple(batch), _behind(raw, content, batch[-1]) if is_regular else 0)
            if not is_regular:
                if lines:
                    yield ReadBatch(tuple(lines))
                    lines = []
                yield from _quiet(raw)
        lines += decoder.flush()
        if lines:
            yield ReadBatch(tuple(lines))


def unpack(path: str) -> int:
    """Return a descriptor of what a compressed file holds, in a file without a name. Raises OSError."""
    with _buffered(path) as raw, tempfile.TemporaryFile(buffering=0) as plain:
        stream = _decompressed(raw, detect_content(raw.peek(SNIFF_BYTES)[:SNIFF_BYTES]))
        try:
            while data := stream.read1(_READ_BYTES):
                plain.write(data)
        except _DAMAGE as error:
            raise OSError(errno.EIO, str(error)) from None
        return os.dup(plain.fileno())


class _Stream(Protocol):
    def read1(self, size: int, /) -> bytes: ...


class _ZstdStream:
    """Decompresses frame after frame; unlike the library's own reader it notices that the last one is incomplete."""

    # Small pieces bound the size of what one of them decompresses to.
    _PIECE_BYTES = 1 << 13

    def __init__(self, raw: io.BufferedReader) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._fed = False

    def read1(self, _size: int, /) -> bytes:
        data = b""
        while not data:
            piece = self._raw.read1(self._PIECE_BYTES)
            if not piece:
                if self._fed:
                    raise EOFError("the last frame is incomplete")
                return b""
            parts = []
            while piece:
                self._fed = True
                parts.append(self._frame.decompress(piece))
                piece = self._frame.unused_data
                if self._frame.eof:
                    self._frame = zstandard.ZstdDecompressor().decompressobj()
                    self._fed = False
            data = b"".join(parts)
        return data


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


def _decompressed(raw: io.BufferedReader, content: Content) -> _Stream:
    if content is Content.GZIP:
        return gzip.GzipFile(fileobj=raw)
    if content is Content.XZ:
        return lzma.LZMAFile(raw)
    return _ZstdStream(raw) if content is Content.ZSTD else raw


def _read(stream: _Stream, name: str) -> bytes:
    try:
        return stream.read1(_READ_BYTES)
    except _DAMAGE as error:
        raise SourceError(f"{name} is damaged or incomplete ({error}): compress it again") from None
    except OSError as error:
        raise SourceError(f"{name} cannot be read any further ({error.strerror or error})") from None


def _behind(raw: io.BufferedReader, content: Content, last: LogLine) -> int:
    done = raw.tell() if content.compressed else last.offset + last.length
    return max(0, os.fstat(raw.fileno()).st_size - done)


def _quiet(raw: io.BufferedReader) -> Iterator[ReadBatch]:
    """Wait until a pipe has something to read; an empty batch means that it was silent for a while."""
    if not select.select([raw], [], [], QUIET_SECONDS)[0]:
        yield ReadBatch()
        select.select([raw], [], [])
