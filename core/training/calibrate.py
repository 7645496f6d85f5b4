"""Makes the calibration of a model: combination and curves, from logits of a network that has not seen the streams."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np

from core.decision.basis import Basis
from core.decision.calibration import SLOW_MEASURES, Calibration, Curves
from core.decision.combination import Combination, Strengths
from core.errors import UsageError
from core.events import CHANNELS, Channel
from core.features.batch import FeatureBatch
from core.scale import score_of_rate
from core.support.arrays import Float64, Mask
from core.training.combine import Windows, fit_combination
from core.training.curves import FittedCurve, Healthy, count_episodes, fit_curve
from core.training.dataset import BaselineView, Example

THRESHOLDS: Final = np.round(np.linspace(0.0, 1.0, 101), 2)
"""Thresholds whose recall is kept."""


_WHOLE_LEVELS: Final = (0.2, 0.3, 0.4, 0.5)
"""Scores at which the episodes of whole streams are counted."""


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
    combined: Mapping[Basis, FittedCurve]

    def to_plain(self) -> dict[str, Any]:
        """As `metrics.json` holds it."""
        return {
            basis.word: {"hours": round(fitted.hours, 1), "counted_to": round(fitted.counted_to, 3)}
            for basis, fitted in self.combined.items()
        }


def fit_on(parts: Sequence[Scorable]) -> Combination:
    """Fit the combination."""
    return fit_combination(Windows.of([part.example for part in parts], [part.logits for part in parts]))


def calibrate(combination: Combination, parts: Sequence[Scorable], validation: Sequence[Scorable]) -> FittedCalibration:
    """Fit the curves on the healthy time of all parts; the recall is that of the incidents of `validation`.

    The curve of what the baseline knows is of the streams whose deployment it knows; that of the other bases, one for
    all of them, is of those that it does not know, as far as these report no failure: where nothing says that a failure
    is usual, a log that reports one is not healthy. Raises UsageError where no healthy stream is among them.
    """
    known = [p for p in parts if p.example.view is BaselineView.KNOWN and p.healthy.any()]
    foreign = [p for p in parts if p.example.view is not BaselineView.KNOWN and p.healthy.any() and not _fails(p)]
    foreign = foreign or known
    known = known or foreign
    if not known:
        raise UsageError("calibration needs a healthy stream; increase --validation-hours")
    healthy = _healthy(combination, known)
    away = healthy if foreign is known else _healthy(combination, foreign)

    def curves(strengths_of: Callable[[_Healthy], Float64]) -> dict[Basis, FittedCurve]:
        own = fit_curve([stream.of(strengths_of(stream), own=True) for stream in healthy])
        other = fit_curve([stream.of(strengths_of(stream), own=False) for stream in away])
        return {basis: own if basis is Basis.BASELINE else other for basis in Basis}

    joint = _curves(curves(lambda stream: stream.strengths.combined))
    slow = {name: _curves(curves(partial(_slowness, name))) for name in SLOW_MEASURES}
    network = fit_curve([Healthy(stream.batch.timestamps[stream.rows], stream.logits) for stream in healthy]).curve
    channels: dict[Channel, Curves] = {Channel.NETWORK: dict.fromkeys(Basis, network)}
    for place, channel in enumerate(CHANNELS):
        if channel not in (Channel.NETWORK, Channel.SLOW):
            channels[channel] = _curves(curves(partial(_spoken, place)))
    none = np.zeros(len(THRESHOLDS))
    made = Calibration(combination, joint, slow, joint, channels, THRESHOLDS, none)
    combined = curves(lambda stream: made.strongest_of(stream.batch, stream.strengths))
    combined[Basis.BASELINE] = _for_whole_streams(replace(made, combined=_curves(combined)), combined, healthy)
    made = replace(made, combined=_curves(combined))
    return FittedCalibration(replace(made, recall=_recall(made, validation)), combined)


@dataclass(frozen=True, slots=True)
class _Healthy:
    """The healthy time of one example."""

    batch: FeatureBatch
    """Of the whole example."""
    rows: Mask
    """[N] which events are healthy: H."""
    strengths: Strengths
    """[N]"""
    logits: Float64
    """[H]"""

    def of(self, strengths: Float64, *, own: bool) -> Healthy:
        """Return strengths [N] of the events that the baseline of the own deployment knows, or of all others."""
        meant = np.where((self.strengths.bases == Basis.BASELINE) == own, strengths, -np.inf)
        return Healthy(self.batch.timestamps[self.rows], meant[self.rows])


def _for_whole_streams(
    made: Calibration, fitted: Mapping[Basis, FittedCurve], streams: Sequence[_Healthy]
) -> FittedCurve:
    """Return the curve of the own deployment, moved so that a score is the rate of the whole stream.

    The events before a stream is known, and those of services that the baseline does not know, have episodes too.
    """
    scored = [
        Healthy(
            stream.batch.timestamps[stream.rows],
            made.scores(stream.strengths, made.alone(stream.strengths, stream.batch, np.zeros(len(stream.batch))))[0][
                stream.rows
            ],
        )
        for stream in streams
    ]
    own, hours = fitted[Basis.BASELINE], sum(stream.hours for stream in scored)
    # How much rarer than it says each score is, in the unit of a score; the same from the highest level on.
    apart = [
        float(score_of_rate(np.array(max(count_episodes(scored, level), 0.5) / max(hours, 1.0)))) - level
        for level in _WHOLE_LEVELS
    ]
    moved = own.curve.scores + np.interp(own.curve.scores, (0.0, *_WHOLE_LEVELS), (0.0, *apart))
    rising = np.maximum.accumulate(moved) + 1e-5 * np.arange(len(moved))
    return replace(own, curve=replace(own.curve, scores=rising))


def _healthy(combination: Combination, parts: Sequence[Scorable]) -> list[_Healthy]:
    return [
        _Healthy(
            part.example.batch,
            part.healthy,
            combination.strengths(part.example.batch, part.logits),
            part.logits[part.healthy],
        )
        for part in parts
    ]


def _fails(part: Scorable) -> bool:
    return bool((part.example.batch.column("reports_failure")[part.healthy] > 0).any())  # nan is not


def _curves(fitted: Mapping[Basis, FittedCurve]) -> Curves:
    return {basis: each.curve for basis, each in fitted.items()}


def _slowness(name: str, stream: _Healthy) -> Float64:
    nats = stream.batch.column(name)
    return np.where(nats > 0.0, nats, -np.inf)  # nan is not


def _spoken(place: int, stream: _Healthy) -> Float64:
    own = stream.strengths.channels[:, place]
    return np.where(own != 0.0, own, -np.inf)


def _recall(made: Calibration, validation: Sequence[Scorable]) -> Float64:
    best = np.array(
        [
            float(made.judge(part.example.batch, part.logits).scores[part.incident].max())
            for part in validation
            if part.incident.any()
        ]
    )
    return np.array([float((best >= threshold).mean()) if len(best) else 0.0 for threshold in THRESHOLDS.tolist()])
