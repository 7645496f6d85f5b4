"""Batches of which only what is named differs from nothing at all, for tests of what is made of evidence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from core import schema
from core.decision.basis import Basis
from core.decision.terms import TERMS
from core.events import State
from core.features.batch import NO_EVENTS, FeatureBatch
from core.support.arrays import Float64

_TABLES = {
    "numerical": schema.NUMERICAL_NAMES,
    "binary": schema.BINARY_NAMES,
    "categorical": schema.CATEGORICAL_NAMES,
    "aggregates": schema.AGGREGATE_NAMES,
}


def rows_of(*changes: Mapping[str, float], every: float = 1.0) -> FeatureBatch:
    """Return one event for each mapping of inputs and evidence to values; all else is 0; the service fits."""
    count = len(changes)
    batch = FeatureBatch(
        np.zeros((count, len(schema.NUMERICAL)), np.float32),
        np.zeros((count, len(schema.BINARY)), np.float32),
        np.zeros((count, len(schema.CATEGORICAL)), np.int64),
        np.zeros((count, len(schema.AGGREGATES)), np.float32),
        np.arange(count, dtype=np.float64) * every,
        (State.SCORED,) * count,
        np.zeros(count, np.int64),
        np.zeros((count, NO_EVENTS.evidence.shape[1])),
    )
    for row, change in enumerate(changes):
        for name, value in {"familiarity": 4.0, "fit_share": 1.0, **change}.items():
            for table, names in _TABLES.items():
                if name in names:
                    getattr(batch, table)[row, names.index(name)] = value
                    break
            else:
                batch.column(name)[row] = value
    return batch


def named(values: Float64) -> dict[str, list[float]]:
    """Return the terms [T] of one event that are not 0, by name; a ramp has one value for each of its parts."""
    found: dict[str, list[float]] = {}
    for term, value in zip(TERMS, values.tolist(), strict=True):
        found.setdefault(term.name, []).append(value)
    return {name: parts for name, parts in found.items() if any(parts)}


def weights_of(**changes: float) -> Float64:
    """Return weights [4, T], 0 but for the terms named (`severe__unseen` for `severe:unseen`)."""
    by_name = {name.replace("__", ":"): value for name, value in changes.items()}
    assert set(by_name) <= {term.name for term in TERMS}
    return np.tile([by_name.get(term.name, 0.0) for term in TERMS], (len(Basis), 1)).astype(np.float64)
