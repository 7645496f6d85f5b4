"""Figures of simulated clouds: each seed as its own row, and all of them together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.evaluation.dial import JudgedStream
from core.evaluation.intervals import EpisodeRate, Share, markdown_table

CLOUD_COLUMNS: Final = ("cloud", "found (95 %)", "healthy h", "false episodes", "per hour (95 %)")
POOLED: Final = "all"


@dataclass(frozen=True, slots=True)
class CloudRow:
    """One cloud, or all of them, at one threshold."""

    name: str
    found: Share
    """Incidents found."""
    false: EpisodeRate
    """False episodes, in healthy hours."""

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> CloudRow:
        """Read what `to_plain` gave."""
        return cls(str(plain["name"]), Share.from_plain(plain["found"]), EpisodeRate.from_plain(plain["false"]))

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"name": self.name, "found": self.found.to_plain(), "false": self.false.to_plain()}

    def cells(self) -> tuple[str, ...]:
        """Return the texts of the row, under `CLOUD_COLUMNS`."""
        false = self.false
        return (self.name, self.found.text(), f"{false.hours:.1f}", str(false.count), false.text())


def cloud_rows(streams: Sequence[JudgedStream], threshold: float) -> list[CloudRow]:
    """Judge each stream by itself, in the order given, and all of them together in a last row."""
    rows = [CloudRow(stream.name, stream.found(threshold), stream.false_episodes(threshold)) for stream in streams]
    pooled = CloudRow(
        POOLED, sum((row.found for row in rows), Share(0, 0)), sum((row.false for row in rows), EpisodeRate(0, 0.0))
    )
    return [*rows, pooled]


def cloud_markdown(rows: Sequence[CloudRow]) -> str:
    """Write the rows as markdown."""
    return markdown_table(CLOUD_COLUMNS, [row.cells() for row in rows])
