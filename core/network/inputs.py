"""Features in native units to the inputs of the network: checked, scaled, on its device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from core import schema

SCALED_LIMIT: Final = 8.0
"""Scaled features are clipped to plus and minus this many standard deviations."""

_VOCABULARY_SIZES: Final = np.array([len(words) for words in schema.CATEGORICAL.values()])


class FeatureArrays(Protocol):
    """The features of events; `core.features.extractor.FeatureBatch` has it for N of them."""

    @property
    def numerical(self) -> NDArray[np.float32]:
        """[..., 14] native units."""

    @property
    def binary(self) -> NDArray[np.float32]:
        """[..., 8]."""

    @property
    def categorical(self) -> NDArray[np.int64]:
        """[..., 6] codes, 0 = unknown."""

    @property
    def aggregates(self) -> NDArray[np.float32]:
        """[..., 9]."""

    @property
    def timestamps(self) -> NDArray[np.float64]:
        """[...] seconds."""


class EventFeatures(NamedTuple):
    """The simplest `FeatureArrays`."""

    numerical: NDArray[np.float32]
    binary: NDArray[np.float32]
    categorical: NDArray[np.int64]
    aggregates: NDArray[np.float32]
    timestamps: NDArray[np.float64]

    def map(self, change: Callable[[NDArray[Any]], NDArray[Any]]) -> EventFeatures:
        """Apply `change` to each array."""
        return EventFeatures(
            change(self.numerical),
            change(self.binary),
            change(self.categorical),
            change(self.aggregates),
            change(self.timestamps),
        )


class Inputs(NamedTuple):
    """Events as inputs of the network, in the order of its arguments."""

    numerical: Tensor
    """[..., 14] scaled."""
    binary: Tensor
    """[..., 8]"""
    categorical: Tensor
    """[..., 6]"""
    aggregates: Tensor
    """[..., 9]"""
    timestamps: Tensor
    """[...] float64 on the CPU, wherever the others are."""


def scale_numerical(
    numerical: NDArray[np.float32], means: NDArray[np.float32], scales: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return numerical features [..., 14] in standard deviations from their mean, clipped."""
    scaled = (numerical - means) / scales
    return np.clip(scaled, -SCALED_LIMIT, SCALED_LIMIT, out=scaled)


class InputEncoder:
    """Checks and scales features."""

    def __init__(self, means: NDArray[np.float32], scales: NDArray[np.float32], device: torch.device) -> None:
        self._means = means
        self._scales = scales
        self._device = device

    def __call__(self, features: FeatureArrays) -> Inputs:
        """Encode events; raises ValueError for invalid shapes or values."""
        timestamps = np.asarray(features.timestamps, dtype=np.float64, order="C")
        if not np.isfinite(timestamps).all():
            raise ValueError("timestamps have values that are not finite")
        shape = timestamps.shape
        categorical = np.asarray(features.categorical)
        if categorical.dtype.kind not in "iu":
            raise ValueError(f"categorical features are codes (integers), not {categorical.dtype}")
        _check_shape("categorical", categorical, (*shape, len(_VOCABULARY_SIZES)))
        if categorical.size and (categorical.min() < 0 or (categorical >= _VOCABULARY_SIZES).any()):
            raise ValueError("categorical features have a code outside their vocabulary")
        numerical = _numbers("numerical", features.numerical, (*shape, len(schema.NUMERICAL)))
        binary = _numbers("binary", features.binary, (*shape, len(schema.BINARY)))
        aggregates = _numbers("aggregates", features.aggregates, (*shape, len(schema.AGGREGATES)))
        return Inputs(
            self._send(scale_numerical(numerical, self._means, self._scales)),
            self._send(binary),
            self._send(np.asarray(categorical, dtype=np.int64, order="C")),
            self._send(aggregates),
            torch.from_numpy(timestamps),
        )

    def _send(self, array: NDArray[np.float32] | NDArray[np.int64]) -> Tensor:
        return torch.from_numpy(array).to(self._device)


def _numbers(name: str, values: ArrayLike, shape: tuple[int, ...]) -> NDArray[np.float32]:
    array = np.asarray(values, dtype=np.float32, order="C")
    _check_shape(name, array, shape)
    if not np.isfinite(array).all():
        raise ValueError(f"{name} features have values that are not finite")
    return array


def _check_shape(name: str, array: NDArray[np.generic], shape: tuple[int, ...]) -> None:
    if array.shape != shape:
        raise ValueError(f"{name} features have shape {list(array.shape)}, not {list(shape)}")
