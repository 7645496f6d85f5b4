"""One quantity of the log, such as how long the replies of a route take: judged, and learned from, value by value."""

from __future__ import annotations

from math import exp, log, nan
from typing import Final

from core.baseline.usual import Spread

_BASELINE_WEIGHT: Final = 50
"""Values of this log that count as much as the baseline when a quantity is judged."""
_OWN_VALUES: Final = 20
"""Values that a quantity unknown to the baseline needs before it is judged."""
_OWN_DEVIATION: Final = 0.5
"""Deviation that the first values of a quantity unknown to the baseline are drawn towards."""


class Quantity:
    """Judges values in the log domain by the baseline and by those of this very log."""

    __slots__ = ("_count", "_squares", "_total", "_usual", "mean")

    def __init__(self, usual: Spread | None) -> None:
        """Begin without a value of this log; `usual` is what the baseline says, None where it says nothing."""
        self._usual = usual
        self._count = 0
        self._total = 0.0
        self._squares = 0.0
        self.mean = nan
        """Mean logarithm that the last value was judged by; nan where it could not be."""

    @property
    def common(self) -> float:
        """The value that was usual when the last one was judged; nan where it could not be."""
        return max(exp(self.mean) - 0.001, 0.0)

    def judge(self, value: float, *, home: bool) -> float:
        """Z of a value; 0 where not enough has been seen. Away from `home` the baseline says nothing.

        The value is then taken in, no further out than 3 deviations.
        """
        logged = log(value + 0.001)
        count = self._count
        if home and self._usual is not None:
            mean, deviation = self._usual
            if count:
                weight = count / (count + _BASELINE_WEIGHT)
                deviation = max(deviation, weight * self._deviation(deviation))
                mean += weight * (self._total / count - mean)
        elif count < _OWN_VALUES:
            self.mean = nan
            self._add(logged)
            return 0.0
        else:
            mean, deviation = self._total / count, self._deviation(_OWN_DEVIATION)
        self.mean = mean
        z = (logged - mean) / deviation
        if -3.0 <= z <= 3.0:
            self._add(mean + z * deviation)
            return z
        self._add(mean + (3.0 if z > 0.0 else -3.0) * deviation)
        return min(max(z, -6.0), 6.0)

    def _add(self, logged: float) -> None:
        self._count += 1
        self._total += logged
        self._squares += logged * logged

    def _deviation(self, floor: float) -> float:
        """Deviation of this log's values, drawn towards `floor` as if four more had that spread."""
        count, total = self._count, self._total
        spread = max(self._squares - total * total / count, 0.0)
        deviation: float = ((spread + 4 * floor * floor) / (count + 4)) ** 0.5
        return max(deviation, floor / 2)
