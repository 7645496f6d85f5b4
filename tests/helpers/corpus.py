"""A tiny labelled corpus, and a model with random weights."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.simulate import Deployment, Scenario, simulate
from tests.helpers.artifact import build_artifact
from tests.helpers.cloud import healthy_baseline

COLUMNS = (
    *("file", "campaign", "test", "round", "split", "label", "trigger", "client_failure", "failed_request_ids"),
    *("first", "silent"),
)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An artifact folder with random weights and the baseline of the simulated cloud."""
    return build_artifact(tmp_path_factory.mktemp("training") / "model", baseline=healthy_baseline())


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two campaigns, each with a healthy and a failed run for training, and the same for validation."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "runs").mkdir()
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS, restval="")
        table.writeheader()
        for number, (campaign, split) in enumerate((c, s) for c in ("Nova", "Neutron") for s in ("train", "val")):
            table.writerow(_run(folder, campaign, split, 2 * number, ""))
            table.writerow(_run(folder, campaign, split, 2 * number + 1, "port_binding_failed"))
    return folder


def _run(folder: Path, campaign: str, split: str, seed: int, incident: str) -> dict[str, object]:
    """Write one run; its row of the table."""
    scenario = Scenario(
        seed=seed,
        duration_s=120.0,
        start=datetime(2026, 3, 3, 9 + seed, tzinfo=UTC),
        deployment=Deployment.typical(),
        incidents=[(incident, 60.0)] if incident else (),
    )
    records = list(simulate(scenario))
    name = f"{campaign}_{seed}.log"
    (folder / "runs" / name).write_text("".join(f"{line}\n" for record in records for line in record.lines))
    row = {"file": name, "campaign": campaign, "test": seed, "split": split, "silent": 0}
    row |= {"first": _stamp(records[0].timestamp), "round": 1 if incident else 2}
    wrong = [record for record in records if record.incident]
    if not incident:
        return {**row, "label": "NO_FAILURE"}
    requests = {record.request_id for record in wrong if record.request_id}
    assert requests
    return {
        **row,
        "label": "FAILURE",
        "trigger": _stamp(wrong[0].timestamp),
        "client_failure": _stamp(wrong[-1].timestamp),
        "failed_request_ids": ";".join(sorted(requests)),
    }


def _stamp(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="milliseconds")
