"""The artifact folder: the trained model and all that scoring needs, in files that cannot run code.

`core.artifacts.loading` needs torch, `core.artifacts.saving` scikit-learn too; `verify` needs neither.
"""

from __future__ import annotations

from core.artifacts.manifest import FileEntry, Manifest, verify

__all__ = ["FileEntry", "Manifest", "verify"]
