"""Benchmarks of contestants: the same training and evaluation streams for all.

`all_campaigns` trains on every campaign of a corpus and evaluates on the validation runs. `held_out_faults` trains
without the faults of one campaign and evaluates on them. `held_out_campaign` leaves a campaign out of training and of
the baseline, and evaluates on its runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.baseline import DeploymentStats
from core.errors import SourceError
from core.training.corpus import LabelledStream, Progress
from core.training.dataset import CrossFit, Example, FeatureViews, Scaling
from core.training.fit import Arrays
from core.training.measure import Outcome
from core.training.targets import Targets, failed_events


@dataclass(frozen=True, slots=True)
class EvalSet:
    """Streams that scores are evaluated on."""

    arrays: Arrays
    streams: tuple[Outcome, ...]
    """The labels of each; without scores."""

    def outcomes(self, scores: NDArray[np.float64]) -> list[Outcome]:
        """Combine the scores of all events [N] with the labels."""
        return [
            replace(stream, scores=scores[begin:end])
            for stream, (begin, end) in zip(self.streams, self.arrays.bounds, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Training and evaluation data of one comparison."""

    name: str
    train: Arrays
    evaluation: EvalSet


def training_arrays(
    streams: Sequence[LabelledStream], others: Sequence[DeploymentStats], scaling: Scaling, progress: Progress
) -> Arrays:
    """Extract features of the training streams of a corpus, each by a baseline without its block of time.

    Statistics of `others`, other deployments, belong to every baseline. Raises SourceError where there are none.
    """
    return _eval_set(
        FeatureViews(CrossFit(streams), others).known_deployment, _in_split("train", streams), scaling, progress
    ).arrays


def all_campaigns(
    streams: Sequence[LabelledStream], others: Sequence[DeploymentStats], scaling: Scaling, progress: Progress
) -> Benchmark:
    """Train on the training runs of all campaigns, evaluate on their validation runs."""
    views = FeatureViews(CrossFit(streams), others)
    train = _eval_set(views.known_deployment, _in_split("train", streams), scaling, progress).arrays
    return Benchmark("home", train, _eval_set(views.known_deployment, _in_split("val", streams), scaling, progress))


def held_out_faults(
    campaign: str,
    streams: Sequence[LabelledStream],
    others: Sequence[DeploymentStats],
    scaling: Scaling,
    progress: Progress,
) -> Benchmark:
    """Train on all campaigns without the faults of this one; evaluate on all of its faults.

    Of its healthy runs only those of the validation split, which training never uses, are evaluated.
    """
    views = FeatureViews(CrossFit(streams), others)
    train = [
        stream
        for stream in _in_split("train", streams)
        if not (stream.run.incident and stream.run.campaign == campaign)
    ]
    own = [stream for stream in streams if stream.run.campaign == campaign]
    evaluated = [stream for stream in own if stream.run.incident or stream.run.split == "val"]
    return Benchmark(
        f"{campaign}, its faults held out",
        _eval_set(views.known_deployment, train, scaling, progress).arrays,
        _eval_set(views.known_deployment, evaluated, scaling, progress),
    )


def held_out_campaign(
    campaign: str,
    streams: Sequence[LabelledStream],
    others: Sequence[DeploymentStats],
    scaling: Scaling,
    progress: Progress,
) -> Benchmark:
    """Train on all campaigns but this one; evaluate on all its runs."""
    known = [stream for stream in streams if stream.run.campaign != campaign]
    foreign = [stream for stream in streams if stream.run.campaign == campaign]
    views = FeatureViews(CrossFit(known), others)
    return Benchmark(
        f"{campaign}, never seen",
        _eval_set(views.known_deployment, _in_split("train", known), scaling, progress).arrays,
        _eval_set(lambda stream: views.other_deployments(stream, _unused_targets(stream)), foreign, scaling, progress),
    )


def _unused_targets(stream: LabelledStream) -> Targets:
    """Targets of a stream that is not trained on."""
    return np.zeros(len(stream.events), np.int8)


def _in_split(split: str, streams: Sequence[LabelledStream]) -> list[LabelledStream]:
    chosen = [stream for stream in streams if stream.run.split == split]
    if not chosen:
        raise SourceError(f"the corpus has no labelled run in split {split!r}: peers and ablations need train and val")
    return chosen


def _eval_set(
    extract: Callable[[LabelledStream], Example],
    streams: Sequence[LabelledStream],
    scaling: Scaling,
    progress: Progress,
) -> EvalSet:
    examples = []
    for done, stream in enumerate(streams, 1):
        examples.append(extract(stream))
        progress("extracting features of the corpus", done, len(streams))
    return EvalSet(Arrays.of(examples, *scaling), tuple(map(_labels, streams, examples)))


def _labels(stream: LabelledStream, example: Example) -> Outcome:
    return Outcome.of_run(stream.run, example.batch.timestamps, np.zeros(0), failed_events(stream))
