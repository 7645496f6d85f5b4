"""Well-known learners on the same 37 inputs and labels, for comparison with the network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.training.fit import Arrays, FitOptions

_Float32 = NDArray[np.float32]

POOLED_EVENTS: Final = schema.SEQUENCE_LENGTH
"""Events that are pooled: the attention window."""


FittedPeer = Callable[[Arrays], NDArray[np.float64]]
"""A peer after training: returns the scores of all events, high = anomalous, on its own scale."""


@dataclass(frozen=True, slots=True)
class TrainingSample:
    """What peers are fitted to: all anomalous events of the training streams, and a sample of the normal ones."""

    arrays: Arrays
    rows: NDArray[np.int64]
    """Events to fit to."""
    seed: int

    @classmethod
    def sample(cls, arrays: Arrays, seed: int = 0, normals: int = 100_000) -> TrainingSample:
        """Take all anomalous events, and at most so many `normals`."""
        targets = arrays.targets.numpy()
        normal = np.random.default_rng(seed).permutation(np.flatnonzero(targets == 0))[:normals]
        return cls(arrays, np.sort(np.concatenate((np.flatnonzero(targets == 1), normal))), seed)

    @property
    def truth(self) -> NDArray[np.bool_]:
        """[rows] True for anomalous ones."""
        wrong: NDArray[np.bool_] = self.arrays.targets.numpy()[self.rows] == 1
        return wrong

    @property
    def weights(self) -> _Float32:
        """[rows] weight of each, the same as in the loss of the network."""
        weights: _Float32 = self.arrays.weights.numpy()[self.rows]
        return weights * np.where(self.truth, np.float32(FitOptions().positive_weight), np.float32(1.0))

    def to_plain(self) -> dict[str, int]:
        """The size of the sample, as plain JSON values."""
        wrong = int(self.truth.sum())
        return {
            "runs": len(self.arrays.bounds),
            "anomalous_events": wrong,
            "normal_events": len(self.rows) - wrong,
        }


def flat(arrays: Arrays) -> _Float32:
    """The inputs of each event as one row of 95 numbers: scaled, with vocabularies one-hot encoded."""
    words = [
        np.eye(len(vocabulary), dtype=np.float32)[arrays.categorical[:, place].numpy()]
        for place, vocabulary in enumerate(schema.CATEGORICAL.values())
    ]
    return np.concatenate((arrays.numerical.numpy(), arrays.binary.numpy(), arrays.aggregates.numpy(), *words), axis=1)


def pooled(arrays: Arrays) -> _Float32:
    """Mean and maximum of `flat` over the last 50 events of the stream, the event's own included, [N, 190]."""
    rows = flat(arrays)
    return np.concatenate([_pool(rows[begin:end]) for begin, end in arrays.bounds])


def _pool(rows: _Float32) -> _Float32:
    sums = np.cumsum(rows, axis=0, dtype=np.float64)
    sums[POOLED_EVENTS:] -= sums[:-POOLED_EVENTS].copy()
    counts = np.minimum(np.arange(1, len(rows) + 1), POOLED_EVENTS)[:, None]
    highest, span = rows, 1
    while span < POOLED_EVENTS:
        step = min(span, POOLED_EVENTS - span)  # two windows of `span` events, so far apart that they leave no gap
        highest = np.concatenate((highest[:step], np.maximum(highest[step:], highest[:-step])))
        span += step
    return np.concatenate(((sums / counts).astype(np.float32), highest), axis=1)


_Encode = Callable[[Arrays], _Float32]


def _logistic_regression(sample: TrainingSample, encode: _Encode) -> FittedPeer:
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 (slow to import)

    learner = LogisticRegression(C=1.0, max_iter=300)
    learner.fit(encode(sample.arrays)[sample.rows], sample.truth, sample_weight=sample.weights)
    return lambda arrays: np.asarray(learner.decision_function(encode(arrays)), np.float64)


def _boosting(sample: TrainingSample, encode: _Encode) -> FittedPeer:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    learner = HistGradientBoostingClassifier(max_iter=150, early_stopping=False, random_state=sample.seed)
    learner.fit(encode(sample.arrays)[sample.rows], sample.truth, sample_weight=sample.weights)
    return lambda arrays: np.asarray(learner.decision_function(encode(arrays)), np.float64)


def _isolation_forest(sample: TrainingSample, encode: _Encode) -> FittedPeer:
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    learner = IsolationForest(n_estimators=200, random_state=sample.seed)
    learner.fit(encode(sample.arrays)[sample.rows[~sample.truth]])
    return lambda arrays: -np.asarray(learner.score_samples(encode(arrays)), np.float64)


PEERS: Final[dict[str, Callable[[TrainingSample], FittedPeer]]] = {
    "logistic regression": lambda sample: _logistic_regression(sample, flat),
    "gradient boosting": lambda sample: _boosting(sample, flat),
    "logistic regression, last 50 pooled": lambda sample: _logistic_regression(sample, pooled),
    "gradient boosting, last 50 pooled": lambda sample: _boosting(sample, pooled),
    "isolation forest (no labels)": lambda sample: _isolation_forest(sample, flat),
}
"""Name -> how it is fitted. All are seeded by the sample."""
