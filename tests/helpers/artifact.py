"""A complete artifact folder with random weights, for tests that need a model but not a good one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from core import schema
from core.artifacts.saving import ArtifactContents, fit_scalers, save_artifacts
from core.baseline import Baseline
from core.network.model import Transformer
from tests.helpers.calibration import straight_calibration


def build_artifact(folder: Path, *, seed: int = 0, baseline: Baseline | None = None, is_calm: bool = False) -> Path:
    """Write a folder whose scores are spread over 0 to 1, or whose network is calm; the same seed, the same scores."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = Transformer()
    with torch.no_grad():
        model.get_parameter("logit.weight").mul_(0.1 if is_calm else 8.0)
        model.get_parameter("logit.bias").sub_(6.0 if is_calm else 0.0)
    random = np.random.default_rng(seed)
    low = np.array([feature.low for feature in schema.NUMERICAL])
    high = np.array([feature.high for feature in schema.NUMERICAL])
    save_artifacts(
        folder,
        ArtifactContents(
            model=model,
            scalers=fit_scalers(random.uniform(low, high, size=(200, len(low)))),
            reference=np.zeros(len(schema.FEATURE_NAMES)),
            baseline=(baseline or Baseline()).to_bytes(),
            calibration=straight_calibration().to_plain(),
            metrics={"epochs": 0, "validation": {}},
            card="# Random weights\n\nFor tests alone.\n",
        ),
    )
    return folder
