"""One quantity of the log, such as the time that the replies of a route take, against what is usual of it."""

from __future__ import annotations

from math import exp, log, nan
from typing import Final

from core.baseline import LogNormal
from core.features.reference import BASELINE, Reference

_BASELINE_WEIGHT: Final = 50
"""Values of this stream that count as much as the baseline."""
_OWN_VALUES: Final = 20
"""Values that a quantity needs before it is compared with the stream's own."""
_OWN_DEVIATION: Final = 0.5
"""Deviation that the stream's own values are drawn towards."""
_FURTHEST: Final = 3.0
"""Deviations from the mean beyond which a value is learned as one this far out."""
_OFFSET: Final = 0.001
"""Added before the logarithm is taken: 0 is a value, too."""


ZScore = tuple[float, float]
"""Deviations of a value's logarithm from the mean, not clipped, and the usual value; 0 and nan where that is not known.
"""

UNKNOWN: Final = (0.0, nan)


class RunningZScore:
    """Compares values in the log domain with the baseline and with the values of this stream."""

    __slots__ = ("_baseline", "_count", "_squares", "_total")

    def __init__(self, baseline: LogNormal | None) -> None:
        """Begin without a value of this stream; `baseline` is None where that does not have the quantity."""
        self._baseline = baseline
        self._count = 0
        self._total = 0.0
        self._squares = 0.0

    def score(self, value: float, reference: Reference) -> ZScore:
        """Compare a value with the baseline, or else with the stream's own past alone."""
        mean, deviation = self._usual(reference)
        if mean != mean:  # noqa: PLR0124 (nan)
            return UNKNOWN
        return (log(value + _OFFSET) - mean) / deviation, max(exp(mean) - _OFFSET, 0.0)

    def learn(self, value: float, z: float, reference: Reference) -> None:
        """Take in a value, which `score` gave `z`; one more than 3 deviations out is taken as one 3 deviations out."""
        logged = log(value + _OFFSET)
        if not -_FURTHEST <= z <= _FURTHEST:
            mean, deviation = self._usual(reference)
            logged = mean + (_FURTHEST if z > 0.0 else -_FURTHEST) * deviation
        self._count += 1
        self._total += logged
        self._squares += logged * logged

    def _usual(self, reference: Reference) -> tuple[float, float]:
        """Return the mean logarithm and its deviation; nan where nothing is known.

        The deviation of the stream's own values is drawn towards a floor, as if four more values had that spread.
        """
        count, total = self._count, self._total
        baseline = self._baseline if reference is BASELINE else None
        if baseline is not None:
            mean, floor = baseline
            if not count:
                return mean, floor
        elif count < _OWN_VALUES:
            return nan, nan
        else:
            floor = _OWN_DEVIATION
        own_mean = total / count
        spread = max(self._squares - total * total / count, 0.0)
        own_deviation = max(((spread + 4 * floor * floor) / (count + 4)) ** 0.5, floor / 2)
        if baseline is None:
            return own_mean, own_deviation
        weight = count / (count + _BASELINE_WEIGHT)
        return mean + weight * (own_mean - mean), max(floor, weight * own_deviation)
