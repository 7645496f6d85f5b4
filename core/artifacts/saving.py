"""Saves a complete artifact folder at the end of training."""

from __future__ import annotations

import io
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.preprocessing import LabelEncoder, StandardScaler

from core import schema
from core.artifacts import manifest as folder_manifest
from core.artifacts.loading import feature_config
from core.artifacts.manifest import Manifest, build_manifest
from core.network.model import Transformer
from core.support.files import write_sealed


@dataclass(frozen=True, slots=True)
class ArtifactContents:
    """The result of training."""

    model: Transformer
    scalers: Mapping[str, StandardScaler]
    """Fitted, one for each of `schema.SCALED_NAMES`; see `fit_scalers`."""
    reference: NDArray[np.floating[Any]]
    """[37] usual value of each feature, native units, in the order of `schema.FEATURE_NAMES`."""
    baseline: bytes
    """Opaque here: gzip of JSON, as `core.baseline` writes it."""
    calibration: Mapping[str, Any]
    """At least `threshold`, between 0 and 1."""
    metrics: Mapping[str, Any]
    card: str
    """Markdown."""


def fit_scalers(numerical: NDArray[np.floating[Any]]) -> dict[str, StandardScaler]:
    """Fit a scaler for each numerical feature that needs one, on events [N, 14] in native units."""
    return {
        name: StandardScaler().fit(numerical[:, [place]].astype(np.float64))
        for place, name in enumerate(schema.NUMERICAL_NAMES)
        if name in schema.SCALED_NAMES
    }


def save_artifacts(path: Path, contents: ArtifactContents) -> Manifest:
    """Write a complete artifact folder and return its manifest.

    The files are complete before the first of them takes its place, and the manifest goes first and comes last: a
    folder that was interrupted has none, and is refused. Raises `OutputError`, or ValueError for contents that no
    folder can have.
    """
    files = {
        folder_manifest.MODEL: _weights(contents.model),
        folder_manifest.ENCODERS: _joblib(_encoders()),
        folder_manifest.SCALERS: _joblib(_plain_scalers(contents.scalers)),
        folder_manifest.FEATURES: _json(feature_config(contents.reference)),
        folder_manifest.BASELINE: contents.baseline,
        folder_manifest.CALIBRATION: _json(contents.calibration),
        folder_manifest.METRICS: _json(contents.metrics),
        folder_manifest.CARD: contents.card.encode(),
    }
    for name, content in files.items():
        if len(content) > folder_manifest.SIZE_LIMITS[name]:
            raise ValueError(f"{name} would be {len(content)} bytes, more than a folder may have")
    manifest = build_manifest(files, _versions())
    files[folder_manifest.MANIFEST] = manifest.render()
    write_sealed(path, files, seal=folder_manifest.MANIFEST)
    return manifest


def _weights(model: Transformer) -> bytes:
    stream = io.BytesIO()
    torch.save({name: weight.detach().cpu() for name, weight in model.state_dict().items()}, stream)
    return stream.getvalue()


def _encoders() -> dict[str, LabelEncoder]:
    """Return encoders whose classes stand in the schema's order: fitting would sort them and move index 0."""
    encoders = {}
    for name, words in schema.CATEGORICAL.items():
        encoders[name] = LabelEncoder()
        encoders[name].classes_ = np.array(words)
    return encoders


def _plain_scalers(fitted: Mapping[str, StandardScaler]) -> dict[str, StandardScaler]:
    """Return scalers with nothing but arrays of float64 in them, which is all that loading accepts."""
    if fitted.keys() != set(schema.SCALED_NAMES):
        raise ValueError(f"scalers are needed for exactly {', '.join(schema.SCALED_NAMES)}")
    plain = {}
    for name in schema.SCALED_NAMES:
        scaler = StandardScaler()
        scaler.mean_ = np.array(fitted[name].mean_, dtype=np.float64)
        scaler.scale_ = np.array(fitted[name].scale_, dtype=np.float64)
        scaler.var_ = np.array(fitted[name].var_, dtype=np.float64)
        scaler.n_features_in_ = 1
        plain[name] = scaler
    return plain


def _joblib(value: object) -> bytes:
    stream = io.BytesIO()
    joblib.dump(value, stream)
    return stream.getvalue()


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, indent=2, allow_nan=False).encode() + b"\n"


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for name in ("tailsight", "torch", "scikit-learn", "numpy", "joblib"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = "not installed"
    return versions
