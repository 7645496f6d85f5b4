"""What learning from a site's logs gives: the statistics, what is to be said of them, and the scores behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.baseline import DeploymentStats
from core.decision.record import StreamRecord
from core.support.arrays import Float64, Int64, Mask


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What was read of one source."""

    name: str
    lines: int
    unread: int
    """Lines of unread form."""


@dataclass(frozen=True, slots=True)
class ChronicError:
    """An ERROR or CRITICAL template that is taken as usual."""

    service: str
    example: str
    """The first line of one of its messages: for the terminal alone, it is in no file."""
    events: int


@dataclass(frozen=True, slots=True)
class LearnReport:
    """What was learned and what was not, in events unless said otherwise."""

    sources: tuple[SourceReport, ...]
    hours: float
    """Hours from the first event to the last."""
    events: int
    learned: int
    services: Mapping[str, tuple[int, int]]
    """Service -> events of it that were learned, and all; those with most events first."""
    flagged: int
    """Events that score the threshold or more when the rest of the log is known."""
    episodes: int
    left_out_flagged: int
    """Left out as they are in a flagged episode and are no ERROR or CRITICAL."""
    left_out_errors: int
    """ERROR and CRITICAL that were left out as they are not chronic."""
    left_out_real: int
    """Left out since a verdict says that they, or their episode, are real."""
    normal: int
    """Flagged or an ERROR, and learned since a verdict says that they are normal here."""
    chronic: tuple[ChronicError, ...]
    """Most frequent first."""

    @property
    def lines(self) -> int:
        """Lines of all sources."""
        return sum(source.lines for source in self.sources)


@dataclass(frozen=True, slots=True, eq=False)
class LearnedScores:
    """Scores of all N events of the log, each from a baseline of the site that has not seen the event's block."""

    timestamps: Float64
    """[N] seconds since 1970, in stream order; that of the event before where an event has none."""
    scores: Float64
    """[N] combined, 0 to 1; nan where an event has none."""
    flagged: Mask
    """[N] The score reaches the threshold."""
    learned: Mask
    """[N] The event was taken as usual."""
    block: Int64
    """[N] Number of the block of time, from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class LearnedSite:
    """A site's own baseline, and where it comes from."""

    stats: DeploymentStats
    report: LearnReport
    scores: LearnedScores

    @property
    def calibration(self) -> dict[str, Any]:
        """What the site's file keeps of the scores: the record that its streams begin with."""
        record = StreamRecord()
        own = ~np.isnan(self.scores.scores)
        record.apply(self.scores.timestamps, np.nan_to_num(self.scores.scores), own)
        return {"record": record.to_plain()}
