"""What a measurement is, how it is printed and how two runs are compared."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value, beside that of another tool on the same input in the same run where there is one."""

    name: str
    value: float
    unit: str
    peer: str = ""
    peer_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours over theirs."""
        return self.value / self.peer_value if self.peer_value else None


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def show(figures: Iterable[Figure], console: Console, earlier: dict[str, float]) -> None:
    """Print one table; with figures of an earlier run, what each became against then."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for heading in ("figure", "value", "", "other tool", "value", "ratio", *(["then", "now/then"] if earlier else [])):
        table.add_column(heading, justify="left" if heading in {"figure", "", "other tool"} else "right", no_wrap=True)
    for figure in figures:
        row = [figure.name, readable(figure.value), figure.unit, figure.peer, readable(figure.peer_value)]
        row.append(readable(figure.ratio))
        if earlier:
            then = earlier.get(figure.name)
            row += [readable(then), readable(figure.value / then if then else None)]
        table.add_row(*row)
    console.print(table)


def save(figures: Sequence[Figure], path: Path) -> None:
    """Write the figures with the machine they were measured on."""
    document = {"machine": machine(), "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def load(path: Path) -> dict[str, float]:
    """Values of an earlier run by name."""
    return {row["name"]: row["value"] for row in json.loads(path.read_text(encoding="utf-8"))["figures"]}


def readable(value: float | None) -> str:
    """Three significant digits, thousands set apart."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _processor() -> str:
    """The processor's name, where the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
