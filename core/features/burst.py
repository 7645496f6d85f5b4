"""How often a template came within one minute, against its busiest minute before."""

from __future__ import annotations

from functools import partial
from math import exp, log1p, nan
from typing import Final, NamedTuple

from core.features.wording import ReasonText, against_usual

_SECONDS: Final = 60.0
_LEAST_USUAL: Final = log1p(5)
"""log1p of the events of a minute that are usual of any template."""
_FEW: Final = 3
"""Events of a minute that are never a burst."""


class Burst(NamedTuple):
    """The minute of one event."""

    burst: float
    """log1p of the minute's count, over that of the busiest minute before; not under 0."""
    minute_count: int
    """Events of the template in the minute, this one included; 0 where there is no burst."""
    usual_minute_count: float
    """Events of its busiest minute before; nan where there is no burst."""


NO_BURST: Final = Burst(0.0, 0, nan)
_new = partial(tuple.__new__, Burst)


class MinuteCounter:
    """The events of one template by the minute."""

    __slots__ = ("_busiest", "_count", "_log_peak", "_log_usual", "_minute")

    def __init__(self, log_peak: float) -> None:
        """Begin without an event; `log_peak` is log1p of the busiest minute of the baseline, 0 for none."""
        self._log_peak = log_peak
        self._log_usual = max(_LEAST_USUAL, log_peak)
        self._count = 0
        self._minute = nan
        self._busiest = 0

    def score(self, at: float) -> Burst:
        """Compare the minute of an event at second `at` with those before."""
        count = self._count + 1
        if count < _FEW or at // _SECONDS != self._minute:
            return NO_BURST
        burst = log1p(count) - self._log_usual
        return _new((burst, count, count / exp(burst))) if burst > 0.0 else NO_BURST

    def learn(self, at: float) -> None:
        """Count an event."""
        minute = at // _SECONDS
        if minute == self._minute:
            self._count += 1
            return
        if self._count > self._busiest:
            # A busy minute raises what is usual by half at most, so that a storm does not make itself usual.
            self._busiest = min(self._count, self._busiest + self._busiest // 2 + 5)
            self._log_usual = max(log1p(self._busiest), self._log_peak)
        self._minute = minute
        self._count = 1


def burst_reason(burst: Burst) -> ReasonText | None:
    """Word a burst that stands out."""
    count, usual = burst.minute_count, burst.usual_minute_count
    return against_usual(burst.burst, count, usual, "{} times within a minute, usually {}")
