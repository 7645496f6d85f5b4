"""`tailsight train`, from labelled runs to a folder that scores."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.baseline import Baseline
from core.predictor import AnomalyPredictor
from core.training.corpus import read_runs
from tui import cli

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

SHORT = ("--epochs", "1", "--hours", "1", "--healthy-hours", "1", "--validation-hours", "1", "--threads", "1")


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("train") / "artifacts"
    arguments = ["train", "-o", str(folder), "--corpus", str(corpus), *SHORT, "--feature-dropout", "0.25"]
    assert cli.run(arguments) == 0
    return folder


def test_a_trained_folder_is_complete_and_scores(trained: Path, corpus: Path, tmp_path: Path) -> None:
    predictor = AnomalyPredictor(trained)
    assert predictor.info()["parameters"] == 415_873
    report = tmp_path / "report.json"
    assert cli.run(["evaluate", "--corpus", str(corpus), "--artifacts", str(trained), "--json", str(report)]) == 0
    figures = json.loads(report.read_text())["contestants"]["tailsight"]
    assert figures["incidents"] == sum(run.incident and run.split == "val" for run in read_runs(corpus))
    validation = json.loads((trained / "metrics.json").read_text())["validation"]
    assert figures["found"] == validation["found"], "the same runs, the same threshold, the same rules"


def test_the_metrics_contain_the_options(trained: Path) -> None:
    metrics = json.loads((trained / "metrics.json").read_text())
    assert metrics["epochs"] == len(metrics["curve"]["loss"]) == 1
    assert metrics["options"]["feature_dropout"] == 0.25
    assert metrics["simulated_hours"] == 1


def test_the_baseline_is_learned_from_healthy_training_runs_alone(trained: Path, corpus: Path) -> None:
    profiles = {
        stats.name: stats for stats in Baseline.from_bytes((trained / "baseline.json.gz").read_bytes()).deployments
    }
    assert set(profiles) == {"Nova", "Neutron", "simulated"}
    for campaign in ("Nova", "Neutron"):
        healthy = [
            run for run in read_runs(corpus) if run.campaign == campaign and run.split == "train" and run.fault_free
        ]
        assert profiles[campaign].runs == len(healthy)
