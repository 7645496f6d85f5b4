"""Text that is safe to print: nothing in it can control a terminal."""

from __future__ import annotations

import math
from typing import Final


class _Escapes(dict[int, str | int]):
    """A table for `str.translate` that fills itself."""

    def __missing__(self, code: int) -> str | int:
        self[code] = replacement = code if chr(code).isprintable() else _escape_code(code)
        return replacement


def _escape_code(code: int) -> str:
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


_ESCAPES: Final = _Escapes()
_PIECE: Final = 1 << 15


def escape(text: str) -> str:
    """Return the text with every character that is not printable (controls, bidi, unassigned) escaped."""
    if text.isprintable():
        return text
    # In pieces, since `translate` holds the interpreter lock: a megabyte would take the time of three screen frames.
    return "".join([text[start : start + _PIECE].translate(_ESCAPES) for start in range(0, len(text), _PIECE)])


def two_digits(score: float) -> str:
    """Write a score with two digits, truncated, so that what shows 0.70 is flagged at 0.70."""
    return f"{math.floor(round(score * 10_000) / 100) / 100:.2f}"


def duration(seconds: float) -> str:
    """Format a length of time in its two largest units."""
    whole = round(seconds)
    if whole < 1:
        return f"{seconds * 1_000:.0f} ms"
    if whole < 60:
        return f"{whole} s"
    if whole < 3_600:
        return f"{whole // 60} min {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3_600} h {whole % 3_600 // 60:02d} min"
    return f"{whole // 86_400} d {whole % 86_400 // 3_600} h"
