"""The width of each column of the event table; columns shrink and go as the terminal gets narrow."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final, NamedTuple

GUTTER: Final = 3
"""One cell for the cursor or a mark, one for the anomaly, and a space."""

SCORE: Final = 5
"""`~0.97`: the tilde says that the log is still warming up."""


class ColumnWidths(NamedTuple):
    """Cells of each column; 0 for a hidden one. A space stands between columns."""

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


class _Breakpoint(NamedTuple):
    min_width: int
    time: int
    level: int
    service: int
    trail: int


_BREAKPOINTS: Final = (
    _Breakpoint(170, 23, 8, 26, 16),
    _Breakpoint(120, 12, 8, 20, 12),
    _Breakpoint(96, 12, 5, 16, 8),
    _Breakpoint(72, 8, 5, 12, 6),
    _Breakpoint(56, 8, 1, 10, 0),
    _Breakpoint(0, 8, 1, 0, 0),
)


def column_widths(width: int, widest_service: int, columns: Collection[str]) -> ColumnWidths:
    """Divide the width of a table among these columns and the message; `service` is as wide as the widest one seen."""
    widths = next(one for one in _BREAKPOINTS if width >= one.min_width)
    service = min(widths.service, max(widest_service, min(widths.service, len("service"))))
    wanted = {"time": widths.time, "level": widths.level, "service": service, "trail": widths.trail}
    shown = ColumnWidths(**{name: cells if name in columns else 0 for name, cells in wanted.items()}, message=0)
    return shown._replace(message=max(width - shown.message_start, 0))
