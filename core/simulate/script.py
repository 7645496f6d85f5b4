"""The rows of the tables: messages, routes, tracebacks, and the steps that use them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


class Context(StrEnum):
    """Which request a message is logged under."""

    REQUEST = "request"
    """The request that the lifecycle serves."""
    TASK = "task"
    """The request id that the process gave its own periodic work."""
    NONE = "none"
    """No request: `[-]`."""


class Traceback(NamedTuple):
    """The stack below an ERROR record."""

    frames: tuple[str, ...]
    """`package/module.py function: code`; line numbers depend on the release."""
    error: str
    """`ExceptionClass: text`, with fields."""


class Message(NamedTuple):
    """A log statement: `text` has `{fields}` that the subject fills in."""

    service: str
    """Service that logs it; `*` for the service of the subject."""
    logger: str
    level: str
    text: str
    context: Context = Context.REQUEST
    traceback: Traceback | None = None


class Route(NamedTuple):
    """A REST call and its usual reply."""

    service: str
    method: str
    path: str
    status: int = 200
    size: int = 400
    """Median bytes of the reply."""
    latency: float = 0.15
    """Median seconds."""
    spread: float = 0.35
    """Standard deviation of the latency's logarithm."""
    internal: bool = False
    """Called by another service, under that service's user."""


Entry = Message | Route
Catalogue = Mapping[str, Entry]


class Step(NamedTuple):
    """One step of a lifecycle: wait, then log a message or call a route."""

    key: str
    """Key of a message or route in the catalogue, or `fork NAME` to start a state machine (or `poll`) beside it."""
    after: float = 0.05
    """Median seconds to wait first."""
    spread: float = 0.35
    repeat: tuple[int, int] = (1, 1)
    chance: float = 1.0
    """Probability that the step is taken at all."""
    own: bool = False
    """The call carries the lifecycle's own request id, and not a fresh one."""
    status: int = 0
    """Status of the reply, where it is not the route's usual one."""
    mark: str = ""
    """Name of a mark set at this time."""
    since: str = ""
    """`{took}` is the time since this mark."""


SAME: Final = "same"
"""Key of a step that calls the route which its script replaces."""

Script = tuple[Step, ...]


class TaskHost(StrEnum):
    """The hosts that a task runs on."""

    CONTROLLER = "controller"
    COMPUTE = "compute"
    """Once on every compute host."""
    EVERY = "every"
    """Once on every host."""


class Task(NamedTuple):
    """A script that repeats without end."""

    script: Script
    every: float
    """Seconds."""
    jitter: float = 0.05
    """Part of the interval by which it varies."""
    place: TaskHost = TaskHost.CONTROLLER
    project: str = "nova"
    """The project or foundation that must be deployed for it to run."""
    extra: bool = False
    """Runs only in deployments that name it."""
    services: tuple[str, ...] = ("",)
    """Each of these runs it on its own; for messages whose service is `*`."""
    at: float | None = None
    """Runs this many seconds after each multiple of its interval, by the clock of the host."""


def messages(service: str, table: Mapping[str, tuple[str, str, str]], context: Context = Context.REQUEST) -> Catalogue:
    """Return a catalogue of one service's messages from rows of (logger, level, text)."""
    return {key: Message(service, *row, context) for key, row in table.items()}
