"""Events per second against what is usual in the stream."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.schema import WINDOW_SECONDS
from core.support.arrays import Float64

_LONG_SECONDS: Final = 3600.0
"""Time over which the usual rate of the stream is averaged."""
_SETTLED_SECONDS: Final = 600.0
"""Age of the stream from which its rate can be compared with the usual one."""


class Rate:
    """The usual rate of one stream, a decaying average over an hour."""

    __slots__ = ("_average", "_began", "_last")

    def __init__(self) -> None:
        self._began: float | None = None
        self._last = 0.0
        self._average = 0.0

    def learn(self, at: Float64, events: Float64) -> Float64:
        """Take in events at seconds [N]; return the log ratio [N] of the events of five minutes [N] to the usual ones.

        Each event is part of both. The ratio is 0 while the stream is younger than ten minutes.
        """
        if self._began is None:
            self._began = self._last = float(at[0])
        gaps = at.copy()
        gaps[1:] -= at[:-1]
        gaps[0] -= self._last
        average, averages = self._average, []
        for decay in np.exp(np.minimum(-gaps, 0.0) / _LONG_SECONDS).tolist():
            average = average * decay + 1.0
            averages.append(average)
        self._average, self._last = average, float(at[-1])
        age = np.maximum(at - self._began, _SETTLED_SECONDS)
        usual = np.array(averages) / (_LONG_SECONDS * (1.0 - np.exp(-age / _LONG_SECONDS)))
        ratios = np.log((events + 1.0) / (usual * WINDOW_SECONDS + 1.0))
        ratios[at - self._began < _SETTLED_SECONDS] = 0.0
        return ratios
