"""The page of an evaluation: one HTML file that is complete in itself: no scripts, nothing fetched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from tui.commands import plots
from tui.commands.tables import number

_OPTIONAL: Final = {"training_sample": None, "truncation": None, "continuity": None, "ablations": ()}


def render(report: Mapping[str, Any]) -> str:
    """Return the page; `report` is that of `evaluate`, with None for what is not a number."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    ours = next(iter(report["contestants"].values()))
    return environment.get_template("page.html.j2").render(
        {**_OPTIONAL, **report, "ours": ours, "subject": _subject(report["input"]), "graphics": plots.graphics(report)}
    )


def _subject(given: Mapping[str, Any]) -> str:
    """Name what was evaluated."""
    if "corpus" in given:
        return f"the {given['split']} runs of {given['corpus']}"
    if "logs" in given:
        return ", ".join(given["logs"])
    clouds = f"{given['seeds']} simulated clouds, each of " if given["seeds"] else ""
    return f"{clouds}{given['simulated_hours']} {'hours' if clouds else 'simulated hours'}" + (
        " of foreign clouds" if given["foreign"] else ""
    )
