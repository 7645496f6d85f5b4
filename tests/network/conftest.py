from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from core.network.device import torch_threads
from core.network.model import Transformer
from core.predictor import AnomalyPredictor
from tests.helpers.artifact import build_artifact


@pytest.fixture(scope="session")
def artifact_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_artifact(tmp_path_factory.mktemp("artifact"))


@pytest.fixture(scope="session")
def shared_predictor(artifact_folder: Path) -> AnomalyPredictor:
    """For properties, which cannot take one for each example; not to be altered."""
    return AnomalyPredictor(artifact_folder, device="cpu")


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    """Keep PyTorch's threads from waiting for cores that other tests use."""
    with torch_threads(1, events=1):
        yield


@pytest.fixture
def predictor(artifact_folder: Path) -> AnomalyPredictor:
    return AnomalyPredictor(artifact_folder, device="cpu")


@pytest.fixture(scope="session")
def network() -> Transformer:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return Transformer().eval().requires_grad_(requires_grad=False)
