"""`make bench`: measure everything on this machine, print one table, and write it down.

`python -m tests.bench --against FILE` compares with an earlier run; `--only NAME` measures one part.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import click
from rich.console import Console

from tests.bench import end_to_end, network, parsing, reading, terminal
from tests.bench.figures import Figure, load, machine, save, show

ROOT = Path(__file__).parents[2]
RESULTS = ROOT / ".benchmarks"


@click.command(help=__doc__)
@click.option("--lines", default=200_000, show_default=True, help="Lines of the log for bulk scoring.")
@click.option("--artifacts", type=click.Path(exists=True, path_type=Path), help="Model folder; the shipped one else.")
@click.option("--only", multiple=True, metavar="NAME", help="Measure this part alone.")
@click.option("--against", type=click.Path(exists=True, path_type=Path), help="An earlier run to compare with.")
@click.option("--output", type=click.Path(path_type=Path), default=RESULTS / "latest.json", show_default=True)
def bench(lines: int, artifacts: Path | None, only: tuple[str, ...], against: Path | None, output: Path) -> None:
    """Measure and print."""
    RESULTS.mkdir(exist_ok=True)
    model = [] if artifacts is None else ["--artifacts", str(artifacts)]
    parts: dict[str, Callable[[Path], list[Figure]]] = {
        "reading": reading.figures,
        "parsing": parsing.figures,
        "network": network.figures,
        "score": lambda folder: end_to_end.figures(folder, lines, RESULTS, model),
        "terminal": lambda folder: terminal.figures(folder, model),
    }
    progress, found = Console(stderr=True), list[Figure]()
    for name, measure in parts.items():
        if only and name not in only:
            continue
        progress.print(f"bench: measuring {name}", style="dim")
        with tempfile.TemporaryDirectory() as folder:
            found += measure(Path(folder))
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(*(f"{name}: {value}" for name, value in machine().items()), sep="   ", highlight=False)
    show(found, console, load(against) if against else {})
    save(found, output)
    progress.print(f"bench: written to {output}", style="dim")


if __name__ == "__main__":
    bench()
