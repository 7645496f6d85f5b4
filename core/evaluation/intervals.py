"""Exact intervals of counts, and the tables that show them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

_TAIL: Final = 0.025
"""Probability on either side of a 95 % interval."""
_Z: Final = 1.959963984540054
"""Standard deviations that leave `_TAIL` of a normal distribution above them."""


@dataclass(frozen=True, slots=True)
class EpisodeRate:
    """Episodes counted in hours of log, as a rate."""

    count: int
    hours: float

    @property
    def per_hour(self) -> float:
        """Episodes per hour; nan without any hour."""
        return self.count / self.hours if self.hours > 0 else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the rate, episodes per hour; nan without any hour."""
        if self.hours <= 0:
            return math.nan, math.nan
        low, high = poisson_interval(self.count)
        return low / self.hours, high / self.hours

    def __add__(self, other: EpisodeRate) -> EpisodeRate:
        """Return the rate of both stretches of log together."""
        return EpisodeRate(self.count + other.count, self.hours + other.hours)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> EpisodeRate:
        """Read what `to_plain` gave."""
        return cls(int(plain["episodes"]), float(plain["hours"]))

    def text(self) -> str:
        """Write the rate and its interval: `0.21 (0.03 to 0.75)`."""
        low, high = self.interval
        return "-" if self.hours <= 0 else f"{self.per_hour:.3g} ({low:.3g} to {high:.3g})"

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "episodes": self.count,
            "hours": self.hours,
            "per_hour": self.per_hour,
            "per_hour_95": list(self.interval),
        }


@dataclass(frozen=True, slots=True)
class Share:
    """Some of a number of independent trials, as a share."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """The share, 0 to 1; nan of nothing."""
        return self.count / self.of if self.of else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of Wilson (1927), 0 to 1; nan of nothing."""
        return wilson_interval(self.count, self.of)

    def __add__(self, other: Share) -> Share:
        """Return the share of both together."""
        return Share(self.count + other.count, self.of + other.of)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Share:
        """Read what `to_plain` gave."""
        return cls(int(plain["count"]), int(plain["of"]))

    def text(self) -> str:
        """Write the count and the interval of the share: `9/10 (60 to 98 %)`."""
        low, high = self.interval
        return f"{self.count}/{self.of} ({100 * low:.0f} to {100 * high:.0f} %)" if self.of else "0/0"

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"count": self.count, "of": self.of, "share": self.share, "share_95": list(self.interval)}


def poisson_interval(count: int) -> tuple[float, float]:
    """Exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    from scipy.special import gammaincinv  # noqa: PLC0415 (slow to import)

    low = float(gammaincinv(count, _TAIL)) if count else 0.0
    return low, float(gammaincinv(count + 1, 1.0 - _TAIL))


def wilson_interval(count: int, of: int) -> tuple[float, float]:
    """95 % interval of the share of successes in independent trials (Wilson 1927); nan without a trial."""
    if not of:
        return math.nan, math.nan
    share, z2 = count / of, _Z * _Z
    centre = (share + z2 / (2 * of)) / (1 + z2 / of)
    half = _Z / (1 + z2 / of) * math.sqrt(share * (1 - share) / of + z2 / (4 * of * of))
    return max(0.0, centre - half), min(1.0, centre + half)


def markdown_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a table as markdown; ends with a newline."""
    lines = (columns, ["---"] * len(columns), *rows)
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
