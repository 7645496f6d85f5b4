"""Memory that does not grow without end, however long a log goes on."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final, TypeVar

KEPT: Final = 20_000
"""Things of one kind that a stream remembers: far more than a log has that repeats itself."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class Memory(OrderedDict[_Key, _Value]):
    """A dictionary that forgets what it has known longest.

    Not a plain one, which looks for its first entry among all that were deleted before it.
    """

    def keep(self, key: _Key, value: _Value) -> tuple[_Key, _Value] | None:
        """Remember one more; give what had to be forgotten for it, if anything."""
        self[key] = value
        return self.popitem(last=False) if len(self) > KEPT else None
