"""Loads a verified folder; scikit-learn is not needed: its files are read as plain numbers and words."""

from __future__ import annotations

import io
import json
import pickle
import warnings
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from core import schema
from core.artifacts import manifest as folder_manifest
from core.artifacts.manifest import Manifest, read_verified, refuse
from core.artifacts.unpickle import StoredEncoder, StoredEstimator, StoredScaler, load_joblib
from core.network.model import Transformer
from core.support.resources import artifacts_path


@dataclass(frozen=True, slots=True)
class Artifacts:
    """All that scoring needs, read and checked."""

    path: Path
    manifest: Manifest
    model: Transformer
    """On the CPU, not training."""
    means: NDArray[np.float32]
    """[14] subtracted from the numerical features; 0 where there is no scaler."""
    scales: NDArray[np.float32]
    """[14] that they are divided by then; 1 where there is no scaler."""
    reference: NDArray[np.float32]
    """[37] usual value of each feature, native units, in the order of `schema.FEATURE_NAMES`."""
    baseline: bytes
    """What is usual, as `core.baseline` wrote it."""
    calibration: Mapping[str, Any]
    metrics: Mapping[str, Any]

    @property
    def threshold(self) -> float:
        """The threshold that was shipped."""
        return float(self.calibration["threshold"])


def feature_config(reference: NDArray[np.floating[Any]]) -> dict[str, Any]:
    """Return the description of the features that an artifact is trained on."""
    return {
        "schema_version": schema.SCHEMA_VERSION,
        "sequence_length": schema.SEQUENCE_LENGTH,
        "window_seconds": schema.WINDOW_SECONDS,
        "numerical": list(schema.NUMERICAL_NAMES),
        "unscaled": schema.UNSCALED,
        "binary": list(schema.BINARY_NAMES),
        "categorical": {name: list(words) for name, words in schema.CATEGORICAL.items()},
        "aggregates": list(schema.AGGREGATE_NAMES),
        "reference": {
            name: round(float(value), 6) for name, value in zip(schema.FEATURE_NAMES, reference, strict=True)
        },
    }


def load_artifacts(path: Path | None = None) -> Artifacts:
    """Verify and read an artifact folder, the shipped one by default; raises `ArtifactError`."""
    folder = path or artifacts_path()
    manifest, contents = read_verified(folder)
    _check_encoders(folder, _estimators(folder, contents, folder_manifest.ENCODERS, StoredEncoder))
    means, scales = _scaling(folder, _estimators(folder, contents, folder_manifest.SCALERS, StoredScaler))
    calibration = _json(folder, contents, folder_manifest.CALIBRATION)
    threshold = calibration.get("threshold")
    if not isinstance(threshold, (int, float)) or isinstance(threshold, bool) or not 0 <= threshold <= 1:
        refuse(folder, f"{folder_manifest.CALIBRATION} has no threshold between 0 and 1")
    return Artifacts(
        path=folder,
        manifest=manifest,
        model=_model(folder, contents[folder_manifest.MODEL]),
        means=means,
        scales=scales,
        reference=_reference(folder, _json(folder, contents, folder_manifest.FEATURES)),
        baseline=contents[folder_manifest.BASELINE],
        calibration=calibration,
        metrics=_json(folder, contents, folder_manifest.METRICS),
    )


def _model(folder: Path, content: bytes) -> Transformer:
    model = Transformer()
    max_bytes = folder_manifest.SIZE_LIMITS[folder_manifest.MODEL]
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            fits = sum(entry.file_size for entry in archive.infolist()) <= max_bytes
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about unusual pickles: it counts whether the weights fit
            if fits:
                model.load_state_dict(torch.load(io.BytesIO(content), map_location="cpu", weights_only=True))
    except Exception as error:  # a broken file can raise anything
        refuse(folder, f"{folder_manifest.MODEL} is not a model of this version of tailsight ({type(error).__name__})")
    if not fits:
        refuse(folder, f"{folder_manifest.MODEL} unpacks to more than a model needs")
    if not all(np.isfinite(weight.numpy()).all() for weight in model.state_dict().values()):
        refuse(folder, f"{folder_manifest.MODEL} has weights that are not numbers")
    return model.eval().requires_grad_(requires_grad=False)


def _estimators(
    folder: Path, contents: Mapping[str, bytes], name: str, kind: type[StoredEstimator]
) -> dict[str, dict[str, Any]]:
    """Return the attributes of each estimator of a joblib file."""
    try:
        stored = load_joblib(contents[name])
    except pickle.UnpicklingError as error:
        refuse(folder, f"{name} is not safe to read: {error}")
    if not isinstance(stored, dict) or not all(type(value) is kind for value in stored.values()):
        refuse(folder, f"{name} holds something else than its estimators")
    return {key: dict(vars(value)) for key, value in stored.items()}


def _check_encoders(folder: Path, encoders: Mapping[str, dict[str, Any]]) -> None:
    """Refuse vocabularies that differ from the schema: a code would mean another word."""
    same = encoders.keys() == schema.CATEGORICAL.keys() and all(
        isinstance(classes := encoders[name].get("classes_"), np.ndarray) and np.array_equal(classes, np.array(words))
        for name, words in schema.CATEGORICAL.items()
    )
    if not same:
        refuse(folder, f"{folder_manifest.ENCODERS} has other vocabularies than this version of tailsight")


def _scaling(folder: Path, scalers: Mapping[str, dict[str, Any]]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    means, scales = np.zeros(len(schema.NUMERICAL)), np.ones(len(schema.NUMERICAL))
    if scalers.keys() != set(schema.SCALED_NAMES):
        refuse(folder, f"{folder_manifest.SCALERS} has other features than this version of tailsight")
    for place, name in enumerate(schema.NUMERICAL_NAMES):
        if name == schema.UNSCALED:
            continue
        means[place] = _single(folder, name, scalers[name].get("mean_"))
        scales[place] = _single(folder, name, scalers[name].get("scale_"))
    if not _are_float32(means) or not _are_float32(scales) or not (scales > 0).all():
        refuse(folder, f"{folder_manifest.SCALERS} has a mean or scale that cannot be")
    return means.astype(np.float32), scales.astype(np.float32)


def _single(folder: Path, name: str, value: object) -> float:
    if not isinstance(value, np.ndarray) or value.shape != (1,) or value.dtype.kind != "f":
        refuse(folder, f"{folder_manifest.SCALERS} has no mean and scale for {name}")
    return float(value[0])


def _are_float32(values: NDArray[np.float64]) -> bool:
    return bool((np.abs(values) <= np.finfo(np.float32).max).all())


def _reference(folder: Path, config: Mapping[str, Any]) -> NDArray[np.float32]:
    try:
        values = [config["reference"][name] for name in schema.FEATURE_NAMES]
        reference = np.array(values, dtype=np.float64)
        same = config == feature_config(reference) | {"reference": config["reference"]}
    except (KeyError, TypeError, ValueError, OverflowError):
        refuse(folder, f"{folder_manifest.FEATURES} lacks the usual value of a feature")
    if not same or reference.shape != (len(schema.FEATURE_NAMES),) or not _are_float32(reference):
        refuse(folder, f"{folder_manifest.FEATURES} describes other features than this version of tailsight")
    return reference.astype(np.float32)


def _json(folder: Path, contents: Mapping[str, bytes], name: str) -> dict[str, Any]:
    try:
        body = json.loads(contents[name])
    except (ValueError, RecursionError):
        refuse(folder, f"{name} is not JSON")
    if not isinstance(body, dict):
        refuse(folder, f"{name} is not a JSON object")
    return body
