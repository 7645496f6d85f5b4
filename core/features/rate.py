"""Events per second against what is usual in the stream."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.features.window import Floats
from core.schema import WINDOW_SECONDS

_LONG_SECONDS: Final = 3600.0
"""Time over which the usual rate of the stream is averaged."""
_SETTLED_SECONDS: Final = 600.0
"""Age of the stream from which its rate can be compared with the usual one."""


class Rate:
    """Events per second of the trailing five minutes against those of the last hour."""

    __slots__ = ("_began", "_last", "_long")

    def __init__(self) -> None:
        self._began: float | None = None
        self._last = 0.0
        self._long = 0.0

    def ratios(self, at: Floats, in_window: Floats) -> Floats:
        """Take in the next events: log ratios, clipped to 5; 0 while the stream is younger than ten minutes."""
        if self._began is None:
            self._began = self._last = float(at[0])
        gaps = np.diff(at, prepend=self._last)
        long, averages = self._long, []
        for decay in np.exp(np.minimum(-gaps, 0.0) / _LONG_SECONDS).tolist():
            long = long * decay + 1.0
            averages.append(long)
        self._long, self._last = long, float(at[-1])
        age = np.maximum(at - self._began, _SETTLED_SECONDS)
        usual = np.array(averages) / (_LONG_SECONDS * (1.0 - np.exp(-age / _LONG_SECONDS)))
        ratios = np.clip(np.log((in_window + 1.0) / (usual * WINDOW_SECONDS + 1.0)), -5.0, 5.0)
        return np.where(at - self._began < _SETTLED_SECONDS, 0.0, ratios)
