"""A calibration for tests: straight curves, and a weight of one for every term."""

from __future__ import annotations

import numpy as np

from core.decision.basis import Basis
from core.decision.calibration import SLOW_MEASURES, Calibration
from core.decision.combination import TERM_SIGNS, Combination
from core.events import Channel
from core.scale import Curve

STRAIGHT = Curve(np.array([-6.0, 6.0]), np.array([0.0, 1.0]), 0.1)
"""A strength of 0 scores 0.5, and six on either side are the ends."""
SAME = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]), 1.0)
"""What is a score already."""


def straight_calibration(least_recall: float = 0.0) -> Calibration:
    """Return a calibration whose joint strength is the logit and the sum of all terms.

    The recall falls from 1 at threshold 0 to `least_recall` at threshold 1.
    """
    curves = dict.fromkeys(Basis, STRAIGHT)
    weights = np.tile(TERM_SIGNS, (len(Basis), 1))
    weights[:, 0] = 1.0
    return Calibration(
        Combination(weights, np.zeros(len(Basis))),
        curves,
        {
            name: dict.fromkeys(Basis, Curve(np.array([0.0, 20.0]), np.array([-1.0, 1.0]), 0.05))
            for name in SLOW_MEASURES
        },
        dict.fromkeys(Basis, SAME),
        {channel: curves for channel in Channel if channel is not Channel.SLOW},
        np.array([0.0, 1.0]),
        np.array([1.0, least_recall]),
    )
