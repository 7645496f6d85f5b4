"""The manifest of an artifact folder: its files with the sizes and digests that prove them unchanged."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from core import schema
from core.errors import ArtifactError
from core.support.resources import artifacts_path

_FORMAT: Final = "tailsight.artifacts/1"
MANIFEST: Final = "manifest.json"
MODEL: Final = "best_model.pth"
ENCODERS: Final = "encoders.joblib"
SCALERS: Final = "scalers.joblib"
FEATURES: Final = "feature_config.json"
BASELINE: Final = "baseline.json.gz"
CALIBRATION: Final = "calibration.json"
METRICS: Final = "metrics.json"
CARD: Final = "MODEL_CARD.md"

_KIB: Final = 1024
SIZE_LIMITS: Final = {
    MODEL: 16 * _KIB * _KIB,
    ENCODERS: 256 * _KIB,
    SCALERS: 256 * _KIB,
    FEATURES: 256 * _KIB,
    BASELINE: 64 * _KIB * _KIB,
    CALIBRATION: _KIB * _KIB,
    METRICS: 4 * _KIB * _KIB,
    CARD: _KIB * _KIB,
}
"""Every file of the folder but the manifest, with its size limit in bytes: nothing larger is read."""

_MANIFEST_LIMIT: Final = 64 * _KIB


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of the folder."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description of a folder."""

    schema_version: int
    """Of the features; see `core.schema`."""
    files: Mapping[str, FileEntry]
    versions: Mapping[str, str]
    """Of the software that made the folder: tailsight, python, torch, ..."""

    @property
    def model_sha256(self) -> str:
        """Digest of the weights: it identifies a model."""
        return self.files[MODEL].sha256

    def render(self) -> bytes:
        """Return the canonical bytes of this manifest; they end in a digest of the rest."""
        body: dict[str, Any] = {
            "format": _FORMAT,
            "schema_version": self.schema_version,
            "files": {name: {"size": entry.size, "sha256": entry.sha256} for name, entry in sorted(self.files.items())},
            "versions": dict(sorted(self.versions.items())),
        }
        body["digest"] = _digest(json.dumps(body).encode())
        return json.dumps(body, indent=2).encode() + b"\n"


def build_manifest(contents: Mapping[str, bytes], versions: Mapping[str, str]) -> Manifest:
    """Return the manifest of files that are to be written."""
    files = {name: FileEntry(len(content), _digest(content)) for name, content in contents.items()}
    return Manifest(schema.SCHEMA_VERSION, files, versions)


def verify(path: Path | None = None) -> Manifest:
    """Check a folder, the shipped one by default, byte for byte against its manifest; raises `ArtifactError`."""
    return read_verified(path)[0]


def read_verified(path: Path | None = None) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the very bytes that were checked, so that nothing can change in between."""
    folder = path or artifacts_path()
    try:
        found = folder.is_dir()
    except OSError as error:
        refuse(folder, f"the folder cannot be read ({error.strerror})")
    if not found:
        raise ArtifactError(f"no artifact folder at {folder}; name one with --artifacts or make one: tailsight train")
    manifest = _read_manifest(folder)
    contents = {}
    for name, limit in SIZE_LIMITS.items():
        content = _read(folder, name, limit)
        entry = manifest.files[name]
        if len(content) != entry.size or _digest(content) != entry.sha256:
            refuse(folder, f"{name} is not the file that the manifest describes")
        contents[name] = content
    return manifest, contents


def refuse(folder: Path, why: str) -> NoReturn:
    """Raise the error that says why a folder is not used."""
    raise ArtifactError(f"artifacts in {folder} are refused: {why}; install again or run tailsight train") from None


def _read_manifest(folder: Path) -> Manifest:
    content = _read(folder, MANIFEST, _MANIFEST_LIMIT)
    try:
        body = json.loads(content)
        if body["format"] != _FORMAT:
            refuse(
                folder,
                f"their format is {str(body['format'])[:40]!r}, this version of tailsight reads {_FORMAT!r}",
            )
        files = {str(name): FileEntry(int(e["size"]), str(e["sha256"])) for name, e in body["files"].items()}
        versions = {str(name): str(version) for name, version in body["versions"].items()}
        manifest = Manifest(int(body["schema_version"]), files, versions)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        refuse(folder, f"{MANIFEST} cannot be read")
    if manifest.render() != content:
        refuse(folder, f"{MANIFEST} has been altered")
    if manifest.schema_version != schema.SCHEMA_VERSION:
        theirs, ours = manifest.schema_version, schema.SCHEMA_VERSION
        refuse(folder, f"they are of feature schema {theirs}, this version of tailsight has {ours}")
    if files.keys() != SIZE_LIMITS.keys():
        refuse(folder, f"{MANIFEST} does not list exactly the files of an artifact folder")
    return manifest


def _read(folder: Path, name: str, limit: int) -> bytes:
    try:
        found = (folder / name).stat()
        if not stat.S_ISREG(found.st_mode):
            refuse(folder, f"{name} is not a file")
        if found.st_size > limit:
            refuse(folder, f"{name} is larger than {limit} bytes")
        with (folder / name).open("rb") as file:
            return file.read(limit + 1)
    except FileNotFoundError:
        refuse(folder, f"{name} is missing")
    except OSError as error:
        refuse(folder, f"{name} cannot be read ({error.strerror})")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
