"""Paths of the files shipped with tailsight: beside `core` in a source tree, inside it when installed."""

from __future__ import annotations

from pathlib import Path
from typing import Final

_CORE: Final = Path(__file__).resolve().parents[1]


def artifacts_path() -> Path:
    """Return the folder of the shipped model."""
    return _shipped("artifacts")


def sample_logs_path() -> Path:
    """Return the folder of the sample logs."""
    return _shipped("sample_logs")


def sample_logs() -> dict[str, Path]:
    """Return the sample logs by name, in the order of the alphabet: files, and folders with the logs of a host."""
    found = sorted(sample_logs_path().iterdir())
    return {path.stem: path for path in found if path.suffix == ".log" or path.is_dir()}


def _shipped(name: str) -> Path:
    installed = _CORE / "_data" / name
    return installed if installed.is_dir() else _CORE.parent / name
