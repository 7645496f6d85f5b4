"""Streams to training sequences: features by a baseline that has not seen the stream, and what to learn from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.baseline import Baseline, Learner, Profile, Usual, merged
from core.events import LogEvent
from core.features import FeatureBatch, FeatureExtractor
from core.templates import MessageFacts
from core.training.corpus import Stream
from core.training.targets import Targets

FOLDS = 8
"""Blocks of time that a campaign's healthy runs are cut into."""


@dataclass(frozen=True, slots=True)
class Example:
    """One stream as the network is taught it."""

    name: str
    group: str
    """The campaign, or the kind of simulated deployment."""
    view: str
    """`home`: the baseline knows the deployment; `warm`: it does not, but the log went on before; `cold`."""
    batch: FeatureBatch
    targets: Targets


def learn(name: str, streams: Iterable[tuple[Sequence[LogEvent], Sequence[MessageFacts]]]) -> Profile:
    """Learn a profile of healthy streams, one run each."""
    learner = Learner(name)
    for events, facts in streams:
        for event, fact in zip(events, facts, strict=True):
            learner.learn(event, fact)
        learner.end_run()
    return learner.profile


class CrossFit:
    """Profiles of blocks of time, so that a run can be described by a baseline of all blocks but its own."""

    def __init__(self, streams: Sequence[Stream]) -> None:
        """Cut the training streams of each campaign, in the order of time, into `FOLDS` blocks."""
        self._folds: dict[str, list[Profile]] = {}
        self._bounds: dict[str, list[float]] = {}
        for campaign in sorted({stream.run.campaign for stream in streams}):
            own = [stream for stream in streams if stream.run.campaign == campaign]
            blocks = [own[len(own) * k // FOLDS : len(own) * (k + 1) // FOLDS] for k in range(FOLDS)]
            self._bounds[campaign] = [block[0].run.started for block in blocks if block]
            self._folds[campaign] = [
                learn(campaign, ((s.events, s.facts) for s in block if s.run.fault_free)) for block in blocks if block
            ]

    @property
    def campaigns(self) -> list[str]:
        """Names of the campaigns."""
        return sorted(self._folds)

    def fold(self, campaign: str, started: float) -> int:
        """Block of time that a run of this campaign belongs to."""
        return max(int(np.searchsorted(self._bounds[campaign], started, side="right")) - 1, 0)

    def profile(self, campaign: str, without: int | None = None) -> Profile:
        """All blocks of a campaign but one."""
        return merged(campaign, (fold for k, fold in enumerate(self._folds[campaign]) if k != without))
