"""Options that several subcommands share, and their checks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from tui.commands.choice import own_baseline
from tui.process.scheduling import lower_priority

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _share(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse what is not from 0 to 1; `click.FloatRange` would accept `nan`."""
    if value is not None and not 0.0 <= value <= 1.0:
        raise click.BadParameter(f"invalid threshold '{value}' (0 to 1)")
    return value


def _nice(_context: click.Context, _parameter: click.Parameter, value: int) -> int:
    """Lower the priority at once, before the model is loaded."""
    lower_priority(value)
    return value


def _own_baseline(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Use the user's own baseline where none is named."""
    if value is None:
        own = own_baseline()
        return own if own.exists() else None
    return value


threshold = click.option(
    "--threshold",
    type=float,
    callback=_share,
    metavar="0..1",
    help="Score from which an event is flagged [default: the shipped one, 0.5].",
)

config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings to use instead of your own (see `tailsight config --print`).",
)

timezone = click.option(
    "--timezone",
    metavar="ZONE",
    help="Time of log lines that name no zone, such as Europe/Berlin or UTC [default: this host's].",
)

verdicts = click.option(
    "--verdicts",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="What you said of templates (normal here, real) [default: verdicts.toml beside your mutes].",
)

planned = click.option(
    "--planned",
    multiple=True,
    metavar="SERVICE=UNTIL",
    help="A service that may be silent until a time, such as nova-compute=+2h; all is every one.",
)

strict = click.option("--strict", is_flag=True, help="Exit with 2 when a line has a form that no reader knows.")

_NETWORK_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--artifacts",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Model folder to use instead of the shipped one.",
    ),
    click.option("--device", default="auto", show_default=True, metavar="NAME", help="cpu, cuda, cuda:1, mps or auto."),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        metavar="N",
        help="Threads for the network [default: 1 when live, else up to 4].",
    ),
    click.option(
        "--nice",
        type=click.IntRange(0, 19),
        default=0,
        callback=_nice,
        expose_value=False,
        metavar="N",
        help="Run at a lower priority, 0 to 19.",
    ),
)

_BASELINE_OPTION: Final = click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    callback=_own_baseline,
    metavar="FILE",
    help="Baseline file of `tailsight learn` [default: your own, where it exists].",
)


def network(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say which network runs and where: `artifacts`, `device`, `threads`."""
    for option in reversed(_NETWORK_OPTIONS):
        command = option(command)
    return command


def model(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add those of `network`, and `baseline`."""
    return network(_BASELINE_OPTION(command))


def files(name: str, metavar: str, *, required: bool = True) -> Decorator:
    """Add an argument of one or more paths. Reading checks whether they exist: it says more than click would."""
    return click.argument(name, nargs=-1, required=required, metavar=metavar, type=click.Path(path_type=Path))
