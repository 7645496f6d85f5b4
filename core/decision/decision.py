"""The decision of one stream: evidence and logits in, scores out, with what each detector gave."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from core.decision.calibration import Calibration
from core.decision.combination import Strengths
from core.decision.record import StreamRecord
from core.events import Reference
from core.features.batch import FeatureBatch
from core.scale import SCORE_DIGITS
from core.support.arrays import Float32, Float64, Mask


class Decided(NamedTuple):
    """The scores of N events."""

    scores: Float64
    """[N] 0 to 1, rounded."""
    channels: Float64
    """[N, 7] the score of each detector by itself, rounded; nan where it did not speak."""
    strengths: Strengths


class Decision:
    """Scores the events of one stream; keeps the stream's own record."""

    def __init__(self, calibration: Calibration, record: StreamRecord | None = None, *, site: bool = False) -> None:
        """Begin a stream.

        `record` is what is known of it already; with `site` it is that of the site, and holds for events of every
        reference, otherwise for those that the shipped baseline does not know.
        """
        self._calibration = calibration
        self.record = StreamRecord() if record is None else record
        self._everywhere = site

    def decide(self, batch: FeatureBatch, logits: Float32) -> Decided:
        """Score the next N events; `logits` [N] are those of the network."""
        network = logits.astype(np.float64)
        strengths = self._calibration.combination.strengths(batch, network)
        shipped = self._calibration.scores(strengths)
        channels = self._calibration.channel_scores(strengths, network)
        if batch.given.any():
            shipped[batch.given] = channels[batch.given, 0]
        own = self._own(strengths) & ~batch.given
        scores = self.record.apply(batch.timestamps, shipped, own)
        return Decided(np.round(scores, SCORE_DIGITS), np.round(channels, SCORE_DIGITS), strengths)

    def _own(self, strengths: Strengths) -> Mask:
        """Return which events the stream's own record calibrates."""
        if self._everywhere:
            return np.ones(len(strengths.combined), np.bool_)
        own: Mask = strengths.references != Reference.BASELINE
        return own
