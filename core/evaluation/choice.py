"""The threshold of a contestant that has no calibration, such as a fitted peer: one that finds the most."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

import numpy as np

from core.errors import UsageError
from core.scale import EPISODES_AT_HALF
from core.training.measure import Outcome

_MARGIN_SHARE: Final = 1 / 3


def choose_threshold(outcomes: Sequence[Outcome], false_per_hour: float = EPISODES_AT_HALF) -> float:
    """Find the threshold of a contestant whose scores have no calibration.

    Of all scores within the allowed false episodes it is one that finds the most incidents. Those form an interval,
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
    allowed = list(takewhile(lambda score: _false(healthy, score) <= false_per_hour * hours, candidates))
    if not allowed:
        return float(candidates[0])
    found = (best >= allowed[-1]).sum()
    highest = max(score for score in allowed if (best >= score).sum() == found)
    healthy_end = candidates[min(len(allowed), len(candidates) - 1)]
    chosen = healthy_end + _MARGIN_SHARE * (highest - healthy_end)
    return float(chosen if _false(healthy, chosen) <= false_per_hour * hours else highest)


def _best(outcome: Outcome) -> float:
    after = outcome.scores[outcome.timestamps >= (outcome.onset or 0.0)]
    return float(after.max()) if len(after) else float("-inf")


def _false(healthy: Sequence[Outcome], score: float) -> int:
    return sum(outcome.episodes(score) for outcome in healthy)
