"""The pictures of an evaluation."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from core.errors import OutputError, UsageError

ENDINGS = (".svg", ".png", ".pdf")


def check(path: Path) -> None:
    """Raise `UsageError` where nothing could be drawn, before work is done for it."""
    if path.suffix not in ENDINGS:
        raise UsageError(f"--plot {path}: the name must end in {', '.join(ENDINGS)}")
    if find_spec("matplotlib") is None:
        raise UsageError("--plot needs matplotlib: install tailsight[plots]")


def draw(report: dict[str, Any], path: Path) -> None:
    """Draw precision against recall of single events, and what each threshold costs and finds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    events, thresholds = figure.subplots(1, 2)
    points = report["precision_recall"]
    events.plot([point["recall"] for point in points], [point["precision"] for point in points])
    events.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02), title="single events")
    curve = report["curve"]
    x = [point["threshold"] for point in curve]
    thresholds.plot(x, [point["false_episodes_per_hour"] for point in curve], color="tab:red")
    thresholds.axvline(report["threshold"], color="grey", linestyle=":")
    thresholds.set(xlabel="threshold", ylabel="false episodes per hour (red)", xlim=(0, 1), title="episodes")
    thresholds.set_yscale("symlog", linthresh=0.1)
    found = thresholds.twinx()
    found.plot(x, [point["recall"] for point in curve], color="tab:blue")
    found.set(ylabel="incidents found (blue)", ylim=(0, 1.02))
    try:
        figure.savefig(path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written ({error.strerror}): choose another place") from error
