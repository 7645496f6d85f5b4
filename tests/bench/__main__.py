"""Measure everything on this machine, print one table, and write it down.

NAMES are parts to measure, all of them unless given: reading, parsing, network, score, terminal, growth.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import click
from rich.console import Console

from tests.bench import end_to_end, growth, network, parsing, reading, terminal
from tests.bench.figures import ROOT, Figure, compare, machine, save, show
from tests.bench.targets import TARGETS

_ENVIRONMENTS = ROOT / ".benchmarks"
_WIDTH = 150


@click.command(help=__doc__)
@click.argument("names", nargs=-1)
@click.option("--quick", is_flag=True, help="Small sizes, about two minutes; figures vary more.")
@click.option("--huge", is_flag=True, help="Let growth go on to ten million lines.")
@click.option("--peers", is_flag=True, help="Install Drain3 and loglensai into .benchmarks/ and measure them too.")
@click.option("--artifacts", type=click.Path(exists=True, path_type=Path), help="Model folder; the shipped one else.")
@click.option("--output", type=click.Path(path_type=Path), default=ROOT / "bench.json", show_default=True)
@click.option(
    "--compare",
    "runs",
    nargs=2,
    type=click.Path(exists=True, path_type=Path),
    metavar="OLD NEW",
    help="Measure nothing; print what the figures of one run became in another.",
)
def bench(
    names: tuple[str, ...],
    quick: bool,
    huge: bool,
    peers: bool,
    artifacts: Path | None,
    output: Path,
    runs: tuple[Path, Path] | None,
) -> None:
    """Measure and print."""
    console = Console(width=None if sys.stdout.isatty() else _WIDTH)
    if runs is not None:
        compare(*runs, console)
        return
    model = [] if artifacts is None else ["--artifacts", str(artifacts)]
    environments = _ENVIRONMENTS if peers else None
    parts: dict[str, Callable[[Path], Iterable[Figure]]] = {
        "reading": lambda folder: reading.figures(folder, *((100_000, 1_000) if quick else (1_000_000, 10_000))),
        "parsing": lambda folder: parsing.figures(folder, 5_000 if quick else 20_000),
        "network": network.figures,
        "score": lambda folder: end_to_end.figures(folder, 20_000 if quick else 200_000, environments, model),
        "terminal": lambda folder: terminal.figures(folder, model, (10_000,) if quick else (10_000, 50_000)),
        "growth": lambda folder: growth.figures(folder, growth.sizes(quick=quick, huge=huge), model, output),
    }
    if unknown := set(names) - set(parts):
        raise click.UsageError(f"{', '.join(sorted(unknown))}: no such part; there are {', '.join(parts)}")
    found: list[Figure] = []
    began = time.monotonic()
    for name in names or parts:
        with tempfile.TemporaryDirectory() as folder:
            for figure in parts[name](Path(folder)):
                found.append(figure)
                click.echo(f"bench: {time.monotonic() - began:4.0f} s  {figure}", err=True)
    console.print(*(f"{what}: {value}" for what, value in machine().items()), sep="   ", highlight=False)
    show(found, console, TARGETS)
    if not (names or quick):
        for name in TARGETS.keys() - {figure.name for figure in found}:
            click.echo(f"bench: nothing was measured for the target of {name!r}", err=True)
    save(found, output, quick=quick)
    click.echo(f"bench: written to {output}", err=True)


if __name__ == "__main__":
    bench()
