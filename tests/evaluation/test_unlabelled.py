"""Logs without labels, from the file to the rows that the command prints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from functools import partial
from pathlib import Path

import pytest

from core.baseline import Baseline
from core.evaluation.unlabelled import (
    COLD,
    COLD_SECOND_HALF,
    FIRST_HALF_LEARNED,
    Learn,
    UnlabelledJudge,
    judge_unlabelled,
    log_markdown,
    pooled_dial,
)
from core.learning.from_logs import learn_site
from core.learning.site_log import OpenLog, SiteLog
from core.pipeline import load_pipeline
from core.predictor import AnomalyPredictor
from tui import cli

pytestmark = pytest.mark.timeout(120)

_START = 1_500_000_000


def line(second: float, level: str, message: str) -> str:
    stamp = datetime.fromtimestamp(_START + second, UTC).replace(tzinfo=None).isoformat(" ", "milliseconds")
    return f"{stamp} 2931 {level} nova.compute.manager [-] {message}\n"


@pytest.fixture
def outage(tmp_path: Path) -> Path:
    """Two quiet hours, and a cluster of three errors near the end of each."""
    lines = [line(30.0 * step, "INFO", "Running periodic task") for step in range(240)]
    for hour in range(2):
        lines += [line(3600.0 * hour + 3510.5 + step, "ERROR", "Cannot reach the broker") for step in range(3)]
    path = tmp_path / "nova-compute.log"
    path.write_text("".join(sorted(lines)))
    return path


@pytest.fixture
def judge() -> UnlabelledJudge:
    return UnlabelledJudge(AnomalyPredictor(None, 0.5, "cpu"))


@pytest.fixture
def learn() -> Learn:
    def learn(name: str, sources: Mapping[str, OpenLog], zone: tzinfo | None) -> Baseline:
        load = partial(load_pipeline, device="cpu", follow=False)
        learned = learn_site(name, SiteLog(sources, zone), lambda site: load(site=site))
        return Baseline((learned.stats,), learned.calibration)

    return learn


def test_a_log_is_judged_cold_and_its_second_half_with_the_first_one_learned(
    judge: UnlabelledJudge, learn: Learn, outage: Path
) -> None:
    rows = judge_unlabelled(judge, [outage], learn)
    assert [(row.mode, row.figures.events, row.figures.clusters.of) for row in rows] == [
        (COLD, 246, 2),
        (COLD_SECOND_HALF, 123, 1),
        (FIRST_HALF_LEARNED, 123, 1),
    ]
    # Of each hour the ten minutes before the cluster are not quiet, nor of the second the ten minutes after the first.
    quiet = [row.figures.quiet.hours * 3600 for row in rows]
    assert quiet == pytest.approx([2 * 3510.5 - 600 - 512.5 - 600, 3510 - 600 - 512, 3510 - 600 - 512])
    assert log_markdown(rows).count("\n") == 5
    assert pooled_dial(rows, COLD)[0].found.of == 2


def test_without_learning_there_is_one_row_a_log(judge: UnlabelledJudge, outage: Path) -> None:
    assert [row.mode for row in judge_unlabelled(judge, [outage, outage])] == [COLD, COLD]


def test_a_first_half_that_teaches_nothing_leaves_the_log_judged_cold(
    judge: UnlabelledJudge, learn: Learn, tmp_path: Path
) -> None:
    path = tmp_path / "odd.log"
    path.write_text("nothing\n" * 4 + line(0.0, "INFO", "Running periodic task") * 4)
    assert [row.mode for row in judge_unlabelled(judge, [path], learn)] == [COLD]


def test_the_command_prints_the_tables_and_writes_the_figures(
    outage: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    options = ["--unlabelled", "--learn-first-half", "--json", str(report)]
    assert cli.run(["evaluate", str(outage), *options]) == 0
    shown = capsys.readouterr().out
    assert shown.count("first half learned") == 3  # figures, flagged events, and the dial of all logs
    assert "2/2" in shown or "1/2" in shown or "0/2" in shown
    rows = json.loads(report.read_text())["logs"]
    assert [row["mode"] for row in rows] == [COLD, COLD_SECOND_HALF, FIRST_HALF_LEARNED]
    assert len(rows[0]["dial"]) == 7
