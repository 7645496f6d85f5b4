"""Templates that an operator does not want flagged, in one plain file that every run applies.

[[mute]]
template = "Unable to reach *"
service = "nova-compute"            # left out: in every service
reason = "known, CHG-1234"
created = 2026-01-31T12:00:00Z
expires = 2026-02-28T12:00:00Z      # left out: until it is removed
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

import platformdirs

from core.errors import ConfigError
from core.events import ScoredEvent
from core.support.files import make_folder, write_file
from core.support.tomlfile import TomlFile, load_toml, quote

_HEADER: Final = "# Templates that tailsight does not flag. Written by tailsight; may be edited.\n"
_FIELDS: Final = {"template": str, "service": str, "reason": str, "created": datetime, "expires": datetime}


@dataclass(frozen=True, slots=True)
class Mute:
    """One template that is not flagged."""

    template: str
    service: str = ""
    """Only in this service; empty for every one."""
    reason: str = ""
    created: datetime | None = None
    expires: datetime | None = None
    """From this moment on it is flagged again; None for never."""

    def active(self, now: datetime) -> bool:
        """Tell whether it holds at this moment."""
        return self.expires is None or now < self.expires


class _Change(NamedTuple):
    key: tuple[str, str]
    before: Mute | None
    place: int | None
    """Where `before` stood."""


def default_path() -> Path:
    """Return where mutes are kept by default."""
    return platformdirs.user_config_path("tailsight") / "mutes.toml"


class Mutes:
    """The mutes of one file. ConfigError when it cannot be read, OutputError when it cannot be written."""

    def __init__(self, path: Path | None = None, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.path = path or default_path()
        self._clock = clock
        self._mutes: tuple[Mute, ...] = ()
        self._by_key: dict[tuple[str, str], Mute] = {}
        self._undo: list[_Change] = []
        self._version: tuple[int, int, int] | None = None
        self._problem: ConfigError | None = None
        self.reload()

    def __len__(self) -> int:
        return len(self._mutes)

    def all(self) -> tuple[Mute, ...]:
        """Return every mute of the file, those that have expired included."""
        return self._mutes

    def muted(self, template: str, service: str, now: datetime | None = None) -> bool:
        """Tell whether this template is muted in this service."""
        return self._find(template, service, now or self._clock()) is not None if self._by_key else False

    def predicate(self) -> Callable[[ScoredEvent], bool] | None:
        """Return what a history, an export or a headless run asks of each event; None while nothing is muted.

        It holds for the mutes and the moment of this call: ask again after a change and at `next_expiry`.
        """
        now = self._clock()
        active = {key for key, mute in self._by_key.items() if mute.active(now)}
        if not active:
            return None

        def is_muted(event: ScoredEvent) -> bool:
            return (event.template, "") in active or (event.template, event.event.service) in active

        return is_muted

    def next_expiry(self) -> datetime | None:
        """Return when the next of the active mutes ends; None when none does."""
        now = self._clock()
        return min((mute.expires for mute in self._mutes if mute.expires and mute.active(now)), default=None)

    def count(self, events: Iterable[object]) -> Counter[Mute]:
        """Count the events that each mute covers; rows that are no events count for none."""
        now = self._clock()
        found = (
            self._find(event.template, event.event.service, now) for event in events if isinstance(event, ScoredEvent)
        )
        return Counter(mute for mute in found if mute is not None)

    def add(self, template: str, *, service: str = "", reason: str = "", expires: datetime | None = None) -> Mute:
        """Mute a template and write the file; a mute of the same template and service is replaced."""
        mute = Mute(template, service, reason, self._clock().replace(microsecond=0), expires)
        self._undo.append(self._replace(_key(mute), mute))
        return mute

    def remove(self, template: str, *, service: str = "") -> bool:
        """Take a mute back and write the file; returns whether there was one."""
        change = self._replace((template, service), None)
        if change.before is None:
            return False
        self._undo.append(change)
        return True

    def undo(self) -> bool:
        """Take the last change of this run back and write the file; returns whether there was one.

        What somebody else changed meanwhile stays.
        """
        if not self._undo:
            return False
        change = self._undo[-1]
        self._replace(change.key, change.before, change.place)
        self._undo.pop()
        return True

    def reload(self) -> bool:
        """Read the file again if it has changed; returns whether its mutes have. No file means no mutes.

        A bad file is said once for each change of it; what was muted before stays so until then.
        """
        version = _version(self.path)
        if version is not None and version == self._version:
            return False
        self._version = version
        self._problem = None
        try:
            mutes = _read(load_toml(self.path))
        except FileNotFoundError:
            mutes = ()
        except ConfigError as error:
            self._problem = error
            raise
        changed = mutes != self._mutes
        self._set(mutes)
        return changed

    def _find(self, template: str, service: str, now: datetime) -> Mute | None:
        for key in ((template, service), (template, "")):
            mute = self._by_key.get(key)
            if mute is not None and mute.active(now):
                return mute
        return None

    def _replace(self, key: tuple[str, str], mute: Mute | None, place: int | None = None) -> _Change:
        """Put a mute, or nothing, in the place of the one with this key; at the end where there was none."""
        self.reload()
        old = next((at for at, one in enumerate(self._mutes) if _key(one) == key), None)
        kept = [one for one in self._mutes if _key(one) != key]
        change = _Change(key, None if old is None else self._mutes[old], old)
        if mute is not None:
            kept.insert(len(kept) if place is None else place, mute)
        if tuple(kept) != self._mutes:
            self._write(tuple(kept))
        return change

    def _write(self, mutes: tuple[Mute, ...]) -> None:
        if self._problem is not None:
            # Somebody is editing the file; what they wrote must not be lost.
            raise self._problem
        make_folder(self.path.parent)
        write_file(self.path, _render(mutes).encode(), private=True)
        self._version = _version(self.path)
        self._set(mutes)

    def _set(self, mutes: tuple[Mute, ...]) -> None:
        self._mutes = mutes
        self._by_key = {_key(mute): mute for mute in mutes}


def _key(mute: Mute) -> tuple[str, str]:
    return mute.template, mute.service


def _version(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when the file is written; None when it is not there."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read(file: TomlFile) -> tuple[Mute, ...]:
    tables = file.data.get("mute", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise file.error(("mute",), "mutes are written as [[mute]] tables")
    if strange := set(file.data) - {"mute"}:
        raise file.error((min(strange),), f"{min(strange)!r} means nothing here; mutes are written as [[mute]] tables")
    return tuple(_mute(file, place, table) for place, table in enumerate(tables))


def _mute(file: TomlFile, place: int, table: dict[str, object]) -> Mute:
    values = dict(table)
    for name, value in values.items():
        if name not in _FIELDS:
            raise file.error(("mute", place, name), f"a mute has no {name!r}, only {', '.join(_FIELDS)}")
        if not isinstance(value, _FIELDS[name]):
            wanted = "a text in quotes" if _FIELDS[name] is str else "a time such as 2026-01-31T12:00:00Z"
            raise file.error(("mute", place, name), f"{name} must be {wanted}")
        if isinstance(value, datetime) and value.tzinfo is None:
            values[name] = value.astimezone()
    if not values.get("template"):
        raise file.error(("mute", place), "a mute needs a template")
    return Mute(**cast("dict[str, Any]", values))


def _render(mutes: Iterable[Mute]) -> str:
    parts = [_HEADER]
    for mute in mutes:
        lines = ["[[mute]]", f"template = {quote(mute.template)}"]
        lines += [f"{name} = {quote(text)}" for name in ("service", "reason") if (text := getattr(mute, name))]
        lines += [f"{name} = {at.isoformat()}" for name in ("created", "expires") if (at := getattr(mute, name))]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)
