"""TOML files that people edit, with errors that name the line and column of a value."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.errors import ConfigError
from core.support.printable import escape

_TABLE: Final = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]")
_KEY: Final = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*[\w-]+)*)\s*=\s*""")
_POSITION: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """A parsed file, with its text to locate values in."""

    path: Path
    text: str
    data: dict[str, Any]

    def error(self, keys: tuple[str | int, ...], what: str) -> ConfigError:
        """Return the error about the value at `keys`: names of tables and keys, and indices (from 0) in arrays."""
        return _error(self.path, _locate(self.text, keys), what)


def load_toml(path: Path) -> TomlFile:
    """Read a file; ConfigError when it cannot be read or parsed, FileNotFoundError when it does not exist."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except NotADirectoryError as error:
        # A part of the path is a file: so this one does not exist either.
        raise FileNotFoundError(*error.args) from None
    except FileNotFoundError:
        raise
    except UnicodeDecodeError as error:
        raise ConfigError(f"{escape(str(path))} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except OSError as error:
        raise ConfigError(f"cannot read {escape(str(path))}: {error.strerror}; correct or remove it") from None
    try:
        return TomlFile(path, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        where = _POSITION.search(str(error))
        reason = str(error)[: where.start()] if where else str(error)
        place = (int(where[1]), int(where[2])) if where and where[1] else _end_of(text)
        raise _error(path, place, f"not valid TOML: {reason}") from None
    except RecursionError:
        raise _error(path, None, "nested too deeply") from None


def quote(text: str) -> str:
    """Return the text as a TOML string."""
    # JSON's escapes are valid in TOML; DEL alone must be escaped in TOML and not in JSON.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _error(path: Path, place: tuple[int, int] | None, what: str) -> ConfigError:
    where = f":{place[0]}:{place[1]}" if place else ""
    return ConfigError(f"{escape(str(path))}{where}: {escape(what)}")


def _end_of(text: str) -> tuple[int, int]:
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1


def _locate(text: str, keys: tuple[str | int, ...]) -> tuple[int, int] | None:
    """Find line and column (from 1) of the value, else of the table that it is in; None where neither is found."""
    wanted = [key for key in keys if isinstance(key, str)]
    place = next((key for key in keys if isinstance(key, int)), 0)
    table: list[str] = []
    seen: dict[str, int] = {}
    found: tuple[int, int] | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if header := _TABLE.match(line):
            table = _names(header[2])
            seen[header[2]] = seen.get(header[2], -1) + 1
            if header[1] == "[[" and seen[header[2]] != place:
                table = []
            elif table == wanted[: len(table)]:
                found = number, header.start(1) + 1
        elif (key := _KEY.match(line)) and table + _names(key[1]) == wanted[: len(table) + len(_names(key[1]))]:
            found = number, key.end() + 1
            if table + _names(key[1]) == wanted:
                return found
    return found


def _names(dotted: str) -> list[str]:
    return [name.strip().strip("\"'") for name in dotted.split(".")]
