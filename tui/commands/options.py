"""Options that several subcommands share, and what they mean before anything runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from tui.commands.choice import own_baseline
from tui.process.scheduling import lower_priority

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def _share(_context: click.Context, _parameter: click.Parameter, value: float | None) -> float | None:
    """Refuse what is not from 0 to 1; `click.FloatRange` would let `nan` through."""
    if value is not None and not 0.0 <= value <= 1.0:
        raise click.BadParameter(f"{value} is not a number from 0 to 1.")
    return value


def _nice(_context: click.Context, _parameter: click.Parameter, value: int) -> int:
    """Lower the priority at once: loading the model is the first heavy thing that comes."""
    lower_priority(value)
    return value


def _own_baseline(_context: click.Context, _parameter: click.Parameter, value: Path | None) -> Path | None:
    """Take the baseline that the user has learned, unless one is named."""
    if value is None:
        own = own_baseline()
        return own if own.exists() else None
    return value


threshold = click.option(
    "--threshold",
    type=float,
    callback=_share,
    metavar="0..1",
    help="Score from which an event is flagged; the calibrated one unless given.",
)

config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Settings to use in place of the user's own (see `tailsight config --print`).",
)

_NETWORK_OPTIONS: tuple[Decorator, ...] = (
    click.option(
        "--artifacts",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Model folder to use in place of the one that comes with tailsight.",
    ),
    click.option(
        "--device", default="auto", show_default=True, metavar="NAME", help="cpu, cuda, cuda:1, mps, or auto."
    ),
    click.option(
        "--threads", type=click.IntRange(min=1), metavar="N", help="Threads for the network; 1 when live, unless given."
    ),
    click.option(
        "--nice",
        type=click.IntRange(0, 19),
        default=0,
        callback=_nice,
        expose_value=False,
        metavar="N",
        help="Give way to other programs, 0 to 19.",
    ),
)

_BASELINE_OPTION = click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    callback=_own_baseline,
    metavar="FILE",
    help="What is usual on your system, as `tailsight learn` wrote it; your own where there is one.",
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
    """An argument of one or more paths, whose existence the reading part judges: it says more than click would."""
    return click.argument(name, nargs=-1, required=required, metavar=metavar, type=click.Path(path_type=Path))
