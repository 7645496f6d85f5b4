"""A cheap cache key that messages share which differ only in digits and ids, so that most are masked once."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

_ZEROED_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_ZEROED_HEX: Final = bytes.maketrans(b"123456789abcdefABCDEF", b"0" * 21)
_IDS: Final = re.compile(rb"00(?:000000(?:-0000-0000-0000-000000000000|0*(?:-0{1,3}\b)?)|:00:00:00:00:00)")
_UUID: Final = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])")
_ANY_UUID: Final = "a0000000-0000-0000-0000-000000000000"
_LONG_BYTES: Final = 512


def shape_of(message: str) -> bytes:
    """Return the message in UTF-8 with every digit a 0, and every UUID, MAC and long hex id one of its length."""
    raw = message.encode("utf-8", "surrogatepass")
    shape = raw.translate(_ZEROED_DIGITS)
    folded = raw.translate(_ZEROED_HEX)
    if b"00000000" not in folded and b"00:00:00:" not in folded:
        return shape
    parts: list[bytes] = []
    position = 0
    for match in _IDS.finditer(folded):
        start, end = match.span()
        found = match[0]
        if shape[start:end] != found:
            # A hex id keeps one letter: without one it would be masked as a number.
            parts += shape[position:start], b"a" + found[1:]
            position = end
    parts.append(shape[position:])
    return b"".join(parts)


def without_uuids(message: str) -> str:
    """Return the message with every UUID replaced by one and the same."""
    return _UUID.sub(_ANY_UUID, message)


def shape_key(shape: bytes) -> bytes:
    """Return a short key of the shape: the shape itself, or the hash of a long one."""
    return shape if len(shape) <= _LONG_BYTES else blake2b(shape, digest_size=16).digest()
