"""How far out a duration is: histograms of log seconds, which add up, and the tail that is fitted to one.

The tail of log seconds is taken as exponential (seconds as a power law), with a spread that is known only as well as
the values beyond the body tell it. So a few values give a heavy tail, and many give one that is as steep as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from math import exp, expm1, log, log1p
from typing import Final, NamedTuple

from core.baseline.chains import Link

WIDTH: Final = 0.05
"""Nats of one bin: 5 %."""
_PER_NAT: Final = 20.0
_SHIFT: Final = 1_000
_SHIFTED: Final = _SHIFT + 0.5
"""So that cutting off the fraction, the cheapest way to an integer, rounds negative logarithms, too."""
OFFSET_S: Final = 0.05
"""Added before the logarithm is taken: any process may be held up for that long, and differences below it tell nothing.
"""
OWN_VALUES: Final = 30
"""Values of its own that a stream needs before it is compared with them."""
_KNOWN_VALUES: Final = 5
"""Values that the baseline needs of a kind: where they are few, the tail is the heavier for it."""
_PRIOR: Final = 2.0
"""Values beyond the body that the spread of the body counts for, where it is carried on into the tail."""
_MOST_SHAPE: Final = 8.0
"""Values that the tail is known by at most, however many there are: beyond what was seen, causes may lie that were not.
Measured: the healthy values of the fault-injection campaigns lie furthest below three times a steady value with it."""
_KEY_MASK: Final = (1 << 63) - 1

KINDS: Final = ("latency", "duration", "stage")
"""By route, by template, by `stage_key`."""

Histogram = Mapping[int, float]
TailsOf = dict[str, dict[int, Counter[int]]]
"""Kind -> key -> bin -> values."""


class Tail(NamedTuple):
    """Distribution of a quantity from its median upwards, in log seconds; each edge is the upper one of a bin."""

    median: float
    body: tuple[float, ...]
    """-log P(X >= bin) of each bin from the median to the edge, nats."""
    edge: float
    """Where the body ends and the fitted tail begins."""
    level: float
    """-log P(X > edge), nats."""
    shape: float
    scale: float
    """P(X > edge + x | X > edge) = (1 + x / scale) ** -shape."""
    reach: float
    """About the largest of as many values as it was fitted to."""

    def nats(self, logged: float) -> float:
        """Return -log P(X >= a value), given its logarithm; 0 up to the median. It has no upper limit."""
        median, body, edge, level, shape, scale, _ = self
        if logged <= median:
            return 0.0
        if logged > edge:
            return level + shape * log1p((logged - edge) / scale)
        return body[min(int((logged - median) / WIDTH), len(body) - 1)]

    @property
    def usual_s(self) -> float:
        """About the median, seconds."""
        return max(exp(self.median - WIDTH / 2) - OFFSET_S, 0.0)

    @property
    def spread(self) -> float:
        """Mean excess over the edge, nats."""
        return self.scale / self.shape


def log_seconds(seconds: float) -> float:
    """Return the logarithm that tails are of."""
    return log(seconds + OFFSET_S)


def bin_of(logged: float) -> int:
    """Return the bin of log seconds; bin b is about b * `WIDTH`."""
    return int(logged * _PER_NAT + _SHIFTED) - _SHIFT


def stage_key(previous: int, template: int) -> int:
    """Return the key of a pair of successive templates."""
    return (previous * 3 + template) & _KEY_MASK


def stage_gap(link: Link, *, has_request: bool) -> float:
    """Return the seconds that a stage took; nan where there is none.

    The first event of a request that is about an instance follows what a user did: how long that took is no stage.
    """
    return link.request_gap if has_request else link.instance_gap


def fit(bins: Histogram, spread: float | None = None) -> Tail:
    """Fit the tail of a histogram of at least one value, its mean excess drawn towards `spread` (the body's if None).

    Beyond the edge lies the square root of the count: those values tell of the tail, more would tell of the body.
    """
    count = sum(bins.values())
    beyond, half = count**0.5, count / 2
    edge: int | None = None
    share = above = excess = 0.0
    median = 0
    body: list[tuple[int, float]] = []
    for place, held in sorted(bins.items(), reverse=True):
        above += held
        if edge is None and above >= beyond:
            edge, share = place, (beyond - above + held) / held
        if above >= half:
            median = place
            break
        if edge is not None:
            body.append((place, above))
    if edge is None:  # of so few values the median is further out than the square root of the count
        edge, share, beyond = median, 1.0, above
    top = WIDTH * (edge + 0.5 - share)
    for place, held in bins.items():
        if place > edge:
            excess += (WIDTH * place - top) * held
    excess += WIDTH * share * bins[edge]  # where a bin's values lie in it is not known
    level = log((count + 2.0) / (beyond + 1.0))
    if spread is None:
        spread = (top - WIDTH * (median + 0.5)) / max(level - _HALF, WIDTH)
    known = _PRIOR + beyond
    shape = min(_PRIOR + beyond / 2, _MOST_SHAPE)
    scale = (_PRIOR * max(spread, WIDTH) + excess) * shape / known
    reach = top + scale * expm1(max(log(count + 1.0) - level, 0.0) / shape)
    return Tail(WIDTH * (median + 0.5), _steps(body, median, edge, count), top, level, shape, scale, reach)


_HALF: Final = log(2.0)


def _steps(falling: list[tuple[int, float]], median: int, edge: int, count: float) -> tuple[float, ...]:
    """Return the nats of each bin above the median up to the edge, given the values in or above those that have any."""
    at_least = dict(falling)
    above = 0.0
    steps = []
    for place in range(edge, median, -1):
        above = at_least.get(place, above)
        steps.append(log((count + 2.0) / (above + 1.0)))
    return tuple(reversed(steps))


def merge_tails(mine: TailsOf, theirs: TailsOf) -> None:
    """Add histograms to others."""
    for kind, tails in theirs.items():
        known = mine.setdefault(kind, {})
        for key, bins in tails.items():
            known.setdefault(key, Counter()).update(bins)


def fitted(deployments: Iterable[TailsOf]) -> dict[str, dict[int, Tail]]:
    """Return the tail of each quantity of which enough was seen, by kind and key."""
    total: TailsOf = {kind: {} for kind in KINDS}
    for tails in deployments:
        merge_tails(total, tails)
    return {
        kind: {key: fit(bins) for key, bins in tails.items() if bins.total() >= _KNOWN_VALUES}
        for kind, tails in total.items()
    }


def plain_tails(tails: TailsOf) -> dict[str, dict[int, list[int]]]:
    """Return histograms as JSON can hold them: bin, count, bin, count, ..."""
    return {
        kind: {key: [number for pair in sorted(bins.items()) for number in pair] for key, bins in of.items()}
        for kind, of in tails.items()
    }


def read_tails(plain: Mapping[str, Mapping[str, list[int]]]) -> TailsOf:
    """Read back what `plain_tails` gave."""
    return {
        kind: {
            int(key): Counter(dict(zip(map(int, flat[::2]), map(int, flat[1::2]), strict=True)))
            for key, flat in plain.get(kind, {}).items()
        }
        for kind in KINDS
    }
