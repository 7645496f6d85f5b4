"""What a threshold means, in words."""

from __future__ import annotations

import pytest

from core.events import CalibratedBy, Origin
from tests.helpers.calibration import straight_calibration
from tui.look.meaning import calibration_forms, false_alarms, recall_text


@pytest.mark.parametrize(
    ("threshold", "text"),
    [
        (0.1, "76 false alarms a day or more by this site's calibration"),
        (0.5, "2.4 false alarms a day by this site's calibration"),
        (0.7, "0.24 false alarms a day by this site's calibration"),
        (0.9, "0.024 false alarms a day by this site's calibration, extrapolated"),
    ],
)
def test_a_threshold_is_false_alarms_a_day(threshold: float, text: str) -> None:
    assert false_alarms(threshold, straight_calibration(), CalibratedBy(Origin.SITE, 40.0))[0] == text


@pytest.mark.parametrize(
    ("by", "whose", "recall"),
    [
        (None, "calibration", "recall 50%"),
        (CalibratedBy(Origin.SHIPPED), "the shipped calibration", "recall 50%"),
        (CalibratedBy(Origin.SITE, 40.0), "this site's calibration", ""),
        (CalibratedBy(Origin.OWN, 3.0), "this log's own past", ""),
    ],
)
def test_recall_is_said_of_the_shipped_calibration_alone(by: CalibratedBy | None, whose: str, recall: str) -> None:
    assert false_alarms(0.5, straight_calibration(), by)[0].endswith(f" by {whose}")
    assert recall_text(0.5, straight_calibration(), by) == recall


@pytest.mark.parametrize(
    ("by", "forms"),
    [
        (CalibratedBy(Origin.SHIPPED), ("cal shipped", "cal shipped")),
        (CalibratedBy(Origin.SITE, 40.0), ("cal site", "cal site")),
        (CalibratedBy(Origin.OWN, 0.4), ("cal own <1 h", "cal own")),
        (CalibratedBy(Origin.OWN, 3.2), ("cal own 3 h", "cal own")),
    ],
)
def test_the_status_line_names_whose_it_is(by: CalibratedBy, forms: tuple[str, str]) -> None:
    assert calibration_forms(by) == forms
