"""What a score means, and the curves from a strength to a score: how rarely a healthy log shows something as strong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, log10
from typing import Any, Final

import numpy as np

from core.errors import ArtifactError
from core.support.arrays import Float64

EPISODES_AT_HALF: Final = 0.1
"""False episodes per hour of the whole stream that score 0.5 stands for."""
DECADES_PER_SCORE: Final = 5.0
"""A score that is higher by 1 is rarer by five decades: by half a decade for each 0.1."""
LINEAR_BELOW: Final = 0.2
"""Under this score episodes would run together: there it is linear in the logarithm of the share of events."""
DEFAULT_THRESHOLD: Final = 0.5
_BENDS_FROM: Final = 0.9
SCORE_DIGITS: Final = 4
"""Scores are rounded to this many digits where they are made; the same number is compared, shown and exported."""


def episodes_per_hour(score: float) -> float:
    """Return the false episodes per hour that a score stands for; for 0.2 and more."""
    return float(EPISODES_AT_HALF * 10.0 ** (-DECADES_PER_SCORE * (score - DEFAULT_THRESHOLD)))


def score_of_rate(per_hour: Float64) -> Float64:
    """Return the score that stands for so many false episodes per hour, above 0."""
    scores: Float64 = DEFAULT_THRESHOLD - np.log10(per_hour / EPISODES_AT_HALF) / DECADES_PER_SCORE
    return scores


def bounded(scores: Float64) -> Float64:
    """Return scores [...] between 0 and 1: from 0.9 on they draw near to 1 without reaching it.

    That far out the tail is carried on by more than was ever seen, and what is stronger still has to score more.
    """
    beyond = np.maximum(scores - _BENDS_FROM, 0.0)
    bent = (1.0 - _BENDS_FROM) * -np.expm1(-beyond / (1.0 - _BENDS_FROM))
    inside: Float64 = np.minimum(np.maximum(scores, 0.0), _BENDS_FROM) + bent
    return inside


def score_of_nats(nats: float) -> float:
    """Return the score, rounded, of what chance brings exp(-nats) times an hour."""
    score = DEFAULT_THRESHOLD + (nats / log(10.0) + log10(EPISODES_AT_HALF)) / DECADES_PER_SCORE
    return round(float(bounded(np.array(score))), SCORE_DIGITS)


@dataclass(frozen=True, slots=True)
class Curve:
    """A monotone course through knots, straight between them and beyond the last of them.

    The upper slope is the fitted exponential tail of healthy strengths; the lower one that of the two lowest knots.
    """

    strengths: Float64
    """[K] rising, K from 2."""
    scores: Float64
    """[K] rising."""
    tail: float
    """Score per unit of strength above the last knot, over 0."""

    def __call__(self, strengths: Float64) -> Float64:
        """Return the scores of strengths [...], 0 to 1, not rounded."""
        return bounded(self.unbounded(strengths))

    def unbounded(self, strengths: Float64) -> Float64:
        """Return the same without the bounds."""
        scores = np.interp(strengths, self.strengths, self.scores)
        scores = scores + self.tail * np.maximum(strengths - self.strengths[-1], 0.0)
        below: Float64 = scores - self._lowest * np.maximum(self.strengths[0] - strengths, 0.0)
        return below

    def strength_at(self, scores: Float64) -> Float64:
        """Return the strengths that have these scores [...], without bounds: the inverse of `unbounded`."""
        strengths = np.interp(scores, self.scores, self.strengths)
        strengths = strengths + np.maximum(scores - self.scores[-1], 0.0) / self.tail
        inverse: Float64 = strengths - np.maximum(self.scores[0] - scores, 0.0) / self._lowest
        return inverse

    @property
    def _lowest(self) -> float:
        """Score per unit of strength below the second knot."""
        return float((self.scores[1] - self.scores[0]) / (self.strengths[1] - self.strengths[0]))

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {
            "strengths": np.round(self.strengths, 6).tolist(),
            "scores": np.round(self.scores, 6).tolist(),
            "tail": round(self.tail, 6),
        }

    @classmethod
    def of_network(cls, calibration: Mapping[str, Any]) -> Curve:
        """Return the curve of the network by itself from the content of `calibration.json`. Raises ArtifactError."""
        try:
            return cls.from_plain(calibration["channels"]["network"]["baseline"])
        except (KeyError, TypeError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Curve:
        """Read what `to_plain` gave. Raises ArtifactError where it does not fit."""
        try:
            strengths, scores = (np.array([float(v) for v in plain[name]]) for name in ("strengths", "scores"))
            tail = float(plain["tail"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error
        rising = len(strengths) == len(scores) >= 2 and (np.diff(strengths) > 0).all() and (np.diff(scores) > 0).all()
        if not (rising and tail > 0 and np.isfinite([*strengths, *scores, tail]).all()):
            raise ArtifactError("calibration.json has a curve that does not rise: train the model again")
        return cls(strengths, scores, tail)
