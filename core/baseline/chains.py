"""Which event came before this one: in its request, its instance, or its process.

A request is followed across services, an instance across requests; an event of neither follows the last one of its
process. The same links teach the baseline and make the features, so that both mean the same by "the one before it".
"""

from __future__ import annotations

from typing import Final, NamedTuple

from core.events import LogEvent

START: Final = 0
"""The template id that stands for "nothing before it" (no template has it)."""

_KEPT: Final = 20_000
"""Open chains of one kind that are remembered; the longest silent are forgotten first."""


class Link(NamedTuple):
    """Where an event stands in its chain."""

    previous: int | None
    """Template id of the event before it; `START` for the first event of a request; None where there is no chain."""
    gap: float
    """Seconds since the event before it; nan where there is none."""
    request_gap: float
    """Seconds since the previous event of the same request; nan without one."""
    instance_gap: float
    """Seconds since the previous event of the same instance; nan without one."""


_NAN: Final = float("nan")


class Chains:
    """The last event of every open request, instance and process."""

    __slots__ = ("_instances", "_processes", "_requests")

    def __init__(self) -> None:
        self._requests: dict[str, tuple[float, int]] = {}
        self._instances: dict[str, tuple[float, int]] = {}
        self._processes: dict[tuple[str, int | None], tuple[float, int]] = {}

    def link(self, event: LogEvent, template: int, at: float) -> Link:
        """Place an event that happened at second `at`, and remember it as the last of its chains."""
        previous: int | None = None
        gap = request_gap = instance_gap = _NAN
        now = (at, template)
        instance = event.instance_id
        if instance:
            last = self._instances.pop(instance, None)
            self._instances[instance] = now
            if last is not None:
                gap = instance_gap = at - last[0]
                previous = last[1]
            if len(self._instances) > _KEPT:
                del self._instances[next(iter(self._instances))]
        request = event.request_id
        if request:
            last = self._requests.pop(request, None)
            self._requests[request] = now
            if last is not None:
                gap = request_gap = at - last[0]
                previous = last[1]
            elif previous is None:
                previous = START
            if len(self._requests) > _KEPT:
                del self._requests[next(iter(self._requests))]
        elif not instance:
            process = (event.service, event.pid)
            last = self._processes.pop(process, None)
            self._processes[process] = now
            if last is not None:
                previous = last[1]
            if len(self._processes) > _KEPT:
                del self._processes[next(iter(self._processes))]
        return Link(previous, gap, request_gap, instance_gap)
