from __future__ import annotations

import numpy as np

from core import artifacts
from core.predictor import AnomalyPredictor
from tests.helpers.features import as_dictionary, random_events


def test_the_shipped_folder_is_whole() -> None:
    predictor = AnomalyPredictor(device="cpu")
    assert predictor.artifacts.manifest == artifacts.verify()
    assert predictor.info()["parameters"] == 415_873
    assert predictor.info()["epochs"] > 0


def test_the_shipped_model_scores_noise_high() -> None:
    predictor = AnomalyPredictor(device="cpu")
    assert predictor.predict_single_sequence(as_dictionary(random_events(50)), 50)["num_anomalies"] > 25


def test_the_shipped_model_scores_what_is_usual_low() -> None:
    predictor = AnomalyPredictor(device="cpu")
    events = random_events(50, gap=1.0)
    numerical, binary, categorical, aggregates = np.split(predictor.artifacts.reference, [14, 22, 28])
    events.numerical[:] = numerical
    events.binary[:] = binary
    events.categorical[:] = categorical
    events.aggregates[:] = aggregates
    assert predictor.predict_single_sequence(as_dictionary(events), 50)["num_anomalies"] == 0
