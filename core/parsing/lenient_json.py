"""Objects in a line of text that is JSON, or nearly so: one odd character must not cost a record."""

from __future__ import annotations

import json
import re
from typing import Any, Final

import orjson

_ESCAPED: Final = re.compile(r"(?<!\\)((?:\\\\)*)\\(?:x([0-9a-f]{2})|U([0-9a-f]{8}))")
_STRING: Final = re.compile(r'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))', re.DOTALL)
_ESCAPE: Final = re.compile(r'\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})?')
_NOT_JSON: Final = re.compile(r",(?=\s*[}\]])|\b(None|undefined|nan|True|False)\b|-(?=NaN)", re.IGNORECASE)
_LENIENT: Final = json.JSONDecoder(strict=False)


def parse_object(text: str) -> dict[str, Any] | None:
    """Parse an object leniently: characters that JSON does not have, and numbers that it cannot hold, cost nothing."""
    found: Any
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        # The escapes that reading put in place of raw control characters and invalid bytes are none of JSON's.
        text = _ESCAPED.sub(_as_json, text)
        found = _first_object(text) or _first_object(_mended(text))
    return found if isinstance(found, dict) else None


def _first_object(text: str) -> Any:
    """Parse the first object: a torn write may leave two on one line."""
    try:
        return _LENIENT.raw_decode(text)[0]
    except (ValueError, RecursionError):
        return None


def _mended(text: str) -> str:
    """Write as JSON what other languages write: a comma before a closing bracket, their constants and escapes."""
    parts = _STRING.split(text)
    parts[::2] = [_NOT_JSON.sub(_constant, part) for part in parts[::2]]
    parts[1::2] = [_ESCAPE.sub(_escape, part) for part in parts[1::2]]
    return "".join(parts)


def _constant(match: re.Match[str]) -> str:
    name = (match[1] or "").lower()
    return name if name in {"true", "false"} else "null" if name else ""


def _escape(match: re.Match[str]) -> str:
    return match[0] if len(match[0]) > 1 else "\\\\"


def _as_json(match: re.Match[str]) -> str:
    before, short, long = match.groups()
    if short:
        return f"{before}\\u00{short}"
    high, low = divmod(int(long, 16) - 0x10000, 0x400)
    return f"{before}\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"
