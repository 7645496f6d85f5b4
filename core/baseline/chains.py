"""Which event came before this one: in its request, its instance, or its process.

A request is followed across services, an instance across requests; an event of neither follows the last one of its
process. The same links teach the baseline and make the features, so that both mean the same by "the one before it".
"""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple, TypeVar

from core.events import LogEvent
from core.support.bounded import Memory

START: Final = 0
"""The template id that stands for "nothing before it" (no template has it)."""


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
    before_request: int | None
    """Template id of the previous event of the same request."""
    before_instance: int | None
    """Template id of the previous event of the same instance."""


# NamedTuple's own constructor is a Python function: going past it halves the cost of a link.
_new_link = partial(tuple.__new__, Link)

_NAN: Final = float("nan")
_NOTHING: Final = (_NAN, None)

_Key = TypeVar("_Key")


class Chains:
    """The last event of every open request, instance and process; the longest silent are forgotten first."""

    __slots__ = ("_instances", "_processes", "_requests")

    def __init__(self) -> None:
        self._requests: Memory[str, tuple[float, int]] = Memory()
        self._instances: Memory[str, tuple[float, int]] = Memory()
        self._processes: Memory[tuple[str, int | None], tuple[float, int]] = Memory()

    def link(self, event: LogEvent, template: int, at: float) -> Link:
        """Place an event that happened at second `at`, and remember it as the last of its chains."""
        now = (at, template)
        request, instance = event.request_id, event.instance_id
        request_last = _replace(self._requests, request, now) if request else None
        instance_last = _replace(self._instances, instance, now) if instance else None
        request_at, before_request = request_last or _NOTHING
        instance_at, before_instance = instance_last or _NOTHING
        if request_last is not None:
            previous, gap = before_request, at - request_at
        elif instance_last is not None:
            previous, gap = before_instance, at - instance_at
        elif request:
            previous, gap = START, _NAN
        elif instance:
            previous, gap = None, _NAN
        else:
            process_last = _replace(self._processes, (event.service, event.pid), now)
            previous, gap = (process_last[1] if process_last else None), _NAN
        return _new_link((previous, gap, at - request_at, at - instance_at, before_request, before_instance))


def _replace(chains: Memory[_Key, tuple[float, int]], key: _Key, now: tuple[float, int]) -> tuple[float, int] | None:
    """Remember an event as the last of its chain; give the one before it."""
    last = chains.pop(key, None)
    chains.keep(key, now)
    return last
