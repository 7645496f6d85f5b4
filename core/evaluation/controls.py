"""A control experiment: scores must not depend on where a log was cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from core.decision.flagging import flagged_column
from core.episodes import episode_count
from core.evaluation.judge import Flagged, Judge, Judged
from core.events import LogLine

_MARGIN: Final = 0.1
"""Share of a run at either end in which it is not cut."""


@dataclass(slots=True)
class CutSide:
    """What is flagged in cut runs, compared with the same events of the whole runs."""

    episodes: int = 0
    whole_episodes: int = 0
    newly_flagged: int = 0
    """Events flagged in a cut run and not in the whole one."""

    def add(self, cut: Flagged, whole: Flagged) -> None:
        """Add one run; `whole` is what the whole run flagged among the lines that the cut one has."""
        self.episodes += _episodes(cut)
        self.whole_episodes += _episodes(whole)
        self.newly_flagged += len(np.setdiff1d(cut.lines, whole.lines))

    def to_plain(self) -> dict[str, int]:
        """As plain JSON values."""
        return {
            "false_episodes": self.episodes,
            "false_episodes_of_whole_runs": self.whole_episodes,
            "events_newly_flagged": self.newly_flagged,
        }


@dataclass(slots=True)
class Truncation:
    """Fault-free runs, each cut once at a random line: what is flagged before the cut, and after it.

    Failing runs end early. What has learned this would flag the end of a healthy run that was cut.
    """

    seed: int = 0
    runs: int = 0
    ends_early: CutSide = field(default_factory=CutSide)
    begins_late: CutSide = field(default_factory=CutSide)

    def add(self, judge: Judge, judged: Judged, lines: Sequence[LogLine]) -> None:
        """Cut one fault-free run, whose lines these are and which has been scored as a whole."""
        draw = np.random.default_rng((self.seed, self.runs))
        place = int(len(lines) * draw.uniform(_MARGIN, 1.0 - _MARGIN))
        self.runs += 1
        if not 0 < place < len(lines):
            return
        scores, stamps = judged.outcome.scores, judged.outcome.timestamps
        hit = flagged_column(scores, judge.threshold)
        for side, part, kept in (
            (self.ends_early, lines[:place], judged.lines <= lines[place - 1].number),
            (self.begins_late, lines[place:], judged.lines >= lines[place].number),
        ):
            side.add(judge.flagged(part), Flagged(judged.lines[hit & kept], stamps[hit & kept]))

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "runs": self.runs,
            "ends_early": self.ends_early.to_plain(),
            "begins_late": self.begins_late.to_plain(),
        }


def _episodes(flagged: Flagged) -> int:
    return episode_count(flagged.timestamps)
