from __future__ import annotations

import numpy as np
import pytest

from core import artifacts
from core.predictor import AnomalyPredictor
from core.scale import LINEAR_BELOW
from tests.helpers.features import as_dictionary, random_events


def test_the_shipped_folder_is_whole() -> None:
    predictor = AnomalyPredictor(device="cpu")
    assert predictor.artifacts.manifest == artifacts.verify()
    assert predictor.info()["parameters"] == 415_873
    assert predictor.info()["epochs"] > 0


@pytest.mark.parametrize("seed", range(3))
def test_the_shipped_model_scores_noise_high(seed: int) -> None:
    # By the curve of the network alone: 0.3 is what a healthy log shows once an hour. That flags little of it, since
    # 0.5 by one detector is a logit that healthy logs reach once in ten hours.
    found = AnomalyPredictor(device="cpu").predict_single_sequence(as_dictionary(random_events(50, seed=seed)), 50)
    assert np.median(found["scores"]) > 0.3


def test_the_shipped_model_scores_what_is_usual_low() -> None:
    predictor = AnomalyPredictor(device="cpu")
    events = random_events(50, gap=1.0)
    numerical, binary, categorical, aggregates = np.split(predictor.artifacts.reference, [14, 22, 28])
    events.numerical[:] = numerical
    events.binary[:] = binary
    events.categorical[:] = categorical
    events.aggregates[:] = aggregates
    found = predictor.predict_single_sequence(as_dictionary(events), 50)
    assert found["num_anomalies"] == 0
    assert found["scores"].max() < LINEAR_BELOW / 2, "far below what comes as often as episodes can be counted"
