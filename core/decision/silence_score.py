"""The strength of a silence as a score."""

from __future__ import annotations

from math import exp, log10
from typing import Final

from core.events import SCORE_DIGITS

_HALF_PER_HOUR: Final = 0.1
"""False alarms per hour at the score 0.5."""
_PER_DECADE: Final = 0.2


def silence_score(strength: float) -> float:
    """Return 0 to 1 for a strength in nats: minus the log of how many such silences an hour has by chance."""
    score = 0.5 - _PER_DECADE * log10(max(exp(-strength), 1e-300) / _HALF_PER_HOUR)
    return round(min(max(score, 0.0), 1.0), SCORE_DIGITS)
