"""Random features in native units, for tests of the network."""

from __future__ import annotations

from typing import Any

import numpy as np

from core import schema
from core.network.inputs import EventFeatures


def random_events(*shape: int, seed: int = 0, gap: float = 20.0) -> EventFeatures:
    """Return events [*shape] whose features are spread over their ranges, `gap` seconds apart on average."""
    random = np.random.default_rng(seed)

    def between(features: tuple[schema.Feature, ...]) -> np.ndarray[Any, np.dtype[np.float32]]:
        low, high = np.array([[feature.low, feature.high] for feature in features]).T
        return random.uniform(low, high, size=(*shape, len(features))).astype(np.float32)

    codes = [random.integers(len(words), size=shape) for words in schema.CATEGORICAL.values()]
    return EventFeatures(
        numerical=between(schema.NUMERICAL),
        binary=random.integers(2, size=(*shape, len(schema.BINARY))).astype(np.float32),
        categorical=np.stack(codes, axis=-1),
        aggregates=between(schema.AGGREGATES),
        timestamps=1.75e9 + np.cumsum(random.exponential(gap, size=shape), axis=-1),
    )


def as_dictionary(events: EventFeatures) -> dict[str, Any]:
    """Return the events as `AnomalyPredictor.predict` takes them."""
    return {
        "numerical": events.numerical,
        "binary": events.binary,
        "categorical": {name: events.categorical[..., i] for i, name in enumerate(schema.CATEGORICAL_NAMES)},
        "aggregates": events.aggregates,
        "timestamps": events.timestamps,
    }
