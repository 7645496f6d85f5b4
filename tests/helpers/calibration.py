"""A calibration for tests: straight curves, and a weight of one for every term."""

from __future__ import annotations

import numpy as np

from core.decision.basis import Basis
from core.decision.calibration import SLOW_MEASURES, Calibration
from core.decision.combination import TERM_SIGNS, Combination
from core.decision.terms import TERMS
from core.events import Channel
from core.scale import Curve
from core.support.arrays import Float64

STRAIGHT = Curve(np.array([-6.0, 6.0]), np.array([0.0, 1.0]), 0.1)
"""A strength of 0 scores 0.5, and six on either side are the ends."""
SAME = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 1.0)
"""What is a score already."""


def straight_calibration() -> Calibration:
    """Return a calibration whose joint strength is the logit and the sum of all terms."""
    return _calibration(np.ones(len(TERMS)), 0.0)


def calibration_without_network() -> Calibration:
    """Return one whose joint strength is the sum of all terms of the evidence less 3: nothing scores 0.25."""
    return _calibration(np.array([float(term.channel is not Channel.NETWORK) for term in TERMS]), -3.0)


def _calibration(weights: Float64, bias: float) -> Calibration:
    curves = dict.fromkeys(Basis, STRAIGHT)
    return Calibration(
        Combination(np.tile(TERM_SIGNS * weights, (len(Basis), 1)), np.full(len(Basis), bias)),
        curves,
        {
            name: dict.fromkeys(Basis, Curve(np.array([0.0, 20.0]), np.array([-1.0, 1.0]), 0.05))
            for name in SLOW_MEASURES
        },
        dict.fromkeys(Basis, SAME),
        {channel: curves for channel in Channel if channel is not Channel.SLOW},
        np.array([0.0, 1.0]),
        np.array([1.0, 0.0]),
    )
