"""A trained model that scores events: whole sequences, or a stream with its state.

A score is 0 to 1, high = anomalous; an event is flagged when it reaches the threshold.
"""

from __future__ import annotations

import platform
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray

from core import schema
from core.artifacts.loading import load_artifacts
from core.network.device import choose_device, torch_threads
from core.network.inputs import EventFeatures, InputEncoder
from core.network.scorer import StreamScorer, StreamScores, single_feature_groups
from core.scale import SCORE_DIGITS, Curve

__all__ = ["AnomalyPredictor", "StreamScorer", "StreamScores"]


class AnomalyPredictor:
    """The shipped model, or another one.

    `predict` scores whole sequences; `stream` returns a scorer of events as they come.
    """

    def __init__(
        self,
        artifacts: Path | None = None,
        threshold: float | None = None,
        device: str = "auto",
        *,
        threads: int = 1,
    ) -> None:
        """Load a model: the shipped one, its threshold and the best device by default.

        `threads` is the number of threads that PyTorch may use on the CPU while this predictor scores. Raises
        `ArtifactError`, `DeviceError`, and ValueError for a threshold outside 0 to 1.
        """
        if threads < 1:
            raise ValueError(f"threads must be 1 or more, not {threads}")
        self.device = choose_device(device)
        self.threads = threads
        self.artifacts = load_artifacts(artifacts)
        self._model = self.artifacts.model.to(self.device)
        self._encoder = InputEncoder(self.artifacts.means, self.artifacts.scales, self.device)
        self._curve = Curve.of_network(self.artifacts.calibration)
        self.threshold = self.artifacts.threshold
        if threshold is not None:
            self.set_threshold(threshold)

    def predict(
        self,
        features: Mapping[str, Any],
        return_scores: bool = False,  # noqa: FBT001, FBT002 (the published call)
    ) -> tuple[NDArray[np.int64], NDArray[np.float64] | None]:
        """Score sequences, each from a fresh state.

        `features`: numerical [B, S, 14] in native units, binary [B, S, 8], categorical {name: [B, S]} codes,
        aggregates [B, S, 9], timestamps [B, S] seconds and, unless all sequences are full, sequence_lengths [B].
        Returns predictions [B, S], 1 where flagged, and the scores [B, S] if asked for; padding is 0 in both.
        Raises ValueError for invalid shapes or values.
        """
        events = _events(features)
        shape = events.timestamps.shape
        if len(shape) != 2:
            raise ValueError(f"timestamps have shape {list(shape)}, not [batch, sequence]")
        padding = _padding(features.get("sequence_lengths"), *shape)
        scores = self._score(_without(events, padding))
        scores[padding] = 0.0
        predictions = (scores >= self.threshold) & ~padding
        return predictions.astype(np.int64), scores if return_scores else None

    def predict_single_sequence(
        self,
        features: Mapping[str, Any],
        sequence_length: int,
        return_scores: bool = True,  # noqa: FBT001, FBT002 (the published call)
    ) -> dict[str, Any]:
        """Score the first `sequence_length` events of one sequence.

        `features` are as in `predict` for one sequence, with or without a first axis of 1. Returns `predictions` and
        `scores` (None unless asked for) [sequence_length], `num_anomalies`, `anomaly_indices`, `anomaly_rate` in
        percent, and `sequence_length`. Raises ValueError as `predict` does.
        """
        events = _events(features)
        if events.timestamps.ndim == 1:
            events = events.map(lambda values: values[None])
        shape = events.timestamps.shape
        if len(shape) != 2 or shape[0] != 1 or not 0 <= sequence_length <= shape[1]:
            raise ValueError(f"timestamps of shape {list(shape)} are not one sequence of {sequence_length} events")
        scores = self._score(events.map(lambda values: values[:, :sequence_length]))[0]
        predictions = (scores >= self.threshold).astype(np.int64)
        anomalies = np.flatnonzero(predictions)
        return {
            "predictions": predictions,
            "scores": scores if return_scores else None,
            "num_anomalies": len(anomalies),
            "anomaly_indices": anomalies.tolist(),
            "anomaly_rate": 100.0 * len(anomalies) / sequence_length if sequence_length else 0.0,
            "sequence_length": sequence_length,
        }

    def set_threshold(self, t: float) -> None:
        """Flag from this score on; raises ValueError outside 0 to 1."""
        if not 0.0 <= t <= 1.0:
            raise ValueError(f"threshold must be between 0 and 1, not {t}")
        self.threshold = float(t)

    def info(self) -> dict[str, Any]:
        """Return a description of the model: its size, training, files and versions."""
        manifest, metrics = self.artifacts.manifest, self.artifacts.metrics
        return {
            "parameters": self._model.parameter_count(),
            "device": str(self.device),
            "threads": self.threads,
            "threshold": self.threshold,
            "epochs": metrics.get("epochs"),
            "validation": metrics.get("validation"),
            "artifacts": {
                "path": str(self.artifacts.path),
                "schema_version": manifest.schema_version,
                "sha256": {name: entry.sha256 for name, entry in manifest.files.items()},
                "made_with": dict(manifest.versions),
            },
            "versions": {"python": platform.python_version(), "torch": torch.__version__, "numpy": np.__version__},
        }

    def stream(self, feature_groups: NDArray[np.bool_] | None = None) -> StreamScorer:
        """Return the scorer of a new stream; `scores_of` its logits are those of `predict` on all its events at once.

        `feature_groups` [G, 37] are the sets of inputs (in the order of `schema.FEATURE_NAMES`) whose occlusion
        explains a score; an empty one stands for the context. By default each input alone, then the context.
        """
        return StreamScorer(
            self._model,
            self._encoder,
            self.artifacts.reference,
            single_feature_groups() if feature_groups is None else feature_groups,
            threads=self.threads,
            at_once=_events_at_once(self.device),
        )

    def scores_of(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the scores of logits [...], those of the network by itself, rounded."""
        scores: NDArray[np.float64] = np.round(self._curve(logits.astype(np.float64)), SCORE_DIGITS)
        return scores

    def _score(self, events: EventFeatures) -> NDArray[np.float64]:
        """Return scores [B, S]."""
        return self.scores_of(self._logits(events))

    def _logits(self, events: EventFeatures) -> NDArray[np.float32]:
        """Return logits [B, S]."""
        count, length = events.timestamps.shape
        logits = np.zeros((count, length), np.float32)
        if not length:
            return logits
        step = _events_at_once(self.device) // length
        if step == 0:  # one sequence alone is too long: its memory is bounded by taking it as a stream
            for row in range(count):
                logits[row] = self.stream().score(events.map(itemgetter(row))).logits
            return logits
        with torch.inference_mode(), torch_threads(self.threads, count * length):
            inputs = self._encoder(events)
            for start in range(0, count, step):
                found = self._model(*(tensor[start : start + step] for tensor in inputs))
                logits[start : start + step] = found.cpu().float().numpy()
        return logits


def _events_at_once(device: torch.device) -> int:
    """Return how many events pass the network together: few enough for CPU caches, many enough to fill a GPU."""
    return 4096 if device.type == "cpu" else 32_768


def _events(features: Mapping[str, Any]) -> EventFeatures:
    """Convert the dictionary of `predict`; values may be arrays, CPU tensors or nested lists."""
    try:
        categorical = [np.asarray(features["categorical"][name]) for name in schema.CATEGORICAL_NAMES]
        numerical, binary, aggregates = (np.asarray(features[name]) for name in ("numerical", "binary", "aggregates"))
        timestamps = np.asarray(features["timestamps"], dtype=np.float64)
    except KeyError as error:
        raise ValueError(f"features are missing {error}") from None
    if any(codes.shape != timestamps.shape for codes in categorical):
        raise ValueError(f"every categorical feature has to have the shape of timestamps, {list(timestamps.shape)}")
    return EventFeatures(numerical, binary, np.stack(categorical, axis=-1), aggregates, timestamps)


def _padding(lengths: ArrayLike | None, count: int, length: int) -> NDArray[np.bool_]:
    """Return [B, S], True at and after the length of each sequence."""
    if lengths is None:
        return np.zeros((count, length), np.bool_)
    lengths = np.asarray(lengths)
    if lengths.shape != (count,) or lengths.dtype.kind not in "iu" or ((lengths < 0) | (lengths > length)).any():
        raise ValueError(f"sequence_lengths must be {count} integers between 0 and {length}")
    return np.arange(length) >= lengths[:, None]


def _without(events: EventFeatures, padding: NDArray[np.bool_]) -> EventFeatures:
    """Return the events with zeros in the padding."""
    if not padding.any():
        return events
    if any(values.shape[:2] != padding.shape for values in events):
        raise ValueError("features do not have the [batch, sequence] of timestamps")
    return events.map(lambda values: np.where(padding.reshape(padding.shape + (1,) * (values.ndim - 2)), 0, values))
