"""`simulate`: logs of an OpenStack that does not exist, with known incidents in them."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import UsageError
from tui.process.signals import stops_on_signals

if TYPE_CHECKING:
    from core.simulate import Deployment

CLOUDS = ("typical", "varied", "foreign")


@click.command(short_help="Write logs with known incidents.")
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Equal seeds give equal logs, byte for byte.")
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True, help="Simulated time."
)
@click.option(
    "--incident",
    "incidents",
    multiple=True,
    metavar="KIND@SECONDS",
    help="An incident and when it sets in; may be given more than once.",
)
@click.option("--per-hour", type=click.FloatRange(min=0), help="Random incidents an hour, in place of --incident.")
@click.option("--hard-normals", is_flag=True, help="Add what looks wrong and is not: restarts, scans, noisy clients.")
@click.option("--cloud", type=click.Choice(CLOUDS), default="typical", show_default=True, help="Whose logs they are.")
@click.option("--per-service", is_flag=True, help="One file a service in a folder TARGET, not one merged file.")
@click.option("--live", is_flag=True, help="Append to TARGET at the pace of the stamps until interrupted.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="With --live: times as fast.")
@click.option("--rate", type=float, metavar="LINES", help="With --live: so many lines a second, whatever the stamps.")
@click.option("--list", "list_kinds", is_flag=True, help="List the kinds of incident and end.")
def simulate(
    target: Path | None,
    seed: int,
    hours: float,
    incidents: tuple[str, ...],
    per_hour: float | None,
    hard_normals: bool,
    cloud: str,
    per_service: bool,
    live: bool,
    speed: float,
    rate: float | None,
    list_kinds: bool,
) -> int:
    """Write a simulated log to TARGET, and beside it the truth: which line belongs to which incident."""
    from core import simulate as simulator

    if list_kinds:
        click.echo("\n".join(simulator.INCIDENTS))
        return 0
    if target is None:
        raise UsageError("simulate needs a file or folder to write to: tailsight simulate TARGET")
    if incidents and per_hour is not None:
        raise UsageError("--incident names incidents and --per-hour draws them: give one of the two")
    if live and per_service:
        raise UsageError("--live appends to one file: leave out --per-service")
    deployment = _deployment(cloud, seed)
    layout = simulator.LogLayout.PER_SERVICE if per_service else simulator.LogLayout.MERGED
    scenario = simulator.Scenario(
        seed=seed,
        duration_s=hours * 3600.0,
        deployment=replace(deployment, layout=layout),
        incidents=[_incident(text) for text in incidents] if per_hour is None else "random",
        incidents_per_hour=per_hour or 0.0,
        hard_normals="random" if hard_normals else (),
    )
    simulation = simulator.simulate(scenario)
    if live:
        stop = threading.Event()
        with stops_on_signals(stop):
            count = simulator.append_live(simulation, target, stop, rate=rate, speed=speed)
        click.echo(f"appended {count} records to {target}", err=True)
        return 0
    simulator.write_simulation(simulation, target)
    if sys.stderr.isatty():
        click.echo(f"wrote {target}, {len(simulation.plan)} disturbances, and {simulator.truth_path(target)}", err=True)
    return 0


def _deployment(cloud: str, seed: int) -> Deployment:
    from core.simulate import Deployment

    match cloud:
        case "varied":
            return Deployment.varied(seed)
        case "foreign":
            return Deployment.foreign(seed)
        case _:
            return Deployment.typical(seed=seed)


def _incident(text: str) -> tuple[str, float]:
    """Read `slow_spawn@600`."""
    kind, _, seconds = text.partition("@")
    try:
        return kind, float(seconds)
    except ValueError:
        raise UsageError(f"--incident takes a kind and seconds, such as slow_spawn@600, not {text}") from None
