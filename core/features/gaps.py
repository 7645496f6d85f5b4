"""How long something that comes again and again usually stays away, and how rarely it stays away longer."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from math import ceil, exp, floor, inf, log, sqrt
from typing import Final

RESOLUTION_S: Final = 1.0
"""Lines closer together than this are one arrival: a silence of a fraction of a second tells nothing."""
LEAST_GAPS: Final = 10
"""Gaps from which a record says anything."""

_KEPT: Final = 31
"""Latest gaps, of which the period is the median; odd, so that the median is one of them."""
_MOST: Final = 4_000.0
"""Gaps counted before all counts are halved: what was long ago weighs less."""
_BIN: Final = 0.05
"""Width of a bin of the histogram, in logs: 5 % of a gap."""
_PRIOR_EXCESS: Final = 0.5
"""Mean log excess over a high quantile that is expected of anything: a gap twice as long is a quarter as likely."""
_PRIOR_WEIGHT: Final = 1.0
"""Weight of that, in gaps."""
_MISSED: Final = 1.5
"""Periods from which a gap means that something was missed."""
_FAR: Final = 20.0
"""Running means that a gap counts at most: of what comes at random one in 500 million is longer, so that it was a stop,
and a habit only if it comes again."""
_SPED_UP: Final = 0.7
_TAIL: Final = 0.6
"""Share of the high quantile from which a gap is kept for the tail, so that the quantile may fall."""
_ROUNDING: Final = 1e-5
"""Periods: stamps are seconds since 1970, which a float holds to a fourth of a microsecond."""
_FAST_GAPS: Final = 8
_SLOW_GAPS: Final = 128
"""Gaps in the two running means."""
_FAST: Final = 1.0 / _FAST_GAPS
_SLOW: Final = 1.0 / _SLOW_GAPS


class GapRecord:
    """The gaps between the arrivals of one thing, relative to how often it came lately.

    A gap is measured in running means, of the last few gaps or of many, whichever is longer: what slows down in the
    evening does not look silent. The tail of the relative gaps is that of a Pareto distribution beyond a high quantile
    (Hill's estimate of its index, with a prior), and what comes by the clock is expected to miss a beat as often as it
    did, by Jeffreys' rule. A wait is as unlikely as the likelier of the two says.
    """

    __slots__ = (
        "_bins",
        "_fast",
        "_fit_at",
        "_gaps",
        "_judged_from",
        "_missed_from",
        "_misses",
        "_slow",
        "_tail_from",
        "count",
        "excess",
        "longest",
        "period",
        "quantile",
        "seconds",
        "share",
        "steady_s",
    )  # fmt: skip

    def __init__(self) -> None:
        self.count = 0.0
        """Gaps, the older ones with less weight."""
        self.period = inf
        """Median of the latest gaps, in seconds."""
        self.quantile = inf
        """High quantile of the relative gaps, beyond which the tail is fitted."""
        self.seconds = self.steady_s = 0.0
        """Sum of all gaps, and of those in which nothing was missed."""
        self.share = 1.0
        """Share of the gaps beyond it."""
        self.excess = _PRIOR_EXCESS
        """Mean log excess of these."""
        self._bins: dict[int, float] = {}
        """Relative gaps of the tail."""
        self._tail_from = 0.0
        """Relative gap from which one is kept for the tail; of the others their number is enough."""
        self._gaps: deque[float] = deque(maxlen=_KEPT)
        self.longest = 0.0
        """Longest gap in seconds."""
        self._misses = 0.0
        self._missed_from = inf
        self._fast = self._slow = 0.0
        self._fit_at = float(LEAST_GAPS)
        self._judged_from = 0.0
        """Running mean under which a timeout that was set is out of date."""

    def learn(self, gap: float) -> bool:
        """Take in a gap in seconds, at least `RESOLUTION_S`; tell whether a timeout may have become shorter."""
        fast, slow = self._fast, self._slow
        scale = (max(slow, fast)) or gap
        gap = min(gap, _FAR * scale)
        if gap >= self._tail_from * scale:
            place = floor(log(gap / scale) / _BIN)
            self._bins[place] = self._bins.get(place, 0.0) + 1.0
            self.longest = max(self.longest, gap)
        self.seconds += gap
        if gap > self._missed_from:
            self._misses += 1.0
        else:
            self.steady_s += gap
        self._gaps.append(gap)
        self.count = count = self.count + 1.0
        # The first gaps are averaged, later ones decay.
        self._fast = fast + (gap - fast) * (_FAST if count > _FAST_GAPS else 1.0 / count)
        self._slow = slow + (gap - slow) * (_SLOW if count > _SLOW_GAPS else 1.0 / count)
        if count < self._fit_at:
            if scale > self._judged_from or count < LEAST_GAPS:
                return False
            self._judged_from = _SPED_UP * scale
            return True
        if count >= _MOST:
            self._halve()
        self._fit()
        return True

    @property
    def scale(self) -> float:
        """The seconds between arrivals that are usual now; 0 before any gap."""
        return max(self._fast, self._slow)

    @property
    def is_regular(self) -> bool:
        """Whether it comes by the clock: of the latest gaps nine in ten are less than two periods."""
        gaps = sorted(self._gaps)
        return len(gaps) >= LEAST_GAPS and bisect_right(gaps, 2.0 * self.period) >= 0.9 * len(gaps)

    @property
    def usual_s(self) -> float:
        """The period in seconds; where there is none, the gap that 99.9 % of the gaps are at most."""
        if self.is_regular:
            return self.period
        if not self._bins:
            return self.longest
        left = 0.001 * self.count
        for place in sorted(self._bins, reverse=True):
            left -= self._bins[place]
            if left < 0.0:
                break
        return min(exp((place + 1) * _BIN) * self.scale, self.longest)

    def log_rate(self, wait: float) -> float:
        """Log of how many waits as long as this, in seconds, an hour has by chance."""
        return log(3600.0 / self._slow) + self.log_share(wait)

    def log_share(self, wait: float) -> float:
        """Log of the share of waits that are as long as this, in seconds; 0 for one that tells nothing."""
        usual = self.quantile * self.scale
        beyond = log(wait / usual) + _ROUNDING if wait > 0.0 else -1.0
        tail = log(self.share) - max(beyond, 0.0) / self.excess if beyond >= 0.0 else 0.0
        missed = floor(max(wait / self.period - self._leeway + _ROUNDING, 0.0)) * log(self._miss_share)
        return max(tail, missed)

    @property
    def expected_s(self) -> float:
        """Seconds after which it is late: the high quantile of its gaps."""
        return self.quantile * self.scale

    def timeout(self, log_rate: float) -> float:
        """Return the wait, in seconds, that an hour has so often by chance."""
        nats = log(3600.0 / self._slow) - log_rate
        tail = self.quantile * self.scale * exp(max(nats + log(self.share), 0.0) * self.excess)
        beats = max(ceil(nats / -log(self._miss_share)), 1)
        return max(tail, (beats + self._leeway) * self.period)

    @property
    def _miss_share(self) -> float:
        return (self._misses + 0.5) / (self.count + 1.0)

    @property
    def _leeway(self) -> float:
        """Share of a period by which a beat may be late."""
        return min(max(self.quantile * self.scale / self.period - 1.0, 0.05), _MISSED - 1.0)

    def _fit(self) -> None:
        self._judged_from = _SPED_UP * self.scale
        self._fit_at = self.count + min(0.25 * self.count, 100.0)
        self.period = sorted(self._gaps)[len(self._gaps) // 2]
        self._missed_from = _MISSED * self.period
        if not self._bins:
            self._tail_from *= _TAIL
            return
        wanted, found, total = max(sqrt(self.count), 5.0), 0.0, 0.0
        for place in sorted(self._bins, reverse=True):
            count = self._bins[place]
            found += count
            total += count * (place + 1)
            if found >= wanted:
                break
        self.quantile = exp(place * _BIN)
        self.share = found / self.count
        # Where the tail has thinned out, gaps are kept from further down.
        self._tail_from = _TAIL * (self.quantile if found >= wanted else min(self.quantile, self._tail_from))
        mean = total / found - place
        self.excess = (_BIN * mean * found + _PRIOR_EXCESS * _PRIOR_WEIGHT) / (found + _PRIOR_WEIGHT)

    def _halve(self) -> None:
        self._bins = {place: count / 2 for place, count in self._bins.items() if count > 0.1}
        self._misses /= 2
        self.count /= 2
