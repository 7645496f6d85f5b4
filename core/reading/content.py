"""The kind of content of a file, by its first bytes."""

from __future__ import annotations

import codecs
from enum import StrEnum

SNIFF_BYTES = 1024


class Content(StrEnum):
    """Kinds of content that are treated differently; anything that is not clearly something else is text."""

    TEXT = "text"
    UTF16 = "UTF-16 text"
    GZIP = "gzip"
    XZ = "xz"
    ZSTD = "zstd"
    BINARY = "binary data"

    @property
    def compressed(self) -> bool:
        """Whether it can be read after decompression."""
        return self in (Content.GZIP, Content.XZ, Content.ZSTD)


_MAGIC = (
    (b"\x1f\x8b", Content.GZIP),
    (b"\xfd7zXZ\x00", Content.XZ),
    (b"\x28\xb5\x2f\xfd", Content.ZSTD),
    (codecs.BOM_UTF16_LE, Content.UTF16),
    (codecs.BOM_UTF16_BE, Content.UTF16),
    (b"\x7fELF", Content.BINARY),
    (b"\x89PNG", Content.BINARY),
    (b"PK\x03\x04", Content.BINARY),
    (b"BZh", Content.BINARY),
    (b"SQLite format 3\x00", Content.BINARY),
)
# Text with colours, tabs, form feeds and backspaces is still text.
_CONTROLS = bytes(set(range(0x20)) - set(b"\t\n\r\x0c\x08\x1b"))
_MAX_CONTROL_SHARE = 0.05
# Fewer bytes are no evidence: a short line may well hold a NUL.
_MIN_BYTES = 64


def detect_content(head: bytes) -> Content:
    """Return the kind of content of a file by its first `SNIFF_BYTES` (fewer where the file is shorter)."""
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return content
    # A writer that does not append leaves a run of NUL where its log was truncated: it is still a log.
    body = head.lstrip(b"\x00") if head.startswith(b"\x00\x00") else head
    controls = len(body) - len(body.translate(None, _CONTROLS))
    if len(body) < _MIN_BYTES or controls <= _MAX_CONTROL_SHARE * len(body):
        return Content.TEXT
    max_nuls = max(body[::2].count(0), body[1::2].count(0))
    return Content.UTF16 if max_nuls > 0.8 * (len(body) // 2) and max_nuls == body.count(0) else Content.BINARY


def refusal_message(name: str, content: Content) -> str:
    """Return the message that explains why a source that is not text is not read."""
    if content is Content.UTF16:
        return f"{name} is UTF-16 text: convert it first (iconv -f UTF-16 -t UTF-8)"
    if content.compressed:
        return f"{name} is compressed ({content}) and will not grow: read it with `tailsight score`"
    return f"{name} is not a text log (it holds binary data)"
