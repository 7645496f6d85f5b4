"""What a threshold means, in words: false alarms a day, and by whose calibration."""

from __future__ import annotations

from typing import Final

from core.decision.calibration import Calibration
from core.events import CalibratedBy, Origin
from core.scale import LINEAR_BELOW

_EXTRAPOLATED_ABOVE: Final = 0.7
WHOSE: Final = {
    None: ("calibration", "calibrated"),
    Origin.SHIPPED: ("the shipped calibration", "shipped"),
    Origin.SITE: ("this site's calibration", "site"),
    Origin.OWN: ("this log's own past", "own past"),
}
"""In full and short."""


def calibration_forms(by: CalibratedBy) -> tuple[str, str]:
    """`cal own 3 h`, in full and short."""
    short = f"cal {by.origin.value}"
    if by.origin is not Origin.OWN:
        return short, short
    hours = "<1" if by.hours < 1.0 else f"{by.hours:.0f}"
    return f"{short} {hours} h", short


def false_alarms(threshold: float, calibration: Calibration, by: CalibratedBy | None) -> tuple[str, str]:
    """`2.4 false alarms a day by the shipped calibration`, in full and short."""
    a_day = f"{24.0 * calibration.at(threshold).false_per_hour:.2g}"
    more = " or more" if threshold < LINEAR_BELOW else ""
    beyond = ", extrapolated" if threshold > _EXTRAPOLATED_ABOVE else ""
    full, short = WHOSE[None if by is None else by.origin]
    return f"{a_day} false alarms a day{more} by {full}{beyond}", f"{a_day} false/day ({short})"


def recall_text(threshold: float, calibration: Calibration, by: CalibratedBy | None) -> str:
    """`recall 86%`; empty where another calibration than the shipped one makes the scores: it was measured by that."""
    if by is not None and by.origin is not Origin.SHIPPED:
        return ""
    return f"recall {calibration.at(threshold).recall:.0%}"
