"""The fitted part of the decision: the combination, its curves, and what a threshold means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from core.decision.basis import Basis
from core.decision.combination import Combination, Strengths
from core.errors import ArtifactError
from core.events import CHANNELS, Channel
from core.features.batch import FeatureBatch
from core.scale import DEFAULT_THRESHOLD, LINEAR_BELOW, Curve, bounded, episodes_per_hour
from core.support.arrays import Float64, Int64

_NETWORK: Final = CHANNELS.index(Channel.NETWORK)
_SLOW: Final = CHANNELS.index(Channel.SLOW)
SLOW_MEASURES: Final = ("slow_nats", "slow_again_nats", "slow_many_nats")
"""Evidence of slowness, each with curves of its own: no label says what is slow, its rarity does."""
_SLOW_HANDICAP: Final = 0.2
"""A measure of slowness is given a tenth of the false episodes of the joint score: as many as cost no incident of
validation (measured for 0 to 0.3)."""
JOINT: Final = -1
"""In place of a detector: all of them together made the score."""

Curves = Mapping[Basis, Curve]


class ShippedScores(NamedTuple):
    """The scores of N events by the shipped calibration, not rounded."""

    scores: Float64
    """[N] 0 to 1."""
    channels: Float64
    """[N, 7] the score of each detector by itself, nan where it did not speak."""
    strengths: Strengths
    made_by: Int64
    """[N] what made the score: `JOINT`, or the place of a detector in `CHANNELS`."""


class Meaning(NamedTuple):
    """What a threshold means."""

    false_per_hour: float
    """Episodes per hour of healthy log; the rate of threshold 0.2 below it, where episodes run together."""
    recall: float
    """Share of the incidents of validation with an event that reaches it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that makes scores of the evidence; one for all streams, never changed.

    What makes a score is the stronger of two, each by its own curve: the detectors together, as the combination adds
    them up, and slowness, of which no label tells. The last curve makes up for their number.
    """

    combination: Combination
    joint: Curves
    """Of the combined strength."""
    slow: Mapping[str, Curves]
    """Of each measure of slowness."""
    combined: Curves
    """Of the strongest of these, in their unit."""
    channels: Mapping[Channel, Curves]
    """Of each detector by itself but slowness; that of the network is of its logit, for all bases the same."""
    thresholds: Float64
    """[K] rising, 0 to 1."""
    recall: Float64
    """[K] falling."""
    threshold: float = DEFAULT_THRESHOLD

    def at(self, threshold: float) -> Meaning:
        """Return what is to be expected at a threshold."""
        return Meaning(
            episodes_per_hour(max(threshold, LINEAR_BELOW)), float(np.interp(threshold, self.thresholds, self.recall))
        )

    def judge(self, batch: FeatureBatch, logits: Float64) -> ShippedScores:
        """Score N events by the shipped calibration; `logits` [N] are those of the network."""
        strengths = self.combination.strengths(batch, logits)
        channels = self.alone(strengths, batch, logits)
        scores, made_by = self.scores(strengths, channels)
        scores[batch.given] = bounded(channels[batch.given, _NETWORK])
        return ShippedScores(scores, bounded(channels), strengths, made_by)

    def strongest_of(self, batch: FeatureBatch, strengths: Strengths) -> Float64:
        """Return the strongest of what may make the score of N events, in the unit of a score, without bounds."""
        unknown = np.zeros(len(batch))
        return self.strongest(strengths, self.alone(strengths, batch, unknown))[0]

    def scores(self, strengths: Strengths, channels: Float64) -> tuple[Float64, Int64]:
        """Return the scores [N] and what made them, given the scores of each detector by itself [N, 7]."""
        strongest, made_by = self.strongest(strengths, channels)
        return bounded(_by_basis(self.combined, strongest, strengths.bases)), made_by

    def strongest(self, strengths: Strengths, channels: Float64) -> tuple[Float64, Int64]:
        """Return the strongest of what may make a score [N], and which it is: `JOINT` or the place of a detector.

        `channels` [N, 7] are the scores of each detector by itself.
        """
        joint = _by_basis(self.joint, strengths.combined, strengths.bases)
        slow = np.where(np.isnan(channels[:, _SLOW]), -np.inf, channels[:, _SLOW] - _SLOW_HANDICAP)
        return np.maximum(joint, slow), np.where(slow > joint, _SLOW, JOINT)

    def alone(self, strengths: Strengths, batch: FeatureBatch, logits: Float64) -> Float64:
        """Return the score of each detector by itself [N, 7], without bounds, nan where it did not speak."""
        spoken = strengths.channels
        scores = np.full(spoken.shape, np.nan)
        scores[:, _NETWORK] = self.network_curve.unbounded(logits)
        for channel, curves in self.channels.items():
            if channel is not Channel.NETWORK:
                place = CHANNELS.index(channel)
                rows = np.flatnonzero(spoken[:, place])
                if len(rows):
                    scores[rows, place] = _by_basis(curves, spoken[rows, place], strengths.bases[rows])
        for name, curves in self.slow.items():
            nats = batch.column(name)
            rows = np.flatnonzero(nats > 0.0)  # nan is not
            if len(rows):
                found = _by_basis(curves, nats[rows], strengths.bases[rows])
                scores[rows, _SLOW] = np.fmax(scores[rows, _SLOW], found)
        return scores

    @property
    def network_curve(self) -> Curve:
        """The curve of the network by itself."""
        return self.channels[Channel.NETWORK][Basis.BASELINE]

    def logit_at(self, score: float) -> float:
        """Return the logit of the network from which it gives a score by itself."""
        return float(self.network_curve.strength_at(np.array(score)))

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {
            "threshold": self.threshold,
            "combination": self.combination.to_plain(),
            "joint": _plain_curves(self.joint),
            "slow": {name: _plain_curves(curves) for name, curves in self.slow.items()},
            "combined": _plain_curves(self.combined),
            "channels": {channel.value: _plain_curves(curves) for channel, curves in self.channels.items()},
            "recall": {
                "thresholds": np.round(self.thresholds, 4).tolist(),
                "recall": np.round(self.recall, 5).tolist(),
            },
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Calibration:
        """Read what `to_plain` gave. Raises ArtifactError where it does not fit."""
        try:
            thresholds, recall = (
                np.array([float(value) for value in plain["recall"][name]]) for name in ("thresholds", "recall")
            )
            if len(thresholds) != len(recall) or len(recall) < 2 or (np.diff(thresholds) <= 0).any():
                raise ArtifactError("calibration.json: the thresholds do not rise: train the model again")
            return cls(
                Combination.from_plain(plain["combination"]),
                _read_curves(plain["joint"]),
                {name: _read_curves(plain["slow"][name]) for name in SLOW_MEASURES},
                _read_curves(plain["combined"]),
                {Channel(name): _read_curves(curves) for name, curves in plain["channels"].items()},
                thresholds,
                recall,
                float(plain["threshold"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error


def _by_basis(curves: Curves, strengths: Float64, bases: Int64) -> Float64:
    """Return the scores of strengths [N], each by the curve of its basis, without bounds."""
    present = np.flatnonzero(np.bincount(bases)).tolist()
    if len(present) == 1:
        return curves[Basis(present[0])].unbounded(strengths)
    scores = np.empty(len(strengths))
    for code in present:
        rows = bases == code
        scores[rows] = curves[Basis(code)].unbounded(strengths[rows])
    return scores


def _plain_curves(curves: Curves) -> dict[str, Any]:
    return {basis.word: curve.to_plain() for basis, curve in curves.items()}


def _read_curves(plain: Mapping[str, Any]) -> dict[Basis, Curve]:
    return {basis: Curve.from_plain(plain[basis.word]) for basis in Basis}
