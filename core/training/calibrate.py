"""Calibrates logits: a shift that makes 0.5 the threshold, and a scale that makes scores read as probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.errors import UsageError
from core.network.model import Transformer
from core.support.arrays import Float64
from core.training.measure import Outcome, expected_calibration_error

FALSE_PER_HOUR: Final = 0.10
"""False episodes per hour of healthy log that the calibrated threshold allows."""

_MARGIN_SHARE: Final = 1 / 3
_SCALES: Final = np.geomspace(0.15, 6.0, 60)
_TOLERANCE: Final = 2.0
"""A scale may have this many times the least log loss."""


def choose_logit(outcomes: Sequence[Outcome], false_per_hour: float = FALSE_PER_HOUR) -> float:
    """Find the logit that becomes score 0.5; `outcomes` hold logits in place of scores.

    Of all logits within the allowed false episodes it is one that finds the most incidents. Those form an interval,
    from the highest healthy events to the weakest incident; the result lies at a third of it, since unknown faults
    differ more from the known ones than healthy logs do from each other.
    """
    healthy = [outcome for outcome in outcomes if outcome.onset is None]
    best = np.array([_best(outcome) for outcome in outcomes if outcome.onset is not None])
    if not healthy or not len(best):
        raise UsageError("calibration needs a healthy stream and an incident; increase --validation-hours")
    hours = sum(outcome.hours for outcome in healthy)
    peaks = np.concatenate([np.sort(outcome.scores)[-20:] for outcome in healthy])
    candidates = np.unique(np.concatenate((peaks, best)))[::-1].tolist()
    allowed = list(takewhile(lambda logit: _false(healthy, logit) <= false_per_hour * hours, candidates))
    if not allowed:
        return float(candidates[0])
    found = (best >= allowed[-1]).sum()
    highest = max(logit for logit in allowed if (best >= logit).sum() == found)
    healthy_end = candidates[min(len(allowed), len(candidates) - 1)]
    chosen = healthy_end + _MARGIN_SHARE * (highest - healthy_end)
    return float(chosen if _false(healthy, chosen) <= false_per_hour * hours else highest)


def choose_scale(logits: Float64, targets: NDArray[np.int8], centre: float) -> float:
    """Find the factor on the logits around `centre` that makes scores most like probabilities.

    Of the factors with nearly the least log loss it is the one with the least calibration error, which alone would
    also accept scores that are all close to 0.5.
    """
    known = targets >= 0
    truth = targets[known] == 1
    towards = np.where(truth, 1.0, -1.0) * (logits[known] - centre)
    losses = np.array([np.logaddexp(0.0, -factor * towards).mean() for factor in _SCALES])
    good = _SCALES[losses <= _TOLERANCE * losses.min()]
    errors = [expected_calibration_error(sigmoid(factor * (logits[known] - centre)), truth) for factor in good]
    return float(good[int(np.argmin(errors))])


def calibrated(outcomes: Sequence[Outcome], centre: float, factor: float) -> list[Outcome]:
    """Turn logits into calibrated scores."""
    return [replace(outcome, scores=sigmoid(factor * (outcome.scores - centre))) for outcome in outcomes]


def apply_calibration(model: Transformer, centre: float, factor: float) -> None:
    """Fold the calibration into the last layer of the network: both are linear."""
    with torch.no_grad():
        weight, bias = model.get_parameter("logit.weight"), model.get_parameter("logit.bias")
        weight.mul_(factor)
        bias.sub_(centre).mul_(factor)


def sigmoid(logits: Float64) -> Float64:
    """Logits to scores."""
    return 1.0 / (1.0 + np.exp(-np.clip(logits, -60.0, 60.0)))


def _best(outcome: Outcome) -> float:
    after = outcome.scores[outcome.timestamps >= (outcome.onset or 0.0)]
    return float(after.max()) if len(after) else float("-inf")


def _false(healthy: Sequence[Outcome], logit: float) -> int:
    return sum(outcome.episodes(logit) for outcome in healthy)
