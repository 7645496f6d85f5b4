"""The artifact folder: the trained model and all that it needs, none of which can run code.

`verify` needs neither torch nor scikit-learn; `load` and `save` import what they need when they are called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from core.artifacts.manifest import FileEntry, Manifest, verify

if TYPE_CHECKING:
    from core.artifacts.loading import Artifacts
    from core.artifacts.saving import Contents

__all__ = ["FileEntry", "Manifest", "load", "save", "verify"]


def load(path: Path | None = None) -> Artifacts:
    """Verify and read an artifact folder, the shipped one by default; raises `ArtifactError`."""
    from core.artifacts import loading  # noqa: PLC0415 (torch)

    return loading.load(path)


def save(path: Path, contents: Contents) -> Manifest:
    """Write a complete artifact folder, its manifest last; raises `OutputError`, or ValueError for what cannot be."""
    from core.artifacts import saving  # noqa: PLC0415 (torch, scikit-learn)

    return saving.save(path, contents)
