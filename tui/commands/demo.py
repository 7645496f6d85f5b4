"""`demo`: the app on a simulated OpenStack with faults, or on a sample log; needs no log of your own."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from itertools import count, islice, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from click.core import ParameterSource

from core.errors import UsageError
from core.support.resources import sample_logs
from tui.commands import options
from tui.commands.choice import ModelChoice
from tui.commands.launch import open_app, require_terminal
from tui.process.live_mode import enter_live_mode

if TYPE_CHECKING:
    from core.reading import Follower
    from core.simulate import Scenario

HISTORY_RECORDS: Final = 1_500
"""Written before the app opens, so that the model has seen what is usual before the first fault."""

HOURS: Final = 24.0
SPEED: Final = 20.0
FIRST_INCIDENT_SECONDS: Final = 900.0
INCIDENT_EVERY_SECONDS: Final = 400.0
"""Simulated; one in twenty seconds at this speed."""


def _sample(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Path | None:
    samples = sample_logs()
    if value is not None and value not in samples:
        raise click.BadParameter(f"unknown sample {value!r} ({', '.join(samples)})")
    return samples[value] if value is not None else None


@click.command(short_help="The app on a simulated OpenStack with faults.")
@click.option("--seed", default=1, show_default=True, help="Seed of the simulation: its cloud and its faults.")
@click.option(
    "--speed", type=click.FloatRange(min=0.1), default=SPEED, show_default=True, help="Times as fast as real time."
)
@click.option(
    "--sample", callback=_sample, metavar="NAME", help="Show a sample log from its start instead, such as slow_spawn."
)
@options.threshold
@options.model
@options.config
@click.pass_context
def demo(
    context: click.Context,
    seed: int,
    speed: float,
    sample: Path | None,
    threshold: float | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
    baseline: Path | None,
    config: Path | None,
) -> int:
    """Open the app on a simulated OpenStack with faults in it, or on a sample log."""
    if sample is not None and any(
        context.get_parameter_source(name) is ParameterSource.COMMANDLINE for name in ("seed", "speed")
    ):
        raise UsageError("--seed and --speed belong to the simulation; leave them out with --sample")
    enter_live_mode()
    require_terminal("run it in one")
    choice = ModelChoice(artifacts, device, threads or 1, baseline, UTC)
    choice.read()
    shown = "a simulated OpenStack" if sample is None else f"the sample {sample.stem}, written by the simulator"
    with simulated_log(seed, speed) if sample is None else copy_of(sample) as log:

        def follow(stop: threading.Event, resume: bool) -> Follower:
            from core.reading import Follower, Start

            start = Start.RESUME if resume else Start.START
            return Follower([log], stop, start=start, checkpoint=log.with_suffix(".checkpoint"))

        return open_app(follow, choice, sources=shown, threshold=threshold, config=config)


@contextmanager
def simulated_log(seed: int, speed: float) -> Iterator[Path]:
    """A log that has a past and grows while the block runs; it is gone after."""
    from core.simulate import append_live, simulate

    stop = threading.Event()
    records = simulate(_scenario(seed))
    with tempfile.TemporaryDirectory(prefix="tailsight-demo-") as folder:
        log = Path(folder) / "openstack.log"
        past = islice(records, HISTORY_RECORDS)
        log.write_text("".join(f"{line}\n" for record in past for line in record.lines), encoding="utf-8")
        writer = threading.Thread(
            target=append_live, args=(records, log, stop), kwargs={"speed": speed}, name="simulation", daemon=True
        )
        writer.start()
        try:
            yield log
        finally:
            stop.set()
            writer.join()


@contextmanager
def copy_of(sample: Path) -> Iterator[Path]:
    """A copy of a log, or of a folder of them, where a checkpoint can lie beside it; it is gone after."""
    with tempfile.TemporaryDirectory(prefix="tailsight-demo-") as folder:
        copy = Path(folder) / sample.name
        if sample.is_dir():
            shutil.copytree(sample, copy)
        else:
            shutil.copy(sample, copy)
        yield copy


def _scenario(seed: int) -> Scenario:
    """A day of a small cloud, with one kind of incident after the other."""
    from core.simulate import INCIDENTS, Deployment, Scenario

    services = Deployment.typical().services
    kinds = [kind for kind, incident in INCIDENTS.items() if incident.needs <= services]
    onsets = takewhile(
        lambda at: at < HOURS * 3600.0, (FIRST_INCIDENT_SECONDS + INCIDENT_EVERY_SECONDS * number for number in count())
    )
    # A stride that shares no factor with their number visits every kind before it repeats one.
    incidents = [(kinds[(seed + 7 * number) % len(kinds)], at) for number, at in enumerate(onsets)]
    return Scenario(seed=seed, duration_s=HOURS * 3600.0, incidents=incidents, hard_normals="random")
