"""Whether a reason made the score: without the evidence of the top reason a flagged event should not be flagged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from core.decision.calibration import Calibration
from core.decision.flagging import flagged_column
from core.evaluation.intervals import Share
from core.events import CHANNELS, Channel
from core.features.batch import FeatureBatch
from core.support.arrays import Float64, Int64

TOP_AT_LEAST: Final = 0.9
"""Share of flagged events that should fall below the threshold without the evidence of their top reason."""
OTHER_AT_MOST: Final = 0.1
"""Share that may fall without the evidence of another detector that spoke."""


class Rescore(Protocol):
    """Scores events again, each without the evidence of one detector."""

    def __call__(self, rows: Int64, channels: Int64) -> Float64:
        """Score the events at these rows [K] of the stream, each without its detector [K] (a place in `CHANNELS`).

        The rest of the stream keeps its evidence. Returns scores [K].
        """
        ...


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """How many flagged events fall below the threshold without a part of their evidence."""

    without_top: Share
    """Without that of the top reason, of all flagged events that have one."""
    without_other: Share
    """Without that of another detector that spoke, drawn at random, of the flagged events that have one."""
    unexplained: int
    """Flagged events without any reason."""

    @property
    def holds(self) -> bool:
        """Whether both shares are as wanted; False where nothing is flagged."""
        return self.without_top.share >= TOP_AT_LEAST and (
            self.without_other.of == 0 or self.without_other.share <= OTHER_AT_MOST
        )

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "without_top": self.without_top.to_plain(),
            "without_other": self.without_other.to_plain(),
            "unexplained": self.unexplained,
            "holds": self.holds,
        }


def faithfulness(
    scores: Float64, channels: Float64, top: Int64, rescore: Rescore, threshold: float, seed: int = 0
) -> Faithfulness:
    """Take evidence away from every flagged event, and count those that fall below the threshold.

    `scores` [N]; `channels` [N, C] the score of each detector by itself, nan where it did not speak; `top` [N] the
    detector of the strongest reason, -1 without one. A detector that did not speak has no evidence to take away: the
    other one is drawn from those that did.
    """
    flagged = flagged_column(scores, threshold)
    rows = np.flatnonzero(flagged & (top >= 0))
    spoke = ~np.isnan(channels[rows])
    spoke[np.arange(len(rows)), top[rows]] = False
    draws = np.where(spoke, np.random.default_rng(seed).random(spoke.shape), -1.0)
    asked = spoke.any(axis=1)
    others = draws.argmax(axis=1)[asked] if len(rows) else np.zeros(0, np.int64)
    return Faithfulness(
        _fallen(rows, top[rows], rescore, threshold),
        _fallen(rows[asked], others, rescore, threshold),
        int((flagged & (top < 0)).sum()),
    )


def _fallen(rows: Int64, channels: Int64, rescore: Rescore, threshold: float) -> Share:
    if not len(rows):
        return Share(0, 0)
    return Share(int((~flagged_column(rescore(rows, channels), threshold)).sum()), len(rows))


@dataclass(frozen=True, slots=True)
class Withheld:
    """Scores events again by the shipped calibration, each without what one detector said; a `Rescore`.

    Without the network an event has the logit that is usual.
    """

    calibration: Calibration
    batch: FeatureBatch
    """[N]"""
    logits: Float64
    """[N] of the network."""

    def __call__(self, rows: Int64, channels: Int64) -> Float64:
        """Score the events at these rows [K], each without its detector [K]."""
        model = self.calibration.combination
        strengths = model.strengths(self.batch, self.logits)
        alone = self.calibration.alone(strengths, self.batch, self.logits)
        scores = np.empty(len(rows))
        for channel in np.unique(channels).tolist():
            if CHANNELS[channel] is Channel.NETWORK:
                combined = model.strengths(self.batch, np.full(len(self.batch), np.median(self.logits))).combined
            else:
                combined = strengths.combined - strengths.channels[:, channel]
            others = alone.copy()
            others[:, channel] = np.nan
            found, _ = self.calibration.scores(strengths._replace(combined=combined), others)
            own = channels == channel
            scores[own] = found[rows[own]]
        return scores
