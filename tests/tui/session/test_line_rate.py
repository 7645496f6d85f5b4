"""The lines per second."""

from __future__ import annotations

import pytest

from tui.session.line_rate import LineRate


def test_a_rate_goes_to_zero_when_nothing_comes() -> None:
    rate = LineRate()
    for tick in range(40):
        rate.add(tick * 0.1, tick * 10)
    assert rate.per_second() == pytest.approx(100.0)
    for tick in range(4):
        rate.add(4.0 + tick, 390)
    assert rate.per_second() == 0.0
