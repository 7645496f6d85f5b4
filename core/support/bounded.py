"""Mappings and sets whose size has a limit, however long a log goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import Final, Generic, TypeVar

LIMIT: Final = 20_000
"""Entries of one kind that a stream keeps: far more than a log has that repeats itself."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class BoundedMap(Generic[_Key, _Value]):
    """A mapping that keeps at least the `limit` keys used last, and at most twice as many.

    Entries lie in two dictionaries. When the recent one is full it becomes the older one, and what was older is
    dropped; a key that is read from the older one moves to the recent one. So setting and getting cost what a
    dictionary costs, and nothing is ever searched. A value is never None.
    """

    __slots__ = ("_limit", "_older", "_recent")

    def __init__(self, limit: int | None = None) -> None:
        """Begin empty; `limit` is `LIMIT` unless given, at least 1."""
        self._limit = LIMIT if limit is None else limit
        self._recent: dict[_Key, _Value] = {}
        self._older: dict[_Key, _Value] = {}

    def get(self, key: _Key) -> _Value | None:
        """Return the value of a key, None where it has none."""
        value = self._recent.get(key)
        if value is None and self._older:
            value = self._older.pop(key, None)
            if value is not None:
                self.set(key, value)
        return value

    def set(self, key: _Key, value: _Value) -> None:
        """Set the value of a key."""
        recent = self._recent
        recent[key] = value
        if len(recent) >= self._limit:
            self._older = recent
            self._recent = {}

    def __len__(self) -> int:
        """Count the values held, earlier values of some keys among them."""
        return len(self._recent) + len(self._older)


class BoundedDefaults(dict[_Key, _Value]):
    """A `BoundedMap` whose values are made of their keys: read with `[key]`, which costs what a dictionary costs.

    Only `[key]` sees all entries; a key has to be read before it is set.
    """

    __slots__ = ("_limit", "_make", "_older")

    def __init__(self, make: Callable[[_Key], _Value], limit: int | None = None) -> None:
        """Begin empty; `make` gives the value of a key that is not held."""
        super().__init__()
        self._make = make
        self._limit = LIMIT if limit is None else limit
        self._older: dict[_Key, _Value] = {}

    def __missing__(self, key: _Key) -> _Value:
        """Move the value of a key from the older entries to the recent ones, or make it."""
        value = self._older.pop(key, None)
        if value is None:
            value = self._make(key)
        if len(self) >= self._limit:
            self._older = dict(self)
            self.clear()
        self[key] = value
        return value

    def held(self) -> Iterator[_Value]:
        """Iterate over all values held."""
        return chain(self.values(), self._older.values())


class BoundedSet(dict[_Key, None]):
    """A set that keeps at least the `limit` keys added last, and at most twice as many.

    To ask whether a key is `in` it costs what it costs of a dictionary.
    """

    __slots__ = ("_limit",)

    def __init__(self, limit: int | None = None) -> None:
        """Begin empty; `limit` is `LIMIT` unless given, at least 1."""
        super().__init__()
        self._limit = LIMIT if limit is None else limit

    def add(self, key: _Key) -> None:
        """Add a key."""
        self.pop(key, None)
        self[key] = None
        if len(self) > 2 * self._limit:
            for oldest in list(islice(self, self._limit)):
                del self[oldest]
