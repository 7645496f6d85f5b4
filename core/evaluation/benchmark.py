"""Contests between detectors: the same streams to learn from and to be judged on, at home and away.

At home, all campaigns of a corpus are learned from and their validation runs are judged. Untaught, the faults of one
campaign are left out and judged. Away, the campaign is left out whole, of the baseline too, and its runs are judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.baseline import Profile
from core.errors import SourceError
from core.training.corpus import Progress, Stream
from core.training.dataset import CrossFit, Example, Views
from core.training.fit import Arrays
from core.training.measure import Outcome
from core.training.targets import Targets, failed_events

Scaling = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Means and scales [14] of the numerical inputs, as an artifact has them."""


@dataclass(frozen=True, slots=True)
class Field:
    """Streams that scores are judged on."""

    arrays: Arrays
    streams: tuple[Outcome, ...]
    """What is known of each; without scores."""

    def outcomes(self, scores: NDArray[np.float64]) -> list[Outcome]:
        """Put the scores of all events [N] beside what is known."""
        return [
            replace(stream, scores=scores[begin:end])
            for stream, (begin, end) in zip(self.streams, self.arrays.bounds, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class Contest:
    """One task that every contestant is set."""

    name: str
    train: Arrays
    judged: Field


def lessons(streams: Sequence[Stream], profiles: Sequence[Profile], scaling: Scaling, progress: Progress) -> Arrays:
    """Describe the training streams of a corpus, each by a baseline that has not seen its block of time.

    `profiles` belong to every baseline: what is usual elsewhere. Raises SourceError where there are none.
    """
    return _field(Views(CrossFit(streams), profiles).home, _of("train", streams), scaling, progress).arrays


def home(streams: Sequence[Stream], profiles: Sequence[Profile], scaling: Scaling, progress: Progress) -> Contest:
    """Learn from the training runs of all campaigns; be judged on their validation runs."""
    views = Views(CrossFit(streams), profiles)
    train = _field(views.home, _of("train", streams), scaling, progress).arrays
    return Contest("home", train, _field(views.home, _of("val", streams), scaling, progress))


def untaught(
    campaign: str, streams: Sequence[Stream], profiles: Sequence[Profile], scaling: Scaling, progress: Progress
) -> Contest:
    """Learn what is usual of all campaigns, but none of this one's faults; be judged on all of them.

    Healthy runs are judged where nobody has learned from them: those of its validation.
    """
    views = Views(CrossFit(streams), profiles)
    taught = [
        stream for stream in _of("train", streams) if not (stream.run.incident and stream.run.campaign == campaign)
    ]
    own = [stream for stream in streams if stream.run.campaign == campaign]
    judged = [stream for stream in own if stream.run.incident or stream.run.split == "val"]
    return Contest(
        f"{campaign}, its faults not taught",
        _field(views.home, taught, scaling, progress).arrays,
        _field(views.home, judged, scaling, progress),
    )


def away(
    campaign: str, streams: Sequence[Stream], profiles: Sequence[Profile], scaling: Scaling, progress: Progress
) -> Contest:
    """Learn from all campaigns but this one; be judged on all its runs."""
    known = [stream for stream in streams if stream.run.campaign != campaign]
    foreign = [stream for stream in streams if stream.run.campaign == campaign]
    views = Views(CrossFit(known), profiles)
    return Contest(
        f"{campaign}, never seen",
        _field(views.home, _of("train", known), scaling, progress).arrays,
        _field(lambda stream: views.cross(stream, _untold(stream)), foreign, scaling, progress),
    )


def _untold(stream: Stream) -> Targets:
    """Targets of a stream that nobody learns from."""
    return np.zeros(len(stream.events), np.int8)


def _of(split: str, streams: Sequence[Stream]) -> list[Stream]:
    chosen = [stream for stream in streams if stream.run.split == split]
    if not chosen:
        raise SourceError(f"the corpus has no labelled run in split {split!r}: peers and ablations need train and val")
    return chosen


def _field(
    describe: Callable[[Stream], Example], streams: Sequence[Stream], scaling: Scaling, progress: Progress
) -> Field:
    examples = []
    for done, stream in enumerate(streams, 1):
        examples.append(describe(stream))
        progress("describing runs of the corpus", done, len(streams))
    return Field(Arrays.of(examples, *scaling), tuple(map(_known, streams, examples)))


def _known(stream: Stream, example: Example) -> Outcome:
    return Outcome.of_run(stream.run, example.batch.timestamps, np.zeros(0), failed_events(stream))
