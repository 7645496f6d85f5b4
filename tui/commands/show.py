"""`info` and `config`: what the model is, and which settings are in effect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import click

from core.errors import UsageError
from tui.commands import options


@click.command(short_help="What the model is.")
@options.model
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def info(artifacts: Path | None, device: str, threads: int | None, baseline: Path | None, as_json: bool) -> None:
    """Show the model: its size, training, calibration, files and versions."""
    from core.baseline import Baseline
    from core.decision.calibration import Calibration
    from core.decision.record import StreamRecord
    from core.events import CalibratedBy, Origin
    from core.predictor import AnomalyPredictor
    from tui.look.meaning import WHOSE

    predictor = AnomalyPredictor(artifacts, device=device, threads=threads or 1)
    record = None if baseline is None else StreamRecord.of_site(Baseline.read(baseline).calibration)
    by = CalibratedBy(Origin.SHIPPED) if record is None else CalibratedBy(Origin.SITE, record.hours)
    calibration = Calibration.from_plain(predictor.artifacts.calibration)
    dial: list[dict[str, float | None]] = [{"threshold": at, **calibration.at(at)._asdict()} for at in _THRESHOLDS]
    if record is not None:
        # What share of the incidents is found was measured by the shipped calibration.
        dial = [{**point, "recall": None} for point in dial]
    facts = {
        **predictor.info(),
        "baseline": str(baseline) if baseline else None,
        "calibrated_by": {"origin": by.origin.value, "hours": round(by.hours, 1)},
        "calibration": dial,
    }
    if as_json:
        click.echo(json.dumps(facts, indent=2))
        return
    del facts["calibration"]
    for name, value in _flat(facts):
        click.echo(f"{name:<34} {value}")
    hours = f", of {by.hours:.0f} hours of its logs" if record is not None else ""
    beside = "" if record is not None else "; services that it does not know: by the log's own past"
    click.echo(f"\nby {WHOSE[by.origin][0]}{hours}{beside}")
    click.echo(f"{'threshold':>9}  {'false episodes/h':>16}  {'recall':>6}")
    for point in dial:
        recall = f"{'-':>6}" if point["recall"] is None else f"{point['recall']:>6.0%}"
        click.echo(f"{point['threshold']:>9.1f}  {point['false_per_hour']:>16.3g}  {recall}")


@click.command(short_help="The settings in effect.")
@click.option("--print", "printed", is_flag=True, help="Print the settings in effect as a file to edit.")
@options.config
def config(printed: bool, config: Path | None) -> None:
    """Show the settings: theme, threshold, keys, columns, filters, alerts."""
    from tui.config import default_config_path, load_config, render_config

    if not printed:
        raise UsageError(f"config needs --print; the settings are in {config or default_config_path()}")
    click.echo(render_config(load_config(config), config), nl=False)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Flatten nested values, `a.b` for b in a."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", f"{value:.4g}" if isinstance(value, float) else str(value)


_THRESHOLDS: Final = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
