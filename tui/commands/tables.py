"""The tables of an evaluation, as a terminal shows them."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.table import Table

    from core.evaluation.unlabelled import LogRow

Report = Mapping[str, Any]

_FLAGGED_FROM: Final = 10
"""Column of `LOG_COLUMNS` from which on flagged events are counted."""


def number(value: float | None) -> str:
    """Format with three digits; a dash where there is no value."""
    return "-" if value is None or math.isnan(value) else f"{value:.3g}"


def show(report: Report) -> None:
    """Print all tables; into a pipe without colour and at full width."""
    from rich.console import Console

    console = Console(width=None if sys.stdout.isatty() else 160)
    events = report["events"]
    console.print(f"threshold {report['threshold']:.2f}", highlight=False)
    console.print(_events(events))
    names = ("accuracy", "precision", "recall", "f1", "average_precision")
    console.print("  ".join(f"{name} {number(events[name])}" for name in names), highlight=False)
    tables = [_contestants("contestant", report["contestants"])]
    tables.append(_contestants("INFO and WARNING lines alone", report["info_and_warning"]))
    if "truncation" in report:
        tables.append(_truncation(report["truncation"]))
    if report["kinds"]:
        tables.append(_kinds(report["kinds"]))
    if report.get("dial"):
        tables.append(_dial(report["dial"]))
    if report.get("clouds"):
        tables.append(_clouds(report["clouds"]))
    tables += [_ablation(table) for table in report.get("ablations", ())]
    for table in tables:
        console.print()
        console.print(table)
    if "continuity" in report:
        console.print()
        console.print(_continuity(report["continuity"]))
        console.print(report["continuity"]["note"], highlight=False)


def show_unlabelled(rows: Sequence[LogRow]) -> None:
    """Print the figures of logs without labels, and the dial of each mode over all of them."""
    from rich.console import Console

    from core.evaluation.dial import DIAL_COLUMNS
    from core.evaluation.unlabelled import LOG_COLUMNS, pooled_dial

    console = Console(width=None if sys.stdout.isatty() else 200, soft_wrap=False)
    names, figures = LOG_COLUMNS[:2], LOG_COLUMNS[2:_FLAGGED_FROM]
    cells = [row.cells() for row in rows]
    console.print(_filled((*names, *figures), [row[:_FLAGGED_FROM] for row in cells]))
    console.print()
    console.print("flagged events by threshold", highlight=False)
    flagged = [(*row[:2], *row[_FLAGGED_FROM:]) for row in cells]
    console.print(_filled((*names, *LOG_COLUMNS[_FLAGGED_FROM:]), flagged))
    for mode in dict.fromkeys(row.mode for row in rows):
        console.print()
        console.print(f"all logs, {mode}: quiet time counts as healthy, clusters as incidents", highlight=False)
        console.print(_filled(DIAL_COLUMNS, [row.cells() for row in pooled_dial(rows, mode)]))


def _filled(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    from rich.text import Text

    table = _table(*columns)
    for row in rows:
        table.add_row(*map(Text, row))  # a file name is no markup
    return table


def _dial(dial: Sequence[Report]) -> Table:
    from core.evaluation.dial import DIAL_COLUMNS, DialRow

    return _filled(DIAL_COLUMNS, [DialRow.from_plain(row).cells() for row in dial])


def _clouds(clouds: Sequence[Report]) -> Table:
    from core.evaluation.clouds import CLOUD_COLUMNS, CloudRow

    return _filled(CLOUD_COLUMNS, [CloudRow.from_plain(row).cells() for row in clouds])


def _table(*columns: str) -> Table:
    from rich.table import Table

    return Table(*columns, box=None, pad_edge=False)


def _events(events: Report) -> Table:
    table = _table("events", "flagged", "not flagged")
    for name, hit, miss in (
        ("of an incident", "true_positives", "false_negatives"),
        ("others", "false_positives", "true_negatives"),
    ):
        table.add_row(name, f"{events[hit]:,}", f"{events[miss]:,}")
    return table


def _contestants(title: str, contestants: Mapping[str, Report]) -> Table:
    table = _table(
        title, "found", "silent found", "false episodes/h", "95 %", "AP failed requests", "delay s", "before client"
    )
    for name, figures in contestants.items():
        low, high = figures["false_episodes_per_hour_95"]
        table.add_row(
            name.replace("_", " "),
            f"{figures['found']}/{figures['incidents']}",
            f"{figures['silent_found']}/{figures['silent']}" if figures["silent"] else "-",
            number(figures["false_episodes_per_hour"]),
            f"{number(low)} to {number(high)}",
            number(figures["average_precision_failed_requests"]),
            number(figures["median_delay_seconds"]),
            "-" if figures["average_precision_failed_requests"] is None else str(figures["before_client"]),
        )
    return table


def _truncation(truncation: Report) -> Table:
    table = _table(f"{truncation['runs']} runs cut", "false episodes", "of whole runs, there", "events newly flagged")
    for name in ("ends_early", "begins_late"):
        side = truncation[name]
        table.add_row(name.replace("_", " "), *map(str, side.values()))
    return table


def _kinds(kinds: Mapping[str, Mapping[str, int]]) -> Table:
    table = _table("incident", "found", "cause named")
    for kind, count in kinds.items():
        table.add_row(kind, f"{count['found']}/{count['incidents']}", str(count["named"]))
    return table


def _ablation(ablation: Report) -> Table:
    """Means over the seeds, with the lowest and the highest."""
    table = _table(
        f"{ablation['contest']}, {ablation['seeds']} seeds", "found", "silent found", "false episodes/h", "AP"
    )
    for name, figures in ablation["contestants"].items():
        spreads = (figures[column] for column in ("found", "silent_found", "false_episodes_per_hour"))
        ranking = figures["average_precision"]
        table.add_row(name, *(_spread(spread) for spread in (*spreads, ranking)))
    return table


def _spread(spread: Report) -> str:
    return f"{number(spread['mean'])} ({number(spread['low'])} to {number(spread['high'])})"


def _continuity(continuity: Report) -> Table:
    table = _table("earlier work's labels", "labelled", "precision", "recall", "F1", "rule: precision", "recall", "F1")
    for name in ("last", "all"):
        part = continuity[name]
        figures = [part[who][what] for who in ("tailsight", "rule") for what in ("precision", "recall", "f1")]
        table.add_row(f"{name} {part['events']:,} events", str(part["labelled"]), *map(number, figures))
    return table
