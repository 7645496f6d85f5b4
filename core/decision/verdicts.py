"""What an operator has said of templates, in one plain file that every run applies.

[[verdict]]
template = "Unable to reach *"      # or hash = "5f0c...": the 16 digits of the template's hash, which tell no text
service = "nova-compute"            # left out: in every service
verdict = "normal"                  # normal here; or "real": a fault, whatever else it looks like
until = 2026-02-28                  # of "normal" alone: the last day that it holds, or a time; left out: for good
note = "migration, CHG-1234"
since = 2026-01-31T12:00:00Z
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import platformdirs

from core.errors import ConfigError
from core.events import ScoredEvent
from core.support.printable import escape
from core.support.tomlfile import TomlFile, load_toml
from core.templates import stable_hash

_TEXTS: Final = ("template", "hash", "service", "verdict", "note")
_TIMES: Final = ("until", "since")
_MAX_HASHES: Final = 16_384
"""Templates whose hashes are remembered."""


class VerdictKind(StrEnum):
    """What a template is, in the words of the file."""

    NORMAL = "normal"
    """It does not alert, and is learned."""
    REAL = "real"
    """It is never learned, nor is its episode."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was said of one template."""

    verdict: VerdictKind
    template: str = ""
    """Its text; empty where the hash is given."""
    hash: int = 0
    """Its hash (`core.templates.stable_hash`)."""
    service: str = ""
    """Only in this service; empty for every one."""
    note: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """From this moment on it does nothing; None for never."""

    def active(self, now: datetime) -> bool:
        """Tell whether it holds at this moment."""
        return self.until is None or now < self.until


def verdicts_path() -> Path:
    """Return where verdicts are kept by default: beside the mutes."""
    return platformdirs.user_config_path("tailsight") / "verdicts.toml"


class Verdicts:
    """The verdicts of one file. ConfigError when it cannot be read; without a file there are none."""

    def __init__(self, path: Path | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Read the file, which has to exist where it is named; the clock says what has expired."""
        self.path = path or verdicts_path()
        self._clock = clock
        self._verdicts: tuple[Verdict, ...] = ()
        self._version: tuple[int, int, int] | None = None
        if path is not None and not path.exists():
            raise ConfigError(f"there is no verdict file {escape(str(path))}; leave --verdicts out for your own")
        self.reload()

    def __len__(self) -> int:
        return len(self._verdicts)

    def all(self) -> tuple[Verdict, ...]:
        """Return every verdict of the file, those that have expired included."""
        return self._verdicts

    def predicate(self) -> Callable[[ScoredEvent], VerdictKind | None] | None:
        """Return what is asked of each event; None while there is no verdict that holds.

        It is that of the moment of this call: ask again from time to time.
        """
        now = self._clock()
        active = {(one.hash, one.service): one.verdict for one in self._verdicts if one.active(now)}
        if not active:
            return None
        known: dict[str, int] = {}

        def verdict_of(event: ScoredEvent) -> VerdictKind | None:
            number = known.get(event.template)
            if number is None:
                if len(known) >= _MAX_HASHES:
                    known.clear()
                number = known[event.template] = stable_hash(event.template)
            return active.get((number, event.event.service)) or active.get((number, ""))

        return verdict_of

    def next_expiry(self) -> datetime | None:
        """Return when the next of those that hold ends; None when none does."""
        now = self._clock()
        return min((one.until for one in self._verdicts if one.until and one.active(now)), default=None)

    def reload(self) -> bool:
        """Read the file again if it has changed; return whether its verdicts have.

        A bad file is said once for each change of it; what held before does so until then.
        """
        try:
            status = self.path.stat()
            version = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            version = None
        if version is not None and version == self._version:
            return False
        self._version = version
        try:
            verdicts = _read(load_toml(self.path))
        except FileNotFoundError:
            verdicts = ()
        changed = verdicts != self._verdicts
        self._verdicts = verdicts
        return changed


def _read(file: TomlFile) -> tuple[Verdict, ...]:
    tables = file.data.get("verdict", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise file.error(("verdict",), "verdicts are written as [[verdict]] tables")
    if strange := set(file.data) - {"verdict"}:
        name = min(strange)
        raise file.error((name,), f"{name!r} means nothing here; verdicts are written as [[verdict]] tables")
    return tuple(_verdict(file, place, table) for place, table in enumerate(tables))


def _verdict(file: TomlFile, place: int, table: Mapping[str, object]) -> Verdict:
    values: dict[str, Any] = {}
    for name, value in table.items():
        at = ("verdict", place, name)
        if name in _TEXTS:
            if not isinstance(value, str):
                raise file.error(at, f"{name} must be a text in quotes")
            values[name] = value
        elif name in _TIMES:
            if not isinstance(value, date):  # a datetime is one
                raise file.error(
                    at, f"{name} must be a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z"
                )
            values[name] = _moment(value, is_end=name == "until")
        else:
            raise file.error(at, f"a verdict has no {name!r}, only {', '.join((*_TEXTS, *_TIMES))}")
    if values.get("verdict") not in set(VerdictKind):
        raise file.error(("verdict", place, "verdict"), 'verdict must be "normal" or "real"')
    values["verdict"] = VerdictKind(values["verdict"])
    if values["verdict"] is VerdictKind.REAL and "until" in values:
        raise file.error(("verdict", place, "until"), 'only "normal" has an until: what was real stays so')
    if bool(values.get("template")) == bool(values.get("hash")):
        raise file.error(("verdict", place), "a verdict needs a template, or its hash instead")
    values["hash"] = _hash(file, place, values["hash"]) if values.get("hash") else stable_hash(values["template"])
    return Verdict(**values)


def _hash(file: TomlFile, place: int, digits: str) -> int:
    try:
        return int(digits, 16)
    except ValueError:
        raise file.error(("verdict", place, "hash"), "hash must be 16 hexadecimal digits in quotes") from None


def _moment(value: date, *, is_end: bool) -> datetime:
    """Return the time; that of a date is its first moment, or its end, in the zone of the host."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.astimezone()
    day = value + timedelta(days=1) if is_end else value
    return datetime.combine(day, time()).astimezone()
