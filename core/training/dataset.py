"""Streams to training examples: features by a baseline without the stream, and targets.

A stream is used in several views (`BaselineView`), because a shipped model meets all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import Baseline, BaselineBuilder, CompiledBaseline, DeploymentStats, merged
from core.events import LogEvent
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.templates import MessageFacts
from core.training.corpus import LabelledStream
from core.training.simulated import SimulatedStream
from core.training.targets import Targets, run_targets, simulated_targets, unknown_deployment_targets

FOLDS: Final = 8
"""Blocks of time that the healthy runs of a campaign are split into."""

Scaling = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Means and scales [14] of the numerical inputs, as an artifact has them."""

_PAUSE_SECONDS: Final = 30.0
"""Time between two runs that are joined into one log."""


class BaselineView(StrEnum):
    """What the baseline knows of the deployment that a stream is from."""

    KNOWN = "known"
    """The deployment itself."""
    OTHER = "other"
    """Other deployments with the same software."""
    UNKNOWN = "unknown"
    """Nothing; the log has been read for a while."""


@dataclass(frozen=True, slots=True)
class Example:
    """One stream for training."""

    name: str
    group: str
    """The campaign, or the kind of simulated deployment."""
    view: BaselineView
    batch: FeatureBatch
    targets: Targets
    half: int = 0
    """0 or 1: which of two networks, each trained on the other half, has not seen it."""


def learn_deployment(
    name: str, streams: Iterable[tuple[Sequence[LogEvent], Sequence[MessageFacts]]]
) -> DeploymentStats:
    """Return the statistics of healthy streams of a deployment, one run each."""
    builder = BaselineBuilder(name)
    for events, facts in streams:
        for event, fact in zip(events, facts, strict=True):
            builder.learn(event, fact)
        builder.end_run()
    return builder.stats


class CrossFit:
    """Statistics of blocks of time, so that the baseline of a run leaves out its own block."""

    def __init__(self, streams: Sequence[LabelledStream]) -> None:
        """Cut the training streams of each campaign, in the order of time, into `FOLDS` blocks."""
        self._folds: dict[str, list[DeploymentStats]] = {}
        self._bounds: dict[str, list[float]] = {}
        for campaign in sorted({stream.run.campaign for stream in streams}):
            own = [stream for stream in streams if stream.run.campaign == campaign and stream.run.split == "train"]
            blocks = [own[len(own) * k // FOLDS : len(own) * (k + 1) // FOLDS] for k in range(FOLDS)]
            self._bounds[campaign] = [block[0].run.started for block in blocks if block]
            self._folds[campaign] = [
                learn_deployment(campaign, ((s.events, s.facts) for s in block if s.run.fault_free))
                for block in blocks
                if block
            ]

    @property
    def campaigns(self) -> list[str]:
        """Names of the campaigns."""
        return sorted(self._folds)

    def stats(self, campaign: str, without: int | None = None) -> DeploymentStats:
        """All blocks of a campaign but one."""
        return merged(campaign, (fold for k, fold in enumerate(self._folds[campaign]) if k != without))

    def fold(self, stream: LabelledStream) -> int | None:
        """Block of time of a training run; None for a run that is in none."""
        bounds = self._bounds.get(stream.run.campaign)
        if bounds is None or stream.run.split != "train":
            return None
        return max(int(np.searchsorted(bounds, stream.run.started, side="right")) - 1, 0)


class FeatureViews:
    """Extracts the features of the runs of a corpus in every view; compiled baselines are cached."""

    def __init__(self, cross_fit: CrossFit, simulated: Sequence[DeploymentStats]) -> None:
        self._cross_fit = cross_fit
        self._simulated = tuple(simulated)
        self._compiled: dict[tuple[str, int | None], CompiledBaseline] = {}

    def known_deployment(self, stream: LabelledStream) -> Example:
        """Features by a baseline of all campaigns, without the block of time of the stream."""
        batch = FeatureExtractor(self.without_block_of(stream)).extract(stream.events, stream.facts)
        return self._example(stream, BaselineView.KNOWN, batch, run_targets(stream, batch))

    def other_deployments(self, stream: LabelledStream, known: Targets) -> Example:
        """Features by a baseline of the other campaigns."""
        batch = FeatureExtractor(self.without_campaign_of(stream)).extract(stream.events, stream.facts)
        targets = unknown_deployment_targets(known, stream, batch)
        return self._example(stream, BaselineView.OTHER, batch, targets)

    def unknown_deployment(self, streams: Sequence[LabelledStream], known: Sequence[Targets]) -> list[Example]:
        """Features without a baseline, one run after the other in one log."""
        extractor = FeatureExtractor(_NO_BASELINE)
        examples = []
        clock = streams[0].run.started
        for stream, own in zip(streams, known, strict=True):
            shift = clock - (stream.events[0].timestamp or 0.0)
            events = [event._replace(timestamp=(event.timestamp or 0.0) + shift) for event in stream.events]
            clock = (events[-1].timestamp or clock) + _PAUSE_SECONDS
            batch = extractor.extract(events, stream.facts)
            targets = unknown_deployment_targets(own, stream, batch)
            examples.append(self._example(stream, BaselineView.UNKNOWN, batch, targets))
        return examples

    def _example(self, stream: LabelledStream, view: BaselineView, batch: FeatureBatch, targets: Targets) -> Example:
        half = (self._cross_fit.fold(stream) or 0) % 2
        return Example(stream.run.file, stream.run.campaign, view, batch, targets, half)

    def without_block_of(self, stream: LabelledStream) -> CompiledBaseline:
        """Return the baseline of all campaigns, without the block of time of the stream."""
        return self._baseline(stream.run.campaign, self._cross_fit.fold(stream))

    def without_campaign_of(self, stream: LabelledStream) -> CompiledBaseline:
        """Return the baseline of all campaigns but that of the stream."""
        return self._baseline(stream.run.campaign, _ALL_BLOCKS)

    def _baseline(self, campaign: str, without: int | None) -> CompiledBaseline:
        """Compile the baseline of all campaigns, without one block of `campaign`."""
        key = (campaign, without)
        if key not in self._compiled:
            deployments = [
                self._cross_fit.stats(name, without if name == campaign else None)
                for name in self._cross_fit.campaigns
                if not (name == campaign and without == _ALL_BLOCKS)
            ]
            self._compiled[key] = CompiledBaseline(Baseline((*deployments, *self._simulated)))
        return self._compiled[key]


_ALL_BLOCKS: Final = -1
_NO_BASELINE: Final = CompiledBaseline(Baseline())


def simulated_example(stream: SimulatedStream, baseline: CompiledBaseline) -> Example:
    """Return the example of a simulated stream."""
    batch = FeatureExtractor(baseline).extract(stream.events, stream.facts)
    deployment = stream.scenario.deployment
    view = BaselineView.UNKNOWN if deployment.name.startswith("foreign") else BaselineView.KNOWN
    return Example(
        f"{deployment.name}-{stream.scenario.seed}",
        "simulated",
        view,
        batch,
        simulated_targets(stream, batch),
        stream.scenario.seed % 2,
    )


def warm_up_chains(
    streams: Sequence[LabelledStream], length: int, healthy_first: int
) -> Iterator[list[LabelledStream]]:
    """Split the runs of each campaign into rows of `length`, each after `healthy_first` healthy runs to warm up."""
    for campaign in sorted({stream.run.campaign for stream in streams}):
        own = [stream for stream in streams if stream.run.campaign == campaign]
        healthy = [stream for stream in own if stream.run.fault_free]
        for start in range(0, len(own), length):
            first = start // length * healthy_first % max(len(healthy) - healthy_first, 1)
            yield [*healthy[first : first + healthy_first], *own[start : start + length]]
