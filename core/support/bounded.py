"""A dictionary of bounded size, for streams that never end."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, TypeVar

KEPT: Final = 20_000
"""Entries of one kind that a stream keeps: far more than a log has that recur."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memory(OrderedDict[_Key, _Value]):
    """A dictionary that evicts its oldest entry.

    Not a plain `dict`, whose search for the first entry passes over all deleted ones.
    """

    def keep(self, key: _Key, value: _Value) -> tuple[_Key, _Value] | None:
        """Add an entry; return the evicted one, if any."""
        self[key] = value
        return self.popitem(last=False) if len(self) > KEPT else None
