from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from core.network.device import choose_device
from core.predictor import AnomalyPredictor
from tests.helpers.features import as_dictionary, random_events

TOLERANCE = 1e-4


@pytest.fixture
def elsewhere(artifact_folder: Path) -> AnomalyPredictor:
    predictor = AnomalyPredictor(artifact_folder)
    if predictor.device.type == "cpu":
        pytest.skip("no GPU here")
    return predictor


def test_auto_is_mps_then_cuda_then_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    for mps, cuda, expected in ((True, True, "mps"), (False, True, "cuda"), (False, False, "cpu")):
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda mps=mps: mps)
        monkeypatch.setattr(torch.cuda, "is_available", lambda cuda=cuda: cuda)
        assert choose_device().type == expected


def test_a_gpu_gives_the_scores_of_the_cpu(elsewhere: AnomalyPredictor, predictor: AnomalyPredictor) -> None:
    events = as_dictionary(random_events(3, 200, gap=4.0))
    _, there = elsewhere.predict(events, return_scores=True)
    _, here = predictor.predict(events, return_scores=True)
    assert there is not None
    assert here is not None
    assert np.allclose(there, here, atol=TOLERANCE, rtol=0)


def test_a_gpu_streams_and_explains_as_the_cpu_does(elsewhere: AnomalyPredictor, predictor: AnomalyPredictor) -> None:
    there, here = elsewhere.stream(), predictor.stream()
    for seed in range(3):
        events = random_events(70, gap=4.0, seed=seed)
        theirs, ours = there.score(events, explain_from=0.0), here.score(events, explain_from=0.0)
        assert np.allclose(theirs.logits, ours.logits, atol=1e-3, rtol=0)
        assert np.allclose(theirs.logit_drops, ours.logit_drops, atol=1e-3, rtol=0)
