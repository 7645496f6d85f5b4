"""Decompression in bounded steps, member after member; damage ends the content, and is reported as damage."""

from __future__ import annotations

import bz2
import lzma
import zlib
from typing import Final, Protocol

import zstandard

from core.reading.content import MAGIC, Content

STEP_BYTES: Final = 1 << 17
"""At most this much is unpacked at once, whatever the archive claims to hold."""
_READ_BYTES: Final = 1 << 16
# The memory of a dictionary is taken before anything is unpacked; `xz -9` needs 65 MiB.
_MAX_XZ_BYTES: Final = 1 << 28
_MAX_WINDOW_BYTES: Final = 1 << 27
# zstd has no bound on what one call gives: four bytes are 128 KiB at most, so that this is 8 MiB.
_ZSTD_PIECE_BYTES: Final = 256
_DAMAGE: Final = (zlib.error, lzma.LZMAError, zstandard.ZstdError, OSError, EOFError, ValueError)


class ByteStream(Protocol):
    """What bytes are read from: a buffered file, or what another archive holds."""

    def read1(self, size: int, /) -> bytes:
        """Return some bytes, at most `size`; none at the end."""
        ...


class _Member(Protocol):
    """The decompressor of one member (gzip), stream (bzip2, xz) or frame (zstd)."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


class _Gzip:
    def __init__(self) -> None:
        self._member = zlib.decompressobj(wbits=31)
        self._damage: zlib.error | None = None

    @property
    def eof(self) -> bool:
        return self._member.eof

    @property
    def unused_data(self) -> bytes:
        return self._member.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._member.unconsumed_tail and self._damage is None

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        if self._damage is not None:
            raise self._damage
        data = self._member.unconsumed_tail + data
        before = self._member.copy()
        try:
            return self._member.decompress(data, max_length)
        except zlib.error:
            # The failing call gives nothing of what stands before the damage.
            self._member = before
            return self._up_to_damage(data)

    def _up_to_damage(self, data: bytes) -> bytes:
        """Return what comes before the damage; the next call raises."""
        out = bytearray()
        try:
            for place in range(len(data)):
                out += self._member.decompress(data[place : place + 1])
        except zlib.error as error:
            self._damage = error
        return bytes(out)


class _Zstd:
    def __init__(self) -> None:
        self._frame = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).decompressobj()
        self._data = b""

    @property
    def eof(self) -> bool:
        return self._frame.eof

    @property
    def unused_data(self) -> bytes:
        return self._frame.unused_data + self._data

    @property
    def needs_input(self) -> bool:
        return not self._data

    def decompress(self, data: bytes, max_length: int, /) -> bytes:
        data = self._data + data
        out: list[bytes] = []
        start = length = 0
        while start < len(data) and length < max_length and not self._frame.eof:
            out.append(self._frame.decompress(data[start : start + _ZSTD_PIECE_BYTES]))
            start += _ZSTD_PIECE_BYTES
            length += len(out[-1])
        self._data = data[start:]
        return b"".join(out)


def _new_member(content: Content) -> _Member:
    if content is Content.GZIP:
        return _Gzip()
    if content is Content.BZIP2:
        return bz2.BZ2Decompressor()
    if content is Content.XZ:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MAX_XZ_BYTES)
    return _Zstd()


class Decompressor:
    """Reads what a compressed stream holds: all its members, to its end or to where it is damaged.

    NUL bytes between and after members are padding.
    """

    def __init__(self, raw: ByteStream, content: Content) -> None:
        self._raw = raw
        self._content = content
        self._member: _Member | None = _new_member(content)
        self._input = b""
        self._output = b""
        self._has_ended = False
        self.damage = ""
        """Why the rest cannot be read; empty while there is no reason."""
        self.ignored = 0
        """Bytes after the last member that are not compressed data."""

    @property
    def buffered(self) -> int:
        """Bytes that were read from the stream below and are not unpacked yet."""
        return len(self._input)

    @property
    def has_more(self) -> bool:
        """Whether there is something to return without reading from the stream below."""
        member = self._member
        return bool(self._output or self._input or (member is not None and not member.needs_input))

    def peek(self, size: int) -> bytes:
        """Return the first `size` bytes that come next, fewer at the end only."""
        while len(self._output) < size and (more := self._unpack()):
            self._output += more
        return self._output[:size]

    def read1(self, size: int, /) -> bytes:
        """Return what comes next, at most `size` bytes; none at the end. Raises OSError of the stream below."""
        data = self._output or self._unpack()
        self._output = data[size:]
        return data[:size]

    def _unpack(self) -> bytes:
        while not self._has_ended:
            if self._member is None and not self._begin_member():
                break
            member = self._member
            assert member is not None
            at_end = False
            if member.needs_input and not self._input:
                self._input = self._raw.read1(_READ_BYTES)
                at_end = not self._input
            if data := self._step(member, at_end=at_end):
                return data
        return b""

    def _step(self, member: _Member, *, at_end: bool) -> bytes:
        data, self._input = self._input, b""
        try:
            out = member.decompress(data, STEP_BYTES)
        except MemoryError:
            return self._end("it needs too much memory")
        except _DAMAGE as error:
            return self._end(str(error))
        if member.eof:
            self._input = member.unused_data
            self._member = None
        elif at_end and not out:
            return self._end("its end is missing")
        return out

    def _begin_member(self) -> bool:
        """Begin with the next member; False where there is none."""
        magic = MAGIC[self._content]
        self._skip_padding()
        while self._input and len(self._input) < len(magic) and (more := self._raw.read1(_READ_BYTES)):
            self._input += more
        if self._input.startswith(magic):
            self._member = _new_member(self._content)
            return True
        while self._input:
            self.ignored += len(self._input)
            self._input = self._raw.read1(_READ_BYTES)
        self._has_ended = True
        return False

    def _skip_padding(self) -> None:
        self._input = self._input.lstrip(b"\x00")
        while not self._input and (more := self._raw.read1(_READ_BYTES)):
            self._input = more.lstrip(b"\x00")

    def _end(self, damage: str) -> bytes:
        self.damage = damage
        self._has_ended = True
        return b""
