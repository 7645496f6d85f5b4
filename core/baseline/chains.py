"""Which event precedes an event: in its request, its instance, or its process.

A request is followed across services, an instance across requests; an event of neither follows the last one of its
process. The baseline is built on the same links as the features, so that both mean the same by "the previous event".
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from core.events import LogEvent
from core.support.bounded import BoundedDefaults

START: Final = 0
"""The template id that stands for "nothing before it" (no template has it)."""


class Link(NamedTuple):
    """The events that precede an event."""

    previous: int | None
    """Template id of the event before it; `START` for the first event of a request; None where there is no chain."""
    gap: float
    """Seconds since the event before it; nan where there is none."""
    request_gap: float
    """Seconds since the previous event of the same request; nan without one."""
    instance_gap: float
    """Seconds since the previous event of the same instance; nan without one."""
    before_request: int | None
    """Template id of the previous event of the same request."""
    before_instance: int | None
    """Template id of the previous event of the same instance."""


# NamedTuple's own constructor is a Python function: going past it halves the cost of a link.
_new_link = partial(tuple.__new__, Link)

LastEvent = tuple[float, int | None]
"""Second and template of the last event of a chain."""

_NAN: Final = float("nan")
_NO_EVENT: Final[LastEvent] = (_NAN, None)


def _no_event(_key: object) -> LastEvent:
    return _NO_EVENT


class Chains:
    """The last event of every open request, instance and process; those silent for longest are forgotten first."""

    __slots__ = ("_instances", "_processes", "_requests")

    def __init__(self) -> None:
        self._requests = BoundedDefaults[str, LastEvent](_no_event)
        self._instances = BoundedDefaults[str, LastEvent](_no_event)
        self._processes = BoundedDefaults[tuple[str, int | None], LastEvent](_no_event)

    def link(self, event: LogEvent, at: float) -> Link:
        """Return where an event that happened at second `at` stands; it is not part of its chains yet."""
        request, instance = event.request_id, event.instance_id
        request_at, before_request = self._requests[request] if request else _NO_EVENT
        instance_at, before_instance = self._instances[instance] if instance else _NO_EVENT
        if before_request is not None:
            previous, gap = before_request, at - request_at
        elif before_instance is not None:
            previous, gap = before_instance, at - instance_at
        elif request:
            previous, gap = START, _NAN
        elif instance:
            previous, gap = None, _NAN
        else:
            previous, gap = self._processes[event.service, event.pid][1], _NAN
        return _new_link((previous, gap, at - request_at, at - instance_at, before_request, before_instance))

    def learn(self, event: LogEvent, template: int, at: float) -> LastEvent:
        """Make an event the last one of its chains, after `link` has looked them up; return it as they keep it."""
        last = (at, template)
        request, instance = event.request_id, event.instance_id
        if request:
            self._requests[request] = last
        if instance:
            self._instances[instance] = last
        if not request and not instance:
            self._processes[event.service, event.pid] = last
        return last

    def is_last(self, last: LastEvent, *, request: str = "", instance: str = "") -> bool:
        """Tell whether what `learn` returned is still the last event of a request or an instance."""
        return (self._requests[request] if request else self._instances[instance]) is last
