"""A whole evaluation of a tiny corpus: benchmarks, controls, and the output of the command."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from core.decision.calibration import Calibration
from core.decision.reasons import feature_group_masks
from core.errors import SourceError, UsageError
from core.evaluation.ablate import ablate
from core.evaluation.benchmark import held_out_campaign, held_out_faults, training_arrays
from core.evaluation.continuity import NOTE
from core.evaluation.controls import Truncation
from core.evaluation.evaluate import EvaluateOptions, evaluate
from core.evaluation.judge import Judge
from core.predictor import AnomalyPredictor
from core.schema import BINARY_NAMES
from core.training.corpus import LabelledStream, read_logs, read_runs, read_streams
from core.training.dataset import Scaling
from core.training.fit import FitOptions
from tests.helpers.cloud import healthy_compiled
from tui import cli

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

Material = tuple[list[LabelledStream], Scaling]
"""The data of benchmarks: the labelled runs of the corpus, and the scaling of a model."""

LABELLED = """\
nova-api.log 2017-05-16 00:00:00.008 25746 INFO nova.osapi_compute.wsgi.server [req-1 - - - - -] 10.11.10.1 \
"GET /v2/54fadb/servers/detail HTTP/1.1" status: 200 len: 1893 time: 0.2477829
nova-api.log 2017-05-16 00:00:01.008 25746 INFO nova.osapi_compute.wsgi.server [req-2 - - - - -] 10.11.10.1 \
"GET /v2/54fadb/servers/detail HTTP/1.1" status: 404 len: 1893 time: 0.2477829
nova-api.log 2017-05-16 00:00:02.008 25746 INFO nova.osapi_compute.wsgi.server [req-3 - - - - -] 10.11.10.1 \
"GET /v2/54fadb/servers/detail HTTP/1.1" status: 200 len: 1893 time: 0.5077829
nova-compute.log 2017-05-16 00:00:03.266 2931 INFO nova.compute.resource_tracker [req-4 - - - - -] Final resource \
view: name=cp-1 phys_ram=64172MB used_ram=2560MB phys_disk=15GB used_disk=20GB
nova-compute.log 2017-05-16 00:00:04.266 2931 WARNING nova.virt.libvirt.imagecache [req-4 - - - - -] Unknown base file
"""


@pytest.fixture(scope="module")
def judge(model: Path) -> Judge:
    predictor = AnomalyPredictor(model)
    groups = feature_group_masks()
    calibration = Calibration.from_plain(predictor.artifacts.calibration)
    return Judge(healthy_compiled(), lambda: predictor.stream(groups), calibration, predictor.threshold)


@pytest.fixture(scope="module")
def written(model: Path, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with all that one run of the command writes."""
    folder = tmp_path_factory.mktemp("written")
    (folder / "few.log").write_text(LABELLED)
    (folder / "labels.csv").write_text("line,event_id,is_anomaly\n1,E,0\n2,E,1\n3,E,1\n4,E,1\n5,E,1\n")
    names = ["--json", "report.json", "--html", "page.html", "--plot", "curves.svg"]
    files = [str(folder / name) if "." in name else name for name in names]
    more = ["--peers", "--controls", "--continuity", str(folder / "few.log"), str(folder / "labels.csv")]
    assert cli.run(["evaluate", "--corpus", str(corpus), "--artifacts", str(model), *more, *files]) == 0
    return folder


@pytest.fixture
def report(written: Path) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads((written / "report.json").read_text())
    return plain


def test_every_detector_is_evaluated_on_the_same_incidents(report: dict[str, Any]) -> None:
    assert len(report["contestants"]) == 8
    assert {figures["incidents"] for figures in report["contestants"].values()} == {2}
    assert len({figures["healthy_hours"] for figures in report["contestants"].values()}) == 1


def test_fewer_flags_count_below_error_than_in_all(report: dict[str, Any]) -> None:
    ours, below = report["contestants"]["tailsight"], report["info_and_warning"]["flags_below_error"]
    assert below["found"] <= ours["found"]
    assert set(report["info_and_warning"]) == {"flags_below_error", "error_records_removed"}


def test_the_rule_behind_the_labels_of_earlier_work_scores_full_marks_on_them(report: dict[str, Any]) -> None:
    table = report["continuity"]
    assert table["all"]["rule"]["f1"] == 1.0
    assert (table["all"]["events"], table["all"]["labelled"]) == (5, 4)
    assert table["note"] == NOTE


def test_the_page_holds_everything_and_fetches_and_runs_nothing(written: Path) -> None:
    text = (written / "page.html").read_text()
    assert re.search(r"https?://|<script|<link|<img|url\((?!#)", text) is None
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)

    Reader().feed(text)
    assert (tags.count("svg"), tags.count("table")) == (3, 4)


def test_no_name_in_one_graphic_of_the_page_is_taken_by_another(written: Path) -> None:
    names = re.findall(r'\bid="([^"]+)"', (written / "page.html").read_text())
    assert len(names) == len(set(names))


def test_what_comes_from_a_file_name_is_text_on_the_page(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.run(["simulate", "<b>&.log", "--hours", "0.02"]) == 0
    assert cli.run(["evaluate", "<b>&.log", "--artifacts", str(model), "--html", "page.html"]) == 0
    text = (tmp_path / "page.html").read_text()
    assert "<b>&.log" not in text
    assert "&lt;b&gt;&amp;.log" in text


def test_a_log_whose_errors_are_removed_has_no_error_left(judge: Judge, corpus: Path) -> None:
    runs = {run.file: run for run in read_runs(corpus) if run.incident and run.split == "val"}
    for run, lines in read_logs(corpus, runs):
        whole, without = judge.run(run, lines), judge.run_without_errors(run, lines)
        severe = whole.features.binary[:, 4] > 0
        assert len(without.scores) == len(whole.outcome.scores) - severe.sum()


def test_the_end_of_a_cut_run_raises_nothing_that_the_whole_run_did_not(judge: Judge, corpus: Path) -> None:
    runs = {run.file: run for run in read_runs(corpus) if run.fault_free}
    control = Truncation(seed=3)
    for run, lines in read_logs(corpus, runs):
        control.add(judge, judge.run(run, lines), lines)
    assert control.runs == len(runs)
    assert control.ends_early.newly_flagged == 0
    assert control.ends_early.episodes <= control.ends_early.whole_episodes


@pytest.fixture(scope="module")
def material(corpus: Path, model: Path) -> Material:
    runs = [run for run in read_runs(corpus) if run.fault_free or run.incident]
    artifacts = AnomalyPredictor(model).artifacts
    return read_streams(corpus, runs, lambda *_: None), (artifacts.means, artifacts.scales)


def test_a_held_out_campaign_is_evaluated_whole_and_not_trained_on(material: Material) -> None:
    streams, scaling = material
    runs = [stream.run for stream in streams]
    benchmark = held_out_campaign("Neutron", streams, (), scaling, lambda *_: None)
    evaluated = [stream.name for stream in benchmark.evaluation.streams]
    assert evaluated == [run.file for run in runs if run.campaign == "Neutron"]
    assert len(benchmark.train.bounds) == sum(run.campaign == "Nova" and run.split == "train" for run in runs)
    table = ablate(
        benchmark, (0, 1), contestants=("the whole network", "logistic regression"), budget=FitOptions(epochs=1)
    )
    assert table["incidents"] == 2
    assert [figures["found"]["high"] <= 2 for figures in table["contestants"].values()] == [True, True]


def test_held_out_faults_are_evaluated_with_a_baseline_that_knows_the_deployment(material: Material) -> None:
    streams, scaling = material
    runs = [stream.run for stream in streams]
    benchmark = held_out_faults("Neutron", streams, (), scaling, lambda *_: None)
    train = [run for run in runs if run.split == "train" and (run.campaign == "Nova" or run.fault_free)]
    assert len(benchmark.train.bounds) == len(train)
    assert [stream.name for stream in benchmark.evaluation.streams] == [
        run.file for run in runs if run.campaign == "Neutron" and (run.incident or run.split == "val")
    ]
    known = benchmark.evaluation.arrays.binary[:, BINARY_NAMES.index("new_template")] == 0
    assert known.float().mean() > 0.9, "what is usual there has been learned"


def test_a_corpus_without_training_runs_is_one_line(corpus: Path, model: Path) -> None:
    predictor = AnomalyPredictor(model)
    streams = read_streams(corpus, [run for run in read_runs(corpus) if run.split == "val"], lambda *_: None)
    with pytest.raises(SourceError, match="'train'"):
        training_arrays(streams, (), (predictor.artifacts.means, predictor.artifacts.scales), lambda *_: None)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (EvaluateOptions(peers=True), UsageError),
        (EvaluateOptions(controls=True), UsageError),
        (EvaluateOptions(corpus=Path(), peers=True, split="train"), UsageError),
        (EvaluateOptions(corpus=Path("nowhere"), peers=True), SourceError),
    ],
)
def test_options_that_need_other_runs_are_errors(options: EvaluateOptions, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"--corpus|--split|a corpus is"):
        evaluate(options)


def test_each_simulated_seed_is_one_cloud_of_all_hours(model: Path) -> None:
    found = evaluate(EvaluateOptions(artifacts=model, simulated_hours=1, seeds=2, seed=3))
    assert [row["name"] for row in found["clouds"]] == ["seed-9003000.log", "seed-9003001.log", "all"]
    first, second, both = found["clouds"]
    assert both["false"]["hours"] == pytest.approx(first["false"]["hours"] + second["false"]["hours"])
    healthy = found["contestants"]["tailsight"]["healthy_hours"]
    assert healthy == pytest.approx(both["false"]["hours"], abs=0.01), "one count of the healthy hours"
    assert both["found"]["of"] == sum(count["incidents"] for count in found["kinds"].values())
    assert [row["threshold"] for row in found["dial"]] == [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]
    assert found["dial"][3]["found"] == both["found"], "the dial at the threshold is the figure of all clouds"
