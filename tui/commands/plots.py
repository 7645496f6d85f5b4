"""The pictures of an evaluation: a file of their own, or vector graphics for its page."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import UsageError
from core.support import files

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Paint = Callable[["Figure", Mapping[str, Any]], None]

ENDINGS: Final = (".svg", ".png", ".pdf")

_FOUND, _FALSE, _OTHER = "#3b82f6", "#e8590c", "#8a94a6"
"""Colours that differ from each other, and from light and dark paper."""
_INK: Final = "#010203"
"""Stands for the colour of the page's text until the graphic is in the page."""


def need_matplotlib(option: str) -> None:
    """Raise `UsageError` where matplotlib is missing, before any work is done."""
    if find_spec("matplotlib") is None:
        raise UsageError(f"{option} needs matplotlib: install tailsight[plots]")


def check(path: Path) -> None:
    """Raise `UsageError` for a name that does not end as a picture's."""
    if path.suffix not in ENDINGS:
        raise UsageError(f"invalid --plot '{path}' (the name must end in {', '.join(ENDINGS)})")
    need_matplotlib("--plot")


def save_plot(report: Mapping[str, Any], path: Path) -> None:
    """Draw precision against recall of single events, and what each threshold costs and finds."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 4.2), layout="constrained")
    events, thresholds = figure.subplots(1, 2)
    _precision_recall(events, report)
    _thresholds(thresholds, report)
    with files.writing(path, allow_device=True) as out:
        figure.savefig(out, format=path.suffix[1:])


def graphics(report: Mapping[str, Any]) -> dict[str, str]:
    """Draw what the page shows: name -> an SVG element in the page's own font and colour of text."""
    return {
        "contestants": _svg("contestants", _contestants, report, (9.2, 0.8 + 0.32 * len(report["contestants"]))),
        "thresholds": _svg("thresholds", _on_axes(_thresholds), report, (4.9, 3.5)),
        "precision_recall": _svg("precision", _on_axes(_precision_recall), report, (4.9, 3.5)),
    }


def _on_axes(paint: Callable[[Axes, Mapping[str, Any]], None]) -> Paint:
    return lambda figure, report: paint(figure.add_subplot(), report)


def _precision_recall(axes: Axes, report: Mapping[str, Any]) -> None:
    points = report["precision_recall"]
    axes.plot([point["recall"] for point in points], [point["precision"] for point in points], color=_FOUND)
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1.02), ylim=(0, 1.02), title="single events")


def _thresholds(axes: Axes, report: Mapping[str, Any]) -> None:
    curve = report["curve"]
    x = [point["threshold"] for point in curve]
    axes.plot(x, [point["false_episodes_per_hour"] for point in curve], color=_FALSE)
    axes.axvline(report["threshold"], color=_OTHER, linestyle=":")
    axes.set(xlabel="threshold", xlim=(0, 1), title="what each threshold costs and finds")
    axes.set_ylabel("false episodes per hour", color=_FALSE)
    axes.set_yscale("symlog", linthresh=0.1)
    axes.set_ylim(bottom=0)
    found = axes.twinx()
    found.spines.right.set_visible(True)
    found.plot(x, [point["recall"] for point in curve], color=_FOUND)
    found.set(ylim=(0, 1.02))
    found.set_ylabel("incidents found", color=_FOUND)


def _contestants(figure: Figure, report: Mapping[str, Any]) -> None:
    """Share of incidents found, and false episodes per hour with their interval, of each contestant."""
    contestants = report["contestants"]
    places = range(len(contestants))
    found, costs = figure.subplots(1, 2, sharey=True)
    found.barh(places, [figures["recall"] or 0.0 for figures in contestants.values()], color=_FOUND, height=0.55)
    found.set_yticks(places, contestants)
    found.invert_yaxis()
    found.set(xlim=(0, 1), title="share of incidents found")
    for place, figures in zip(places, contestants.values(), strict=True):
        low, high = figures["false_episodes_per_hour_95"]
        if low is not None:
            costs.plot((low, high), (place, place), color=_FALSE)
            costs.plot(figures["false_episodes_per_hour"], place, "o", color=_FALSE)
    costs.axvline(0.1, color=_OTHER, linestyle=":")
    costs.tick_params(axis="y", length=0)
    costs.locator_params(axis="x", nbins=6)
    costs.set(title="false episodes per hour, 95 % interval")
    costs.set_xlim(left=0)


def _svg(name: str, paint: Paint, report: Mapping[str, Any], inches: tuple[float, float]) -> str:
    import matplotlib as mpl
    from matplotlib.figure import Figure

    inked = ("text.color", "axes.edgecolor", "axes.labelcolor", "axes.titlecolor", "xtick.color", "ytick.color")
    settings: dict[Any, Any] = {
        **dict.fromkeys(inked, _INK),
        "svg.fonttype": "none",
        "svg.hashsalt": name,  # what is named inside one graphic must not meet that of another on the page
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlesize": "medium",
        "font.size": 9.5,
    }
    with mpl.rc_context(settings):
        figure = Figure(figsize=inches, layout="constrained")
        paint(figure, report)
        drawn = io.StringIO()
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(drawn, format="svg", transparent=True, metadata=nothing)
    return _embedded(drawn.getvalue())


def _embedded(svg: str) -> str:
    """Make a graphic part of a page: what belongs to a file of its own goes, colours and fonts are the page's."""
    element = svg[svg.index("<svg") :].replace(_INK, "currentColor").replace("xlink:href", "href")
    element = re.sub(r"<style.*?</style>", "", element, flags=re.DOTALL)
    element = re.sub(r' xmlns(?::xlink)?="[^"]*"', "", element)
    element = re.sub(r' id="[\w.]+_\d+"', "", element)  # groups: nothing refers to them, and every graphic has the same
    return re.sub(r'font-family: [^;"]*', "font-family: inherit", element)
