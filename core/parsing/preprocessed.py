"""The 37 features of an event where the line itself gives them: made by another pipeline, scored as they are."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any, Final

from core.schema import AGGREGATES, BINARY, CATEGORICAL, FEATURE_NAMES, NUMERICAL

_RANGES: Final = {feature.name: (feature.low, feature.high) for feature in (*NUMERICAL, *BINARY, *AGGREGATES)}


def given_features(fields: Mapping[str, Any]) -> tuple[float, ...] | None:
    """Read the features out of an object that names them all, by itself or under `features`; None for any other.

    In the order of `FEATURE_NAMES`: numbers in native units, drawn into their range, and the codes of the words of
    categorical features, 0 for one that the vocabulary does not have.
    """
    inner = fields.get("features")
    named = inner if isinstance(inner, dict) else fields
    if not named.keys() >= _NAMES:
        return None
    values = [_value(name, named[name]) for name in FEATURE_NAMES]
    return tuple(value for value in values if value is not None) if None not in values else None


_NAMES: Final = frozenset(FEATURE_NAMES)


def lacks_features(fields: Mapping[str, Any]) -> bool:
    """Tell whether an object names most of the features, and is no record of a program for that."""
    inner = fields.get("features")
    named = inner if isinstance(inner, dict) else fields
    return len(named) > len(_NAMES) // 2 and len(_NAMES & named.keys()) > len(_NAMES) // 2


def _value(name: str, value: object) -> float | None:
    words = CATEGORICAL.get(name)
    if words is not None:
        return float(words.index(value)) if isinstance(value, str) and value in words else 0.0
    if not isinstance(value, int | float) or not isfinite(value):
        return None
    low, high = _RANGES[name]
    return min(max(float(value), low), high)
