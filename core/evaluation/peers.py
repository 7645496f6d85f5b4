"""What anyone could put in the network's place: well-known learners on the same 37 inputs and the same labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.training.fit import Arrays, FitOptions

Float32 = NDArray[np.float32]

POOLED: Final = schema.SEQUENCE_LENGTH
"""Events that are pooled: as many as attention can see."""


Taught = Callable[[Arrays], NDArray[np.float64]]
"""A peer after training: gives the scores of all events, high = anomalous, on a scale of its own."""


@dataclass(frozen=True, slots=True)
class Lessons:
    """What peers are taught: all anomalous events of the training streams, and a sample of the normal ones."""

    arrays: Arrays
    rows: NDArray[np.int64]
    """Events that are learned from."""
    seed: int

    @classmethod
    def sample(cls, arrays: Arrays, seed: int = 0, normals: int = 100_000) -> Lessons:
        """Take all anomalous events, and at most so many `normals`."""
        targets = arrays.targets.numpy()
        normal = np.random.default_rng(seed).permutation(np.flatnonzero(targets == 0))[:normals]
        return cls(arrays, np.sort(np.concatenate((np.flatnonzero(targets == 1), normal))), seed)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """[rows] which of them are anomalous."""
        wrong: NDArray[np.bool_] = self.arrays.targets.numpy()[self.rows] == 1
        return wrong

    @property
    def weights(self) -> Float32:
        """[rows] what each counts in the network's loss, too."""
        weights: Float32 = self.arrays.weights.numpy()[self.rows]
        return weights * np.where(self.truth, np.float32(FitOptions().positive_weight), np.float32(1.0))

    def to_plain(self) -> dict[str, int]:
        """How much is learned from, as JSON can hold it."""
        wrong = int(self.truth.sum())
        return {
            "runs": len(self.arrays.bounds),
            "anomalous_events": wrong,
            "normal_events": len(self.rows) - wrong,
        }


def flat(arrays: Arrays) -> Float32:
    """The inputs of each event as one row of 95 numbers: as the network reads them, with each vocabulary spread out."""
    words = [
        np.eye(len(vocabulary), dtype=np.float32)[arrays.categorical[:, place].numpy()]
        for place, vocabulary in enumerate(schema.CATEGORICAL.values())
    ]
    return np.concatenate((arrays.numerical.numpy(), arrays.binary.numpy(), arrays.aggregates.numpy(), *words), axis=1)


def pooled(arrays: Arrays) -> Float32:
    """Mean and maximum of `flat` over the last 50 events of the stream, the event's own included, [N, 190]."""
    rows = flat(arrays)
    return np.concatenate([_pool(rows[begin:end]) for begin, end in arrays.bounds])


def _pool(rows: Float32) -> Float32:
    sums = np.cumsum(rows, axis=0, dtype=np.float64)
    sums[POOLED:] -= sums[:-POOLED].copy()
    counts = np.minimum(np.arange(1, len(rows) + 1), POOLED)[:, None]
    highest, span = rows, 1
    while span < POOLED:
        step = min(span, POOLED - span)  # two windows of `span` events, so far apart that they leave no gap
        highest = np.concatenate((highest[:step], np.maximum(highest[step:], highest[:-step])))
        span += step
    return np.concatenate(((sums / counts).astype(np.float32), highest), axis=1)


Describe = Callable[[Arrays], Float32]


def _logistic_regression(lessons: Lessons, describe: Describe) -> Taught:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (slow to import)

    learner = LogisticRegression(C=1.0, max_iter=300)
    learner.fit(describe(lessons.arrays)[lessons.rows], lessons.truth, sample_weight=lessons.weights)
    return lambda arrays: np.asarray(learner.decision_function(describe(arrays)), np.float64)


def _boosting(lessons: Lessons, describe: Describe) -> Taught:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    learner = HistGradientBoostingClassifier(max_iter=150, early_stopping=False, random_state=lessons.seed)
    learner.fit(describe(lessons.arrays)[lessons.rows], lessons.truth, sample_weight=lessons.weights)
    return lambda arrays: np.asarray(learner.decision_function(describe(arrays)), np.float64)


def _isolation_forest(lessons: Lessons, describe: Describe) -> Taught:
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    learner = IsolationForest(n_estimators=200, random_state=lessons.seed)
    learner.fit(describe(lessons.arrays)[lessons.rows[~lessons.truth]])
    return lambda arrays: -np.asarray(learner.score_samples(describe(arrays)), np.float64)


PEERS: Final[dict[str, Callable[[Lessons], Taught]]] = {
    "logistic regression": lambda lessons: _logistic_regression(lessons, flat),
    "gradient boosting": lambda lessons: _boosting(lessons, flat),
    "logistic regression, last 50 pooled": lambda lessons: _logistic_regression(lessons, pooled),
    "gradient boosting, last 50 pooled": lambda lessons: _boosting(lessons, pooled),
    "isolation forest (no labels)": lambda lessons: _isolation_forest(lessons, flat),
}
"""Name -> how it is taught. All are seeded by the lessons."""
