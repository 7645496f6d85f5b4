"""`train`: another model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.support import files
from tui.commands.progress import stages


@click.command(short_help="Train a model.")
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Artifact folder to write; an existing one is replaced when training is done.",
)
@click.option(
    "--corpus",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Labelled runs to train on besides simulated logs: a folder with labels.csv and runs.tar.xz.",
)
@click.option("--hours", "simulated_hours", type=click.IntRange(min=1), help="Simulated hours to train on.")
@click.option("--healthy-hours", type=click.IntRange(min=1), help="Simulated healthy hours for the baseline.")
@click.option("--validation-hours", type=click.IntRange(min=1), help="Simulated hours to calibrate with.")
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the training data.")
@click.option(
    "--feature-dropout",
    type=click.FloatRange(0.0, 1.0, max_open=True),
    metavar="SHARE",
    help="Share of the inputs to drop at random, for faults that the corpus lacks.",
)
@click.option(
    "--seed",
    default=0,
    show_default=True,
    help="Seed of the training; equal seeds give equal models on equal machines.",
)
@click.option("--device", default="cpu", show_default=True, metavar="NAME", help="Where to train: cpu, cuda or mps.")
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Threads for the network.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File that keeps the state of the training; where it exists, training resumes from it.",
)
def train(
    target: Path,
    corpus: Path | None,
    simulated_hours: int | None,
    healthy_hours: int | None,
    validation_hours: int | None,
    epochs: int | None,
    feature_dropout: float | None,
    seed: int,
    device: str,
    threads: int,
    checkpoint: Path | None,
) -> int:
    """Train, calibrate and write a complete artifact folder with its model card.

    Defaults are those of the shipped model.
    """
    files.make_folder(target)
    if checkpoint is not None:
        files.check_file(checkpoint)
    from core.network.device import choose_device
    from core.training.fit import FitOptions
    from core.training.train import TrainOptions
    from core.training.train import train as train_model

    options = TrainOptions(
        output=target,
        corpus=corpus,
        seed=seed,
        threads=threads,
        fit=FitOptions(device=str(choose_device(device)), **_given(epochs=epochs, feature_dropout=feature_dropout)),
        checkpoint=checkpoint,
        **_given(simulated_hours=simulated_hours, healthy_hours=healthy_hours, validation_hours=validation_hours),
    )
    with stages() as progress:
        metrics = train_model(options, progress)
    for name, value in metrics["validation"].items():
        click.echo(f"{name:<34} {value:.4g}" if isinstance(value, float) else f"{name:<34} {value}")
    click.echo(f"written to {target} after {metrics['seconds']} s", err=True)
    return 0


def _given(**options: Any) -> dict[str, Any]:
    """Return the options that were given; the others keep their defaults."""
    return {name: value for name, value in options.items() if value is not None}
