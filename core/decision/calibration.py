"""What a threshold means: false episodes per hour and recall, as measured on validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.errors import ArtifactError

DEFAULT_THRESHOLD: Final = 0.5
"""Scores are scaled so that the calibrated threshold is always here."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two curves over the threshold."""

    thresholds: NDArray[np.float64]
    """Rising, 0 to 1."""
    false_episodes_per_hour: NDArray[np.float64]
    """Episodes per hour of healthy log, falling."""
    recall: NDArray[np.float64]
    """Share of the incidents with an event at or over the threshold, falling."""
    threshold: float = DEFAULT_THRESHOLD

    def at(self, threshold: float) -> tuple[float, float]:
        """False episodes per hour, and recall, that are to be expected at this threshold."""
        return (
            float(np.interp(threshold, self.thresholds, self.false_episodes_per_hour)),
            float(np.interp(threshold, self.thresholds, self.recall)),
        )

    def to_plain(self) -> dict[str, Any]:
        """As `calibration.json` holds it."""
        return {
            "threshold": self.threshold,
            "curve": [
                {"threshold": float(t), "false_episodes_per_hour": float(f), "recall": float(r)}
                for t, f, r in zip(self.thresholds, self.false_episodes_per_hour, self.recall, strict=True)
            ],
        }

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Calibration:
        """Read what `to_plain` gave. Raises ArtifactError where it does not fit."""
        try:
            curve = plain["curve"]
            thresholds, false, recall = (
                np.array([float(point[name]) for point in curve])
                for name in ("threshold", "false_episodes_per_hour", "recall")
            )
            if len(curve) < 2 or (np.diff(thresholds) <= 0).any():
                raise ArtifactError("calibration.json: the thresholds do not rise: train the model again")
            return cls(thresholds, false, recall, float(plain["threshold"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"calibration.json does not fit ({error!r}): train the model again") from error
