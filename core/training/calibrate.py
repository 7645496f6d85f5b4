"""Makes the calibration of a model: combination and curves, from logits of a network that has not seen the streams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from core.decision.calibration import Calibration
from core.decision.combination import Combination, Strengths
from core.errors import UsageError
from core.events import CHANNELS, Channel, Reference
from core.scale import DEFAULT_THRESHOLD, Curve
from core.support.arrays import Float64, Mask
from core.training.combine import Windows, fit_combination
from core.training.curves import FittedCurve, Healthy, fit_curve
from core.training.dataset import BaselineView, Example

THRESHOLDS: Final = np.round(np.linspace(0.0, 1.0, 101), 2)
"""Thresholds whose recall is kept."""


@dataclass(frozen=True, slots=True)
class Scorable:
    """One example with the logits [N] of a network that was not trained on it."""

    example: Example
    logits: Float64

    @property
    def healthy(self) -> Mask:
        """[N] the events of healthy log: all before the first that is not normal."""
        wrong = np.flatnonzero(self.example.targets != 0)
        found = np.zeros(len(self.example.targets), np.bool_)
        found[: wrong[0] if len(wrong) else len(found)] = True
        return found

    @property
    def incident(self) -> Mask:
        """[N] the events from the onset of an incident on; none where there is none."""
        found: Mask = ~self.healthy if (self.example.targets == 1).any() else np.zeros(len(self.logits), np.bool_)
        return found


@dataclass(frozen=True, slots=True)
class FittedCalibration:
    """A calibration, and what its curves were counted from."""

    calibration: Calibration
    combined: Mapping[Reference, FittedCurve]

    def to_plain(self) -> dict[str, Any]:
        """As `metrics.json` holds it."""
        return {
            reference.word: {"hours": round(fitted.hours, 1), "counted_to": round(fitted.counted_to, 3)}
            for reference, fitted in self.combined.items()
        }


def fit_on(parts: Sequence[Scorable]) -> Combination:
    """Fit the combination."""
    return fit_combination(Windows.of([part.example for part in parts], [part.logits for part in parts]))


def calibrate(combination: Combination, parts: Sequence[Scorable], validation: Sequence[Scorable]) -> FittedCalibration:
    """Fit the curves on the healthy time of all parts; the recall is that of the incidents of `validation`.

    The curve of what the baseline knows is of the streams whose deployment it knows; that of the other references is
    of those that it does not know. Raises UsageError where no healthy stream is among them.
    """
    known = _healthy_strengths(combination, [p for p in parts if p.example.view is BaselineView.KNOWN])
    foreign = _healthy_strengths(combination, [p for p in parts if p.example.view is not BaselineView.KNOWN]) or known
    known = known or foreign
    if not known:
        raise UsageError("calibration needs a healthy stream; increase --validation-hours")
    of = {Reference.BASELINE: known, Reference.STREAM: foreign, Reference.NONE: foreign}
    combined = {ref: fit_curve([_meant(s, s.strengths.combined, ref) for s in of[ref]]) for ref in Reference}
    channels: dict[Channel, dict[Reference, Curve]] = {}
    for place, channel in enumerate(CHANNELS):
        if channel is Channel.NETWORK:
            network = fit_curve([Healthy(s.timestamps, s.logits) for s in known]).curve
            channels[channel] = dict.fromkeys(Reference, network)
        else:
            channels[channel] = {
                ref: fit_curve([_meant(s, _spoken(s.strengths, place), ref) for s in of[ref]]).curve
                for ref in Reference
            }
    made = Calibration(
        combination,
        {reference: fitted.curve for reference, fitted in combined.items()},
        channels,
        THRESHOLDS,
        np.zeros(len(THRESHOLDS)),
        DEFAULT_THRESHOLD,
    )
    return FittedCalibration(_with_recall(made, validation), combined)


@dataclass(frozen=True, slots=True)
class _HealthyStrengths:
    timestamps: Float64
    strengths: Strengths
    logits: Float64


def _healthy_strengths(combination: Combination, parts: Sequence[Scorable]) -> list[_HealthyStrengths]:
    found = []
    for part in parts:
        kept = part.healthy
        if kept.any():
            strengths = combination.strengths(part.example.batch, part.logits)
            found.append(
                _HealthyStrengths(
                    part.example.batch.timestamps[kept],
                    strengths.of(kept),
                    part.logits[kept],
                )
            )
    return found


def _meant(stream: _HealthyStrengths, strengths: Float64, reference: Reference) -> Healthy:
    """Return the strengths of the events of one reference."""
    return Healthy(stream.timestamps, np.where(stream.strengths.references == reference, strengths, -np.inf))


def _spoken(strengths: Strengths, place: int) -> Float64:
    own = strengths.channels[:, place]
    return np.where(own != 0.0, own, -np.inf)


def _with_recall(made: Calibration, validation: Sequence[Scorable]) -> Calibration:
    best = np.array([_best(made, part) for part in validation if part.incident.any()])
    recall = [float((best >= threshold).mean()) if len(best) else 0.0 for threshold in THRESHOLDS.tolist()]
    return Calibration(
        made.combination, made.combined, made.channels, made.thresholds, np.array(recall), made.threshold
    )


def _best(made: Calibration, part: Scorable) -> float:
    scores = made.scores(made.combination.strengths(part.example.batch, part.logits))
    return float(scores[part.incident].max())
