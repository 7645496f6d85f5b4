"""`evaluate`: how well a model detects on labelled logs, as tables, JSON, pictures and a page."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from core.errors import UsageError
from core.support import files
from tui.commands import options, page, plots, tables
from tui.commands.progress import stages
from tui.process.bulk_mode import network_threads


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
    "--hours",
    type=click.IntRange(min=1),
    default=12,
    show_default=True,
    help="Hours to simulate, without LOG and --corpus.",
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
    hours: int,
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
    """Measure a model on labelled logs: LOGs that `simulate` wrote, a corpus, or fresh simulated ones."""
    if corpus is not None and logs:
        raise UsageError("LOG and --corpus exclude each other: give one of the two")
    for file in (report_file, plot, html):
        if file is not None:
            files.check_file(file, allow_device=True)
    if plot is not None:
        plots.check(plot)
    if html is not None:
        plots.need_matplotlib("--html")
    from core.evaluation.evaluate import EvaluateOptions
    from core.evaluation.evaluate import evaluate as judge

    chosen = EvaluateOptions(
        artifacts=artifacts,
        corpus=corpus,
        split=split,
        logs=logs,
        simulated_hours=hours,
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


def _write(path: Path, text: str) -> None:
    files.write_file(path, text.encode(), allow_device=True)


def _plain(value: Any) -> Any:
    """Replace what is not a number by None: JSON has no such numbers."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
