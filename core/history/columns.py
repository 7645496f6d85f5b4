"""Parallel arrays that grow at the end and shrink at the front, each always one contiguous view.

Dropping moves the start; when the space at the end is used up, everything moves to the front once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt


class Columns:
    """Named columns of equal length, which is never more than `capacity`."""

    def __init__(self, kinds: Mapping[str, type[np.generic]], capacity: int) -> None:
        self._size = capacity + max(capacity // 4, 1_024)
        self._arrays = {name: np.zeros(self._size, kind) for name, kind in kinds.items()}
        self._start = self._end = 0

    def __len__(self) -> int:
        return self._end - self._start

    def __getitem__(self, name: str) -> npt.NDArray[Any]:
        """View one column, writable; valid until the next `append`."""
        return self._arrays[name][self._start : self._end]

    def frozen(self, name: str) -> npt.NDArray[Any]:
        """View one column, read only; valid until the next `append`."""
        view = self[name]
        view.flags.writeable = False
        return view

    def append(self, count: int, values: Mapping[str, Any]) -> None:
        """Add `count` entries at the end of every column; a value is a sequence of that length or stands for all."""
        if self._end + count > self._size:
            self._move_to_front()
        new = slice(self._end, self._end + count)
        for name, column in values.items():
            self._arrays[name][new] = column
        self._end = new.stop

    def drop(self, count: int) -> None:
        """Drop the `count` oldest entries."""
        self._start += count

    def _move_to_front(self) -> None:
        length = len(self)
        for array in self._arrays.values():
            array[:length] = array[self._start : self._end]
        self._start, self._end = 0, length
