"""How wide each column of the event table is; columns give way as the terminal gets narrow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

GUTTER: Final = 3
"""One cell for the cursor or a mark, one for the anomaly, and a space."""

SCORE: Final = 5
"""`~0.97`: the sign says what the number is worth."""


class Layout(NamedTuple):
    """Cells of each column; 0 = not shown. A space stands between columns."""

    time: int
    level: int
    service: int
    trail: int
    message: int

    @property
    def message_start(self) -> int:
        """Cells before the message."""
        shown = [width for width in (self.time, self.level, self.service, self.trail) if width]
        return GUTTER + sum(shown) + len(shown) + SCORE + 1


class _Step(NamedTuple):
    at_least: int
    time: int
    level: int
    service: int
    trail: int


_STEPS: Final = (
    _Step(170, 23, 8, 26, 16),
    _Step(120, 12, 8, 20, 12),
    _Step(96, 12, 5, 16, 8),
    _Step(72, 8, 5, 12, 6),
    _Step(56, 8, 1, 10, 0),
    _Step(0, 8, 1, 0, 0),
)


def layout(width: int, widest_service: int, columns: Collection[str]) -> Layout:
    """Share out the width of a table among these columns and the message; services take what the widest seen needs."""
    step = next(step for step in _STEPS if width >= step.at_least)
    service = min(step.service, max(widest_service, min(step.service, len("service"))))
    wanted = {"time": step.time, "level": step.level, "service": service, "trail": step.trail}
    shown = Layout(**{name: cells if name in columns else 0 for name, cells in wanted.items()}, message=0)
    return shown._replace(message=max(width - shown.message_start, 0))
