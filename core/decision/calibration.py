"""The fitted part of the decision: the combination, its curves, and what a threshold means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from core.decision.combination import Combination, Strengths
from core.errors import ArtifactError
from core.events import CHANNELS, Channel, Reference
from core.scale import DEFAULT_THRESHOLD, LINEAR_BELOW, Curve, episodes_per_hour
from core.support.arrays import Float64, Int64

__all__ = ["DEFAULT_THRESHOLD", "Calibration", "Meaning"]

_NETWORK: Final = CHANNELS.index(Channel.NETWORK)


class Meaning(NamedTuple):
    """What a threshold means."""

    false_per_hour: float
    """Episodes per hour of healthy log; the rate of threshold 0.2 below it, where episodes run together."""
    recall: float
    """Share of the incidents of validation with an event that reaches it."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """All that makes scores of the evidence; one for all streams, never changed."""

    combination: Combination
    combined: Mapping[Reference, Curve]
    """Curve of the combined strength."""
    channels: Mapping[Channel, Mapping[Reference, Curve]]
    """Curves of each detector by itself; that of the network is of its logit, for all references the same."""
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

    def scores(self, strengths: Strengths) -> Float64:
        """Return the combined scores [N], not rounded."""
        return _by_reference(self.combined, strengths.combined, strengths.references)

    def channel_scores(self, strengths: Strengths, logits: Float64) -> Float64:
        """Return the score of each detector by itself [N, 7], nan where it did not speak; `logits` [N]."""
        spoken = strengths.channels
        scores = np.full(spoken.shape, np.nan)
        for place, channel in enumerate(CHANNELS):
            if channel is Channel.NETWORK:
                scores[:, place] = self.network_scores(logits)
                continue
            rows = np.flatnonzero(spoken[:, place] != 0.0)
            if len(rows) and channel in self.channels:
                curves = self.channels[channel]
                scores[rows, place] = _by_reference(curves, spoken[rows, place], strengths.references[rows])
        return scores

    def network_scores(self, logits: Float64) -> Float64:
        """Return the scores of the network by itself [...]."""
        return self.channels[Channel.NETWORK][Reference.BASELINE](logits)

    def logit_at(self, score: float) -> float:
        """Return the logit of the network from which it gives a score by itself."""
        curve = self.channels[Channel.NETWORK][Reference.BASELINE]
        if score > curve.scores[-1]:
            return float(curve.strengths[-1] + (score - curve.scores[-1]) / curve.tail)
        return float(np.interp(score, curve.scores, curve.strengths))

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {
            "threshold": self.threshold,
            "combination": self.combination.to_plain(),
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
                _read_curves(plain["combined"]),
                {Channel(name): _read_curves(curves) for name, curves in plain["channels"].items()},
                thresholds,
                recall,
                float(plain["threshold"]),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error


def _by_reference(curves: Mapping[Reference, Curve], strengths: Float64, references: Int64) -> Float64:
    scores = np.empty(len(strengths))
    for reference, curve in curves.items():
        rows = references == reference
        if rows.any():
            scores[rows] = curve(strengths[rows])
    return scores


def _plain_curves(curves: Mapping[Reference, Curve]) -> dict[str, Any]:
    return {reference.word: curve.to_plain() for reference, curve in curves.items()}


def _read_curves(plain: Mapping[str, Any]) -> dict[Reference, Curve]:
    return {reference: Curve.from_plain(plain[reference.word]) for reference in Reference}
