"""`evaluate`: what a model is worth on labelled logs, as tables, JSON and a picture."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.errors import UsageError
from tui.commands import bulk, options, output
from tui.commands.progress import stages

if TYPE_CHECKING:
    from rich.table import Table


@click.command(short_help="Measure a model on labelled logs.")
@options.files("logs", "[LOG]...", required=False)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Judge the labelled runs of a folder with labels.csv and runs.tar.xz.",
)
@click.option("--split", default="val", show_default=True, help="Which of its runs.")
@click.option(
    "--hours", type=click.IntRange(min=1), default=12, show_default=True, help="Without LOG and --corpus: to simulate."
)
@click.option("--foreign", is_flag=True, help="Simulate deployments that the model has never seen.")
@click.option("--seed", default=0, show_default=True, help="Of the simulation.")
@click.option("--json", "report_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the whole report.")
@click.option(
    "--plot",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Draw precision against recall, and false episodes per hour against the threshold (.svg, .png, .pdf).",
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
    report_file: Path | None,
    plot: Path | None,
    threshold: float | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
) -> int:
    """Measure a model on labelled logs: LOGs that `simulate` wrote, a corpus, or fresh simulated ones."""
    if corpus is not None and logs:
        raise UsageError("LOG and --corpus both say what to judge: give one of the two")
    for file in (report_file, plot):
        if file is not None:
            output.check_file(file)
    if plot is not None:
        from tui.commands import plots

        plots.check(plot)
    from core.training.evaluate import EvaluateOptions
    from core.training.evaluate import evaluate as judge

    chosen = EvaluateOptions(
        artifacts=artifacts,
        corpus=corpus,
        split=split,
        logs=logs,
        simulated_hours=hours,
        foreign=foreign,
        seed=seed,
        threshold=threshold,
        device=device,
        threads=threads or bulk.threads(),
    )
    with stages() as progress:
        report = judge(chosen, progress)
    _show(report)
    if report_file is not None:
        text = json.dumps(_plain(report), indent=2) + "\n"
        with output.opened(report_file) as out:
            out.write(text.encode())
    if plot is not None:
        plots.draw(report, plot)
    return 0


def _show(report: dict[str, Any]) -> None:
    """Print the tables; a pipe gets them without colour, as wide as they are."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    events = report["events"]
    console.print(f"threshold {report['threshold']:.2f}", highlight=False)
    console.print(_events_table(events))
    names = ("accuracy", "precision", "recall", "f1", "average_precision")
    console.print("  ".join(f"{name} {_number(events[name])}" for name in names), highlight=False)
    console.print(_detectors_table(report["detectors"]))
    if report["kinds"]:
        console.print(_kinds_table(report["kinds"]))


def _events_table(events: dict[str, Any]) -> Table:
    from rich.table import Table

    table = Table("events", "flagged", "not flagged", box=None, pad_edge=False)
    for name, hit, miss in (
        ("of an incident", "true_positives", "false_negatives"),
        ("others", "false_positives", "true_negatives"),
    ):
        table.add_row(name, f"{events[hit]:,}", f"{events[miss]:,}")
    return table


def _detectors_table(detectors: dict[str, dict[str, Any]]) -> Table:
    from rich.table import Table

    table = Table("detector", "found", "silent found", "delay s", "false episodes/h", "95 %", box=None, pad_edge=False)
    for name, figures in detectors.items():
        low, high = figures["false_episodes_per_hour_95"]
        table.add_row(
            name,
            f"{figures['found']}/{figures['incidents']}",
            f"{figures['silent_found']}/{figures['silent']}",
            _number(figures["median_delay_seconds"]),
            _number(figures["false_episodes_per_hour"]),
            f"{_number(low)} to {_number(high)}",
        )
    return table


def _kinds_table(kinds: dict[str, dict[str, int]]) -> Table:
    from rich.table import Table

    table = Table("incident", "found", "cause named", box=None, pad_edge=False)
    for kind, count in kinds.items():
        table.add_row(kind, f"{count['found']}/{count['incidents']}", str(count["named"]))
    return table


def _number(value: float | None) -> str:
    """Three digits; a dash for what cannot be told."""
    return "-" if value is None or math.isnan(value) else f"{value:.3g}"


def _plain(value: Any) -> Any:
    """The same with null for what is not a number, which JSON does not have."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
