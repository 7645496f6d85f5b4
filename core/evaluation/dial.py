"""The table of the dial: what each threshold promises, and what it gave on streams that were counted.

A score of 0.5 means 0.1 false episodes per hour, and each 0.1 is half a decade. A row holds where the promised rate
lies within the exact interval of the counted one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.decision.flagging import flagged_column
from core.episodes import PAUSE_SECONDS, episode_count
from core.evaluation.intervals import EpisodeRate, Share, markdown_table
from core.evaluation.judge import Judged
from core.scale import episodes_per_hour
from core.support.arrays import Float64, Int64

DIAL_THRESHOLDS: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Thresholds of the rows."""
DIAL_COLUMNS: Final = (
    *("threshold", "nominal/h", "healthy h", "false episodes", "per hour (95 %)", "inside", "ratio", "found (95 %)"),
)


@dataclass(frozen=True, slots=True)
class JudgedStream:
    """A whole stream, scored from its own state: its healthy events, and the best score of each incident."""

    name: str
    timestamps: Float64
    """[N] seconds of the healthy events, in stream order."""
    scores: Float64
    """[N]"""
    places: Int64
    """[N] place of each in the whole stream; where it jumps, an incident was left out, and its time does not count."""
    peaks: tuple[float, ...] = ()
    """Best score of each incident from its onset on."""

    @property
    def hours(self) -> float:
        """Healthy hours by the stamps; a pause counts five minutes at most."""
        gaps = np.clip(np.diff(self.timestamps), 0.0, PAUSE_SECONDS)
        return float(gaps[np.diff(self.places) == 1].sum()) / 3600.0

    def false_episodes(self, threshold: float) -> EpisodeRate:
        """Count the episodes of its healthy events at a threshold."""
        return EpisodeRate(episode_count(self.timestamps[flagged_column(self.scores, threshold)]), self.hours)

    def found(self, threshold: float) -> Share:
        """Count the incidents that reach a threshold."""
        return Share(sum(peak >= threshold for peak in self.peaks), len(self.peaks))


@dataclass(frozen=True, slots=True)
class DialRow:
    """One threshold."""

    threshold: float
    false: EpisodeRate
    """False episodes, counted in healthy hours."""
    found: Share
    """Incidents found."""

    @property
    def nominal(self) -> float:
        """False episodes per hour that the threshold promises."""
        return episodes_per_hour(self.threshold)

    @property
    def is_inside(self) -> bool:
        """Whether the promised rate lies within the 95 % interval of the counted one."""
        low, high = self.false.interval
        return low <= self.nominal <= high

    @property
    def ratio(self) -> float:
        """Counted rate by promised rate; nan without any hour."""
        return self.false.per_hour / self.nominal

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> DialRow:
        """Read what `to_plain` gave."""
        return cls(float(plain["threshold"]), EpisodeRate.from_plain(plain["false"]), Share.from_plain(plain["found"]))

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "threshold": self.threshold,
            "nominal_per_hour": self.nominal,
            "false": self.false.to_plain(),
            "inside": self.is_inside,
            "ratio": self.ratio,
            "found": self.found.to_plain(),
        }

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the row, under `DIAL_COLUMNS`."""
        return (
            f"{self.threshold:.1f}",
            f"{self.nominal:.3g}",
            f"{self.false.hours:.1f}",
            str(self.false.count),
            self.false.text(),
            "yes" if self.is_inside else "no",
            f"{self.ratio:.2f}" if self.false.hours > 0 else "-",
            self.found.text(),
        )


def dial(streams: Sequence[JudgedStream], thresholds: Sequence[float] = DIAL_THRESHOLDS) -> list[DialRow]:
    """Count false episodes and incidents found over all streams at each threshold."""
    return [
        DialRow(
            threshold,
            sum((stream.false_episodes(threshold) for stream in streams), EpisodeRate(0, 0.0)),
            sum((stream.found(threshold) for stream in streams), Share(0, 0)),
        )
        for threshold in thresholds
    ]


def dial_markdown(rows: Sequence[DialRow]) -> str:
    """Write the table of the dial as markdown."""
    return markdown_table(DIAL_COLUMNS, [row.cells() for row in rows])


def judged_streams(judged: Sequence[Judged]) -> list[JudgedStream]:
    """Put the parts of each log together again: its healthy events, and the incidents in it."""
    streams: list[JudgedStream] = []
    peaks: list[float] = []
    for place, each in enumerate(judged):
        outcome = each.outcome
        if outcome.onset is None:
            streams.append(JudgedStream(outcome.name, outcome.timestamps, outcome.scores, each.rows, tuple(peaks)))
            peaks = []
            continue
        peaks.append(outcome.best_after_onset())
        # A log with several parts ends with its healthy one; a run of a corpus that failed has no such part.
        if place + 1 == len(judged) or judged[place + 1].features is not each.features:
            none = np.zeros(0)
            streams.append(JudgedStream(outcome.name, none, none, np.zeros(0, np.int64), tuple(peaks)))
            peaks = []
    return streams
