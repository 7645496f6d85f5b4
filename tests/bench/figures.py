"""What a measurement is, how a run of them is printed and kept, and how two runs are compared."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, beside that of another tool on the same input in the same run where there is one."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None

    def __str__(self) -> str:
        theirs = f", {self.peer}: {readable(self.peer_value)}" if self.peer else ""
        return f"{self.name}: {readable(self.value)} {self.unit}{theirs}"

    @property
    def ratio(self) -> float | None:
        """Ours over theirs."""
        return self.value / self.peer_value if self.peer_value else None


class Target(NamedTuple):
    """The value that a figure is to reach, or not to exceed."""

    bound: float
    at_least: bool = False

    def __str__(self) -> str:
        return f"{'≥' if self.at_least else '≤'} {readable(self.bound)}"

    def reached(self, value: float) -> bool:
        """Whether a value is good enough."""
        return value >= self.bound if self.at_least else value <= self.bound


def show(figures: Iterable[Figure], console: Console, targets: dict[str, Target] | None = None) -> None:
    """Print one table; `targets` by the name of their figure."""
    rows = []
    for figure in figures:
        target = (targets or {}).get(figure.name)
        verdict = "" if target is None else "reached" if target.reached(figure.value) else "missed"
        aim = "" if target is None else str(target)
        rows.append(
            (figure.name, figure.value, figure.unit, aim, verdict, figure.peer, figure.peer_value, figure.ratio)
        )
    _print(console, ("figure", ">value", "", ">target", "", "other tool", ">value", ">ratio"), rows)


def save(figures: Sequence[Figure], path: Path, *, quick: bool) -> None:
    """Write the figures with what they were measured on."""
    document = {
        "commit": commit(),
        "measured": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": quick,
        "machine": machine(),
        "versions": {name: version(name) for name in ("tailsight", "torch", "numpy", "textual", "orjson")},
        "figures": [asdict(figure) for figure in figures],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def compare(old: Path, new: Path, console: Console) -> None:
    """Print what each figure that both runs have became."""
    before, after = (json.loads(path.read_text(encoding="utf-8")) for path in (old, new))
    for label, run in (("old", before), ("new", after)):
        console.print(f"{label}: {_described(run)}", highlight=False)
    earlier = {row["name"]: row["value"] for row in before["figures"]}
    # A figure has a row for each tool that it stands beside.
    later = {row["name"]: row for row in after["figures"] if row["name"] in earlier}
    rows = []
    for name, row in later.items():
        then, now = earlier[name], row["value"]
        rows.append((name, then, now, row["unit"], now / then if then else None))
    _print(console, ("figure", ">old", ">new", "", ">new/old"), rows)


def machine() -> dict[str, str | int]:
    """What the figures are measured on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def commit() -> str:
    """The commit of the source tree, with a plus where the tree has changes beside it; empty outside a repository."""
    command = ["git", "describe", "--always", "--abbrev=10", "--dirty=+", "--exclude=*"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def readable(value: float | None) -> str:
    """Three significant digits, thousands set apart."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _print(console: Console, headings: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> None:
    """Print a table; a heading with `>` before it has its column set to the right."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in headings:
        table.add_column(heading.lstrip(">"), justify="right" if heading.startswith(">") else "left", no_wrap=True)
    for row in rows:
        table.add_row(*(cell if isinstance(cell, str) else readable(cell) for cell in row))
    console.print(table)


def _described(run: dict[str, Any]) -> str:
    on = run["machine"]
    size = ", quick" if run["quick"] else ""
    return f"{run['commit'] or 'no commit'}, {run['measured']}{size}, {on['cores']} cores of {on['processor']}"


def _processor() -> str:
    """The processor's name, where the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
