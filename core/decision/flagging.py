"""The flagging decision: score, threshold, mutes and verdicts give flagged, muted and alerting.

An event is flagged when its score reaches the threshold, muted when the operator muted its template, and alerting when
it is flagged and neither muted nor normal here by the operator's verdict. Counts, episodes, exit codes and alerts take
what is alerting. Nothing of this is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.decision.verdicts import VerdictKind
from core.events import ScoredEvent
from core.support.arrays import Float64, Mask

IsMuted = Callable[[ScoredEvent], bool]
VerdictOf = Callable[[ScoredEvent], VerdictKind | None]


class Flag(NamedTuple):
    """What threshold, mutes and verdicts make of one event."""

    flagged: bool
    """The score reaches the threshold."""
    muted: bool
    """The template is muted, whatever the score."""
    verdict: VerdictKind | None = None
    """What the operator has said of the template."""

    @property
    def alerting(self) -> bool:
        """Flagged, and neither muted nor normal here."""
        return self.flagged and not self.muted and self.verdict is not VerdictKind.NORMAL


NO_FLAG: Final = Flag(flagged=False, muted=False)


@dataclass(frozen=True, slots=True)
class FlaggingPolicy:
    """The decision at one moment: a threshold (0 to 1), and which events are muted or have a verdict."""

    threshold: float
    is_muted: IsMuted | None = None
    """None: none are."""
    verdict_of: VerdictOf | None = None
    """None: none has one."""

    def flag(self, event: ScoredEvent) -> Flag:
        """Decide on one event; one without a score is never flagged."""
        return Flag(
            reaches(event.score, self.threshold),
            self.is_muted is not None and self.is_muted(event),
            None if self.verdict_of is None else self.verdict_of(event),
        )

    def is_alerting(self, event: ScoredEvent) -> bool:
        """Tell whether one event is flagged, and neither muted nor normal here."""
        return reaches(event.score, self.threshold) and self.flag(event).alerting


def reaches(score: float | None, threshold: float) -> bool:
    """Tell whether a score is flagged at a threshold; None, for an event without a score, is not."""
    return score is not None and score >= threshold


def flagged_column(scores: Float64, threshold: float) -> Mask:
    """Tell which scores [N] are flagged at a threshold; nan, for rows without a score, is not."""
    flagged: Mask = scores >= threshold
    return flagged


def alerting_column(scores: Float64, muted: Mask, normal: Mask, threshold: float) -> Mask:
    """Tell which rows [N] are flagged, and neither muted nor normal here by verdict."""
    alerting: Mask = flagged_column(scores, threshold) & ~(muted | normal)
    return alerting
