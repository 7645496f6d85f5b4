"""`evaluate`: how well a model detects on labelled logs, as tables, JSON, pictures and a page."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import UsageError
from core.support import files
from tui.commands import bulk, options, page, plots, tables
from tui.commands.choice import ModelChoice
from tui.commands.progress import stages
from tui.process.bulk_mode import bulk_mode, network_threads

if TYPE_CHECKING:
    from core.baseline import Baseline
    from core.evaluation.unlabelled import Learn
    from core.learning.site_log import OpenLog
    from core.pipeline import BeginPipeline


@click.command(short_help="Measure a model on labelled logs.")
@options.files("logs", "[LOG]...", required=False)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Evaluate on the labelled runs of a folder with labels.csv and runs.tar.xz.",
)
@click.option("--split", default="val", show_default=True, help="Which runs of the corpus.")
@click.option(
    "--unlabelled",
    is_flag=True,
    help="The LOGs have no labels: count clusters of errors found, and what is flagged while all is quiet.",
)
@click.option(
    "--learn-first-half",
    is_flag=True,
    help="With --unlabelled: also judge the second half of each LOG with a baseline of its first half.",
)
@click.option(
    "--hours",
    "--simulated-hours",
    "hours",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="Hours to simulate, without LOG and --corpus.",
)
@click.option(
    "--seeds",
    type=click.IntRange(min=1),
    metavar="K",
    help="Simulate K clouds, each of all these hours, instead of a cloud for each hour; judge each by itself too.",
)
@click.option("--foreign", is_flag=True, help="Simulate deployments that the model has never seen.")
@click.option("--seed", default=0, show_default=True, help="Seed of the simulation.")
@click.option(
    "--peers", is_flag=True, help="Fit other methods on the training runs of the corpus, and evaluate them too."
)
@click.option(
    "--controls",
    is_flag=True,
    help="Evaluate also without the ERROR records of the corpus, and on its healthy runs cut at random.",
)
@click.option(
    "--ablations",
    type=click.IntRange(min=1),
    metavar="SEEDS",
    help="Train the network without each of its parts in turn, on the corpus, with so many seeds. Takes hours.",
)
@click.option(
    "--continuity",
    type=(click.Path(path_type=Path), click.Path(path_type=Path)),
    metavar="LOG LABELS",
    help="Add the table of earlier work: LogHub's OpenStack_2k.log with labels made by a rule.",
)
@click.option("--json", "report_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the whole report.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw precision against recall, and false episodes per hour against the threshold (.svg, .png, .pdf).",
)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write a page with all tables and pictures (needs matplotlib).",
)
@options.threshold
@options.network
def evaluate(
    logs: tuple[Path, ...],
    corpus: Path | None,
    split: str,
    unlabelled: bool,
    learn_first_half: bool,
    hours: int,
    seeds: int | None,
    foreign: bool,
    seed: int,
    peers: bool,
    controls: bool,
    ablations: int | None,
    continuity: tuple[Path, Path] | None,
    report_file: Path | None,
    plot: Path | None,
    html: Path | None,
    threshold: float | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
) -> int:
    """Measure a model on labelled logs: LOGs that `simulate` wrote, a corpus, or fresh simulated ones.

    With --unlabelled the LOGs are any, each a stream of its own.
    """
    if unlabelled or learn_first_half:
        labelled = (corpus, plot, html, continuity, seeds, ablations, peers or None, controls or None)
        if not unlabelled:
            raise UsageError("--learn-first-half judges logs without labels: add --unlabelled")
        if any(each is not None for each in labelled):
            raise UsageError("--unlabelled goes with LOGs, --learn-first-half, --threshold and --json alone")
        return _judge_unlabelled(
            logs, report_file, threshold, artifacts, device, threads, learn_first_half=learn_first_half
        )
    if corpus is not None and logs:
        raise UsageError("LOG and --corpus exclude each other: give one of the two")
    _check_outputs(report_file, plot, html)
    from core.evaluation.evaluate import EvaluateOptions
    from core.evaluation.evaluate import evaluate as judge

    chosen = EvaluateOptions(
        artifacts=artifacts,
        corpus=corpus,
        split=split,
        logs=logs,
        simulated_hours=hours,
        seeds=seeds or 0,
        foreign=foreign,
        peers=peers,
        controls=controls,
        ablation_seeds=ablations or 0,
        continuity=continuity,
        seed=seed,
        threshold=threshold,
        device=device,
        threads=threads or network_threads(),
    )
    with stages() as progress:
        report = _plain(judge(chosen, progress))
    tables.show(report)
    if report_file is not None:
        _write(report_file, json.dumps(report, indent=2) + "\n")
    if html is not None:
        _write(html, page.render(report))
    if plot is not None:
        plots.save_plot(report, plot)
    return 0


def _check_outputs(report_file: Path | None, plot: Path | None, html: Path | None) -> None:
    """Refuse what cannot be written, before any work is done."""
    for file in (report_file, plot, html):
        if file is not None:
            files.check_file(file, allow_device=True)
    if plot is not None:
        plots.check(plot)
    if html is not None:
        plots.need_matplotlib("--html")


def _judge_unlabelled(
    logs: tuple[Path, ...],
    report_file: Path | None,
    threshold: float | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
    *,
    learn_first_half: bool,
) -> int:
    if not logs:
        raise UsageError("--unlabelled needs a LOG: name the log files to judge")
    sources = [Path(source) for source in bulk.check_sources(logs) if source != "-"]
    if len(sources) < len(logs) or not all(source.is_file() for source in sources):
        raise UsageError("a LOG is read more than once: name files, not standard input or a pipe")
    if report_file is not None:
        files.check_file(report_file, inputs=sources, allow_device=True)
    from core.evaluation.unlabelled import UnlabelledJudge, judge_unlabelled
    from core.predictor import AnomalyPredictor

    choice = ModelChoice(artifacts, device, threads or network_threads(), None, UTC)
    judge = UnlabelledJudge(AnomalyPredictor(artifacts, threshold, device, threads=threads or network_threads()))
    with stages() as progress, bulk_mode():
        rows = judge_unlabelled(judge, sources, _learner(choice) if learn_first_half else None, progress)
    tables.show_unlabelled(rows)
    if report_file is not None:
        _write(report_file, json.dumps(_plain({"logs": [row.to_plain() for row in rows]}), indent=2) + "\n")
    return 0


def _learner(choice: ModelChoice) -> Learn:
    from core.baseline import Baseline
    from core.learning.from_logs import learn_site
    from core.learning.site_log import SiteLog

    def load(site: Baseline | None) -> BeginPipeline:
        return replace(choice, baseline=site).load(follow=False)

    def learn(name: str, sources: Mapping[str, OpenLog], zone: tzinfo | None) -> Baseline:
        learned = learn_site(name, SiteLog(sources, zone), load)
        return Baseline((learned.stats,), learned.calibration)

    return learn


def _write(path: Path, text: str) -> None:
    files.write_file(path, text.encode(), allow_device=True)


def _plain(value: Any) -> Any:
    """Replace what is not a number by None: JSON has no such numbers."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
