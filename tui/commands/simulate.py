"""`simulate`: logs of an OpenStack that does not exist, with known incidents in them."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from core.errors import UsageError
from tui.process.signals import stops_on_signals

if TYPE_CHECKING:
    from core.simulate import Deployment

_CLOUDS: Final = ("typical", "varied", "foreign")
_RELEASES: Final = ("juno", "kilo", "pike", "train", "antelope")
_LAYOUTS: Final = ("merged", "per_service", "host")


@click.command(short_help="Write logs with known incidents.")
@click.argument("target", required=False, type=click.Path(path_type=Path))
@click.option("--seed", default=0, show_default=True, help="Seed of the simulation; equal seeds give equal logs.")
@click.option(
    "--hours", type=click.FloatRange(min=0, min_open=True), default=1.0, show_default=True, help="Simulated time."
)
@click.option(
    "--incident",
    "incidents",
    multiple=True,
    metavar="KIND@SECONDS",
    help="An incident and its onset; may be given more than once. Those of foundations need --foundations.",
)
@click.option("--per-hour", type=click.FloatRange(min=0), help="Random incidents per hour, instead of --incident.")
@click.option(
    "--hard-normals", is_flag=True, help="Add harmless events that look like faults: restarts, scans, noisy clients."
)
@click.option("--cloud", type=click.Choice(_CLOUDS), default="typical", show_default=True, help="Kind of deployment.")
@click.option(
    "--release",
    type=click.Choice(_RELEASES),
    default="pike",
    show_default=True,
    help="OpenStack release of the typical cloud.",
)
@click.option(
    "--foundations",
    is_flag=True,
    help="Add the logs of what OpenStack runs on: RabbitMQ, MariaDB, haproxy, libvirt, Open vSwitch, kernel, systemd.",
)
@click.option(
    "--layout",
    type=click.Choice(_LAYOUTS),
    default="merged",
    show_default=True,
    help="One file; a folder TARGET with one file per service; or one like /var/log of a host that runs everything, "
    "foundations too.",
)
@click.option("--per-service", "layout", flag_value="per_service", help="The same as --layout per_service.")
@click.option("--live", is_flag=True, help="Append to TARGET at the pace of the stamps until interrupted.")
@click.option("--speed", type=float, default=1.0, show_default=True, help="With --live: times as fast as real time.")
@click.option("--rate", type=float, metavar="LINES", help="With --live: lines per second, whatever the stamps.")
@click.option("--list", "list_kinds", is_flag=True, help="List the kinds of incident and exit.")
def simulate(
    target: Path | None,
    seed: int,
    hours: float,
    incidents: tuple[str, ...],
    per_hour: float | None,
    hard_normals: bool,
    cloud: str,
    release: str,
    foundations: bool,
    layout: str,
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
        raise UsageError("--incident and --per-hour exclude each other: give one of the two")
    if live and layout != "merged":
        raise UsageError("--live appends to one file: leave out --layout and --per-service")
    deployment = _deployment(cloud, release, seed)
    if layout == "host":
        deployment = deployment.on_one_host()
    elif foundations:
        deployment = deployment.with_foundations()
    scenario = simulator.Scenario(
        seed=seed,
        duration_s=hours * 3600.0,
        deployment=replace(deployment, layout=simulator.LogLayout(layout)),
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


def _deployment(cloud: str, release: str, seed: int) -> Deployment:
    from core.simulate import Deployment

    match cloud:
        case "varied":
            return Deployment.varied(seed)
        case "foreign":
            return Deployment.foreign(seed)
        case _:
            return Deployment.typical(release, seed)


def _incident(text: str) -> tuple[str, float]:
    """Read `slow_spawn@600`."""
    kind, _, seconds = text.partition("@")
    try:
        return kind, float(seconds)
    except ValueError:
        raise UsageError(f"invalid --incident '{text}' (a kind and seconds, such as slow_spawn@600)") from None
