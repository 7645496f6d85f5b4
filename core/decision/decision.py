"""The decision of one stream: evidence and logits in, scores out, with what each detector gave."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from core.decision.basis import Basis
from core.decision.calibration import Calibration
from core.decision.combination import Strengths
from core.decision.record import StreamRecord
from core.events import CalibratedBy, Origin
from core.features.batch import FeatureBatch
from core.scale import SCORE_DIGITS
from core.support.arrays import Float32, Float64, Int64


class Decided(NamedTuple):
    """The scores of N events."""

    scores: Float64
    """[N] 0 to 1, rounded."""
    channels: Float64
    """[N, 7] the score of each detector by itself, rounded; nan where it did not speak."""
    strengths: Strengths
    made_by: Int64
    """[N] what made the score, as `ShippedScores.made_by`."""
    own: int
    """Events whose score the record may have moved."""


_BASELINE: Final = int(Basis.BASELINE)  # numpy asks an enum for attributes that it does not have, slowly
_MOST: Final = 0.5
"""Share of the recent events."""


class Decision:
    """Scores the events of one stream; keeps the stream's own record."""

    def __init__(
        self, calibration: Calibration, record: StreamRecord | None = None, *, site: bool = False, follow: bool = True
    ) -> None:
        """Begin a stream.

        `record` is what is known of it already; with `site` it is that of the site, and holds for events of every
        reference, otherwise for those that the shipped baseline does not know. Without `follow` the shipped calibration
        holds throughout.
        """
        self._calibration = calibration
        self._is_of_site = site and record is not None
        self.record = StreamRecord() if record is None else record
        self._everywhere = site
        self._follow = follow

    def calibrated_by(self, own_share: float) -> CalibratedBy:
        """Say whose calibration makes the scores, where this share of the recent events is moved by the record."""
        if self._follow and self._is_of_site:
            return CalibratedBy(Origin.SITE, self.record.hours)
        if self._follow and own_share > _MOST:
            return CalibratedBy(Origin.OWN, self.record.hours)
        return CalibratedBy(Origin.SHIPPED)

    def decide(self, batch: FeatureBatch, logits: Float32) -> Decided:
        """Score the next N events; `logits` [N] are those of the network."""
        judged = self._calibration.judge(batch, logits.astype(np.float64))
        own = ~batch.given
        if not self._everywhere:
            own &= judged.strengths.bases != _BASELINE
        scores = self.record.apply(batch.timestamps, judged.scores, own) if self._follow else judged.scores
        return Decided(
            np.round(scores, SCORE_DIGITS),
            np.round(judged.channels, SCORE_DIGITS),
            judged.strengths,
            judged.made_by,
            int(np.count_nonzero(own)),
        )
