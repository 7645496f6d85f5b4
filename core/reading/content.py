"""The kind of content of a file, by its first bytes."""

from __future__ import annotations

import codecs
import re
from enum import StrEnum
from typing import Final

SNIFF_BYTES: Final = 1024


class Content(StrEnum):
    """Kinds of content that are treated differently; anything that is not clearly something else is text."""

    TEXT = "text"
    UTF16 = "UTF-16 text"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    TAR = "tar archive"
    ZIP = "ZIP archive"
    BINARY = "binary data"

    @property
    def compressed(self) -> bool:
        """Whether it can be read after decompression."""
        return self in _COMPRESSED


_COMPRESSED: Final = frozenset({Content.GZIP, Content.BZIP2, Content.XZ, Content.ZSTD})

MAGIC: Final = {
    Content.GZIP: b"\x1f\x8b",
    Content.BZIP2: b"BZh",
    Content.XZ: b"\xfd7zXZ\x00",
    Content.ZSTD: b"\x28\xb5\x2f\xfd",
}
"""The first bytes of each compressed form."""

_MAGIC: Final = (
    *((magic, content) for content, magic in MAGIC.items()),
    (codecs.BOM_UTF16_LE, Content.UTF16),
    (codecs.BOM_UTF16_BE, Content.UTF16),
    (b"\x7fELF", Content.BINARY),
    (b"\x89PNG", Content.BINARY),
    (b"PK\x03\x04", Content.ZIP),
    (b"SQLite format 3\x00", Content.BINARY),
    (b"LPKSHHRH", Content.BINARY),  # a journal of systemd
)
_TAR_MAGIC: Final = slice(257, 262)
# bzip2 is text at its beginning: the digit is the block size, what follows begins a block or ends the stream.
_BZIP2_BLOCK: Final = slice(4, 10)
_BZIP2_BLOCKS: Final = (b"1AY&SY", b"\x17rE8P\x90")
# What a crash, or a writer that does not append to a truncated log, leaves in the middle of text.
_NUL_RUN: Final = re.compile(rb"\x00{8,}")
# Text with colours, tabs, form feeds and backspaces is still text.
_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\r\x0c\x08\x1b"))
_MAX_CONTROL_SHARE: Final = 0.05
# Fewer bytes are no evidence: a short line may well hold a NUL.
_MIN_BYTES: Final = 64


def detect_content(head: bytes) -> Content:
    """Return the kind of content of a file by its first `SNIFF_BYTES` (fewer where the file is shorter)."""
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content if content is not Content.BZIP2 or _opens_bzip2(head) else Content.TEXT
    if head[_TAR_MAGIC] == b"ustar" and b"\x00" in head[: _TAR_MAGIC.start]:
        return Content.TAR
    body = head.lstrip(b"\x00") if head.startswith(b"\x00\x00") else head
    if _is_text(body) or _is_text_with_holes(body):
        return Content.TEXT
    max_nuls = max(body[::2].count(0), body[1::2].count(0))
    return Content.UTF16 if max_nuls > 0.8 * (len(body) // 2) and max_nuls == body.count(0) else Content.BINARY


def _controls(data: bytes) -> int:
    return len(data) - len(data.translate(None, _CONTROLS))


def _is_text(body: bytes) -> bool:
    return len(body) < _MIN_BYTES or _controls(body) <= _MAX_CONTROL_SHARE * len(body)


def _is_text_with_holes(body: bytes) -> bool:
    """Whether lines of text are left where runs of NUL are taken out; a record of fixed fields leaves no line."""
    rest = _NUL_RUN.sub(b"", body)
    return b"\n" in rest and _controls(rest) <= _MAX_CONTROL_SHARE * len(rest)


def _opens_bzip2(head: bytes) -> bool:
    block = head[_BZIP2_BLOCK]
    return head[3:4] in b"123456789" and any(known.startswith(block) for known in _BZIP2_BLOCKS)


def refusal_message(name: str, content: Content, *, packed: bool = False) -> str:
    """Return the message that explains why a source that is not text is not read; `packed` is in a compressed file."""
    if content is Content.UTF16:
        first = "unpack and convert it first" if packed else "convert it first"
        return f"{name} is UTF-16 text: {first} (iconv -f UTF-16 -t UTF-8)"
    if content in (Content.TAR, Content.ZIP):
        tool = "tar -xf" if content is Content.TAR else "unzip"
        return f"{name} is a {content}: unpack it first ({tool}), then name the log files in it"
    if content.compressed:
        return f"{name} is compressed ({content}) and will not grow: read it with `tailsight score`"
    return f"{name} is not a text log (it holds binary data)"
