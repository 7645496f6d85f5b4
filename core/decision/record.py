"""What a stream has shown so far of scores by the shipped calibration, and what that makes of the next ones."""

from __future__ import annotations

from collections.abc import Mapping
from math import exp
from typing import Any, Final

import numpy as np

from core.episodes import GAP_SECONDS, LONG_SECONDS, PAUSE_SECONDS
from core.errors import ArtifactError
from core.scale import DECADES_PER_SCORE, DEFAULT_THRESHOLD, episodes_per_hour
from core.support.arrays import Float64, Mask

EPISODE_LEVELS: Final = tuple(round(0.2 + 0.02 * step, 2) for step in range(15))
"""Scores at which episodes are counted: up to 0.48. What scores 0.5 or more is an incident until it is chronic."""
_COURSE: Final = np.array([0.0, *(end for level in EPISODE_LEVELS for end in (np.nextafter(level, 0.0), level)), 1.0])
"""Scores at which the course is made: each level, and just under it, where only what reached the level below counts."""
_ENDS: Final = np.repeat(EPISODE_LEVELS, 2)[1:]
"""The levels, and before each but the first the same for what only reached the level below."""
_NOMINAL: Final = np.array([episodes_per_hour(level) for level in _ENDS.tolist()])
_SETTLED_HOURS: Final = 10.0
"""Hours that weigh as much as the shipped calibration."""
_MEMORY_HOURS: Final = 24.0 * 7
"""Age at which an hour of the record weighs 1/e."""
_STEP_S: Final = 60.0
"""Seconds of log after which the course is made again: it is the same however the stream is split."""


class StreamRecord:
    """Counts, decayed over a week, of the episodes of a stream at each level, and the hours seen.

    A score from 0.2 on is moved by how much more or less often than a healthy log of the shipped calibration this
    stream reaches it: with weight h / (h + 10) after h hours. Nothing is counted while an episode of 0.5 or more lasts.
    """

    __slots__ = ("_begun", "_counts", "_course", "_lasts", "_made", "_until", "hours")

    def __init__(self, hours: float = 0.0, counts: tuple[float, ...] = (0.0,) * len(EPISODE_LEVELS)) -> None:
        self.hours = hours
        self._counts = list(counts)
        self._lasts = [-np.inf] * len(EPISODE_LEVELS)
        """Second of the last event at each level."""
        self._begun = [-np.inf] * len(EPISODE_LEVELS)
        """Second at which the last episode at each level was counted."""
        self._until = -np.inf
        """Second at which the episode of 0.5 or more ends."""
        self._made = -np.inf
        self._course = self._make()

    def apply(self, timestamps: Float64, scores: Float64, own: Mask) -> Float64:
        """Return the scores [N] of the next events, and count them; `own` [N] are those that the record is about."""
        moved = scores.copy()
        course_x, course_y = self._course
        begin = 0
        stamps = timestamps.tolist()
        levels = np.searchsorted(EPISODE_LEVELS, scores, side="right")
        busy = np.flatnonzero((levels > 0) & own)
        due = self._due(stamps)
        for row in sorted({*busy.tolist(), *due}):
            if row in due:
                moved[begin:row] = _moved(scores[begin:row], own[begin:row], course_x, course_y)
                begin = row
                self._tick(stamps[row])
                course_x, course_y = self._course
            if levels[row] > 0 and own[row]:
                self._count(stamps[row], int(levels[row]), float(scores[row]))
        moved[begin:] = _moved(scores[begin:], own[begin:], course_x, course_y)
        return moved

    def _due(self, stamps: list[float]) -> set[int]:
        """Return the rows at which the course is made again."""
        rows: set[int] = set()
        made = self._made
        if made <= min(stamps) and max(stamps) < made + _STEP_S:
            return rows
        for row, at in enumerate(stamps):
            if not made <= at < made + _STEP_S:
                rows.add(row)
                made = at
        return rows

    def _tick(self, at: float) -> None:
        """Let the time pass to second `at`, and make the course."""
        if self._made > -np.inf:
            passed = min(max(at - self._made, 0.0), PAUSE_SECONDS) / 3600.0
            kept = exp(-passed / _MEMORY_HOURS)
            self.hours = self.hours * kept + passed
            self._counts = [count * kept for count in self._counts]
        self._made = at
        self._course = self._make()

    def _count(self, at: float, level: int, score: float) -> None:
        if score >= DEFAULT_THRESHOLD:
            self._until = at + GAP_SECONDS
        elif not self._until - 2 * GAP_SECONDS <= at < self._until:
            for place in range(level):
                goes_on = abs(at - self._lasts[place]) < GAP_SECONDS
                if not (goes_on and abs(at - self._begun[place]) < LONG_SECONDS):
                    self._counts[place] += 1.0
                    self._begun[place] = at
                self._lasts[place] = at

    def _make(self) -> tuple[Float64, Float64]:
        """Return the course: shipped scores, and the scores of this stream."""
        weight = self.hours / (self.hours + _SETTLED_HOURS)
        # Where episodes of a lower level run together there are still no fewer than of a higher one.
        counts = np.repeat(np.maximum.accumulate(self._counts[::-1])[::-1], 2)[:-1]
        moved = _ENDS - weight * np.log10((counts + 1.0) / (_NOMINAL * self.hours + 1.0)) / DECADES_PER_SCORE
        under = min(moved[0], EPISODE_LEVELS[0])  # what is common is not counted: it is lowered and never raised
        beyond = min(1.0 + moved[-1] - EPISODE_LEVELS[-1], 1.0)
        return _COURSE, np.maximum.accumulate(np.array([0.0, max(under, 0.0), *moved, beyond]))

    def to_plain(self) -> dict[str, Any]:
        """Return the record as JSON can hold it."""
        return {"hours": round(self.hours, 4), "counts": [round(count, 4) for count in self._counts]}

    @classmethod
    def of_site(cls, calibration: Mapping[str, Any] | None) -> StreamRecord | None:
        """Return a record that begins as the one of a site's baseline file; None where the file has none."""
        record = None if calibration is None else calibration.get("record")
        return None if record is None else cls.from_plain(record)

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> StreamRecord:
        """Read what `to_plain` gave. Raises ArtifactError where it does not fit."""
        try:
            hours, counts = float(plain["hours"]), tuple(float(count) for count in plain["counts"])
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"the record of a stream cannot be read ({error}): learn it again") from error
        if len(counts) != len(EPISODE_LEVELS) or not all(0.0 <= value < 1e9 for value in (hours, *counts)):
            raise ArtifactError("the record of a stream has values out of range: learn it again")
        return cls(hours, counts)


def _moved(scores: Float64, own: Mask, course_x: Float64, course_y: Float64) -> Float64:
    if not own.any():
        return scores
    moved = np.where(own, np.interp(scores, course_x, course_y), scores)
    clipped: Float64 = np.minimum(np.maximum(moved, 0.0), 1.0)
    return clipped
