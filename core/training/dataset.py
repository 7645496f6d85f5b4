"""Streams to training examples: features by a baseline that has not seen the stream, and what to learn from them.

A stream is shown in several views, because a shipped model meets all of them:
`home`, the baseline knows the deployment; `cross`, it knows others that run the same software; `warm`, it knows
nothing of the deployment, but the log has gone on for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from core.baseline import Baseline, Learner, Profile, Usual, merged
from core.events import LogEvent
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.templates import MessageFacts
from core.training.corpus import Stream
from core.training.simulated import SimulatedStream
from core.training.targets import Targets, away_targets, run_targets, simulated_targets

FOLDS = 8
"""Blocks of time that a campaign's healthy runs are cut into."""

_PAUSE_SECONDS = 30.0
"""Between two runs that are played one after the other."""


@dataclass(frozen=True, slots=True)
class Example:
    """One stream as the network is taught it."""

    name: str
    group: str
    """The campaign, or the kind of simulated deployment."""
    view: str
    """`home`, `cross` or `warm`."""
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
            own = [stream for stream in streams if stream.run.campaign == campaign and stream.run.split == "train"]
            blocks = [own[len(own) * k // FOLDS : len(own) * (k + 1) // FOLDS] for k in range(FOLDS)]
            self._bounds[campaign] = [block[0].run.started for block in blocks if block]
            self._folds[campaign] = [
                learn(campaign, ((s.events, s.facts) for s in block if s.run.fault_free)) for block in blocks if block
            ]

    @property
    def campaigns(self) -> list[str]:
        """Names of the campaigns."""
        return sorted(self._folds)

    def profile(self, campaign: str, without: int | None = None) -> Profile:
        """All blocks of a campaign but one."""
        return merged(campaign, (fold for k, fold in enumerate(self._folds[campaign]) if k != without))

    def fold(self, stream: Stream) -> int | None:
        """Block of time that a training run belongs to; None for a run that no block has seen."""
        if stream.run.split != "train":
            return None
        bounds = self._bounds[stream.run.campaign]
        return max(int(np.searchsorted(bounds, stream.run.started, side="right")) - 1, 0)


class Views:
    """Describes the runs of a corpus in every view; compiled baselines are made once."""

    def __init__(self, cross_fit: CrossFit, simulated: Sequence[Profile]) -> None:
        self._cross_fit = cross_fit
        self._simulated = tuple(simulated)
        self._compiled: dict[tuple[str, int | None], Usual] = {}

    def home(self, stream: Stream) -> Example:
        """By a baseline of the stream's own campaign, its block of time left out, and of all others."""
        batch = FeatureExtractor(self._usual(stream.run.campaign, self._cross_fit.fold(stream))).extract(
            stream.events, stream.facts
        )
        return Example(stream.run.file, stream.run.campaign, "home", batch, run_targets(stream, batch))

    def cross(self, stream: Stream, home: Targets) -> Example:
        """By a baseline of the other campaigns."""
        batch = FeatureExtractor(self._usual(stream.run.campaign, _ALL)).extract(stream.events, stream.facts)
        targets = away_targets(home, stream, batch)
        return Example(stream.run.file, stream.run.campaign, "cross", batch, targets)

    def warm(self, streams: Sequence[Stream], homes: Sequence[Targets]) -> list[Example]:
        """By a baseline of simulated clouds alone, one run after the other in one log."""
        extractor = FeatureExtractor(self._usual("", None))
        examples = []
        clock = streams[0].run.started
        for stream, home in zip(streams, homes, strict=True):
            shift = clock - (stream.events[0].timestamp or 0.0)
            events = [event._replace(timestamp=(event.timestamp or 0.0) + shift) for event in stream.events]
            clock = (events[-1].timestamp or clock) + _PAUSE_SECONDS
            batch = extractor.extract(events, stream.facts)
            targets = away_targets(home, stream, batch)
            examples.append(Example(stream.run.file, stream.run.campaign, "warm", batch, targets))
        return examples

    def _usual(self, campaign: str, without: int | None) -> Usual:
        """Compile what is usual: of every campaign but the one's block; of no campaign for an empty name."""
        key = (campaign, without)
        if key not in self._compiled:
            profiles = [
                self._cross_fit.profile(name, without if name == campaign else None)
                for name in self._cross_fit.campaigns
                if campaign and not (name == campaign and without == _ALL)
            ]
            self._compiled[key] = Usual(Baseline((*profiles, *self._simulated)))
        return self._compiled[key]


_ALL = -1


def simulated_example(stream: SimulatedStream, usual: Usual) -> Example:
    """Describe a simulated stream."""
    batch = FeatureExtractor(usual).extract(stream.events, stream.facts)
    deployment = stream.scenario.deployment
    view = "warm" if deployment.name.startswith("foreign") else "home"
    return Example(
        f"{deployment.name}-{stream.scenario.seed}", "simulated", view, batch, simulated_targets(stream, batch)
    )


def chains(streams: Sequence[Stream], length: int, healthy_first: int) -> Iterator[list[Stream]]:
    """Cut the runs of each campaign into rows of `length`, each after `healthy_first` healthy runs for warming up."""
    for campaign in sorted({stream.run.campaign for stream in streams}):
        own = [stream for stream in streams if stream.run.campaign == campaign]
        healthy = [stream for stream in own if stream.run.fault_free]
        for start in range(0, len(own), length):
            first = start // length * healthy_first % max(len(healthy) - healthy_first, 1)
            yield [*healthy[first : first + healthy_first], *own[start : start + length]]
