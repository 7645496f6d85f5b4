"""The numbers in messages: time, size and status of HTTP replies, and how long things took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from math import log, nan
from typing import Final, NamedTuple

from core.baseline import CompiledBaseline, LogNormal
from core.baseline.compiled import SURPRISAL_CAP
from core.features.reference import BASELINE, NONE, Reference
from core.features.wording import ReasonText, against_usual
from core.features.zscore import UNKNOWN, RunningZScore
from core.support.bounded import BoundedDefaults
from core.templates import MessageFacts

_UNUSUAL_STATUS: Final = 3.0
"""Surprisal from which a status is worded."""


class Quantities(NamedTuple):
    """The numbers of one message against what is usual; nan for a number that it lacks."""

    latency_z: float
    size_z: float
    status_surprisal: float
    duration_z: float
    latency_s: float
    usual_latency_s: float
    size: float
    usual_size: float
    duration_s: float
    usual_duration_s: float
    own_status_surprisal: float
    """-log p(status | route) in the stream's own past, nats; 0 where the baseline knows the route's."""


NO_QUANTITIES: Final = Quantities(0.0, 0.0, 0.0, 0.0, nan, nan, nan, nan, nan, nan, 0.0)
_new = partial(tuple.__new__, Quantities)


class QuantityTracker:
    """The quantities of one stream. Services share them: a route or a template says which quantity it is."""

    __slots__ = ("_durations", "_latencies", "_own_statuses", "_sizes", "_statuses")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._statuses = baseline.status
        self._own_statuses: BoundedDefaults[int, Counter[int]] = BoundedDefaults(_counter)
        """By route."""
        self._latencies = _z_scores(baseline.latency)
        """By route."""
        self._sizes = _z_scores(baseline.size)
        """By route ^ status."""
        self._durations = _z_scores(baseline.duration)
        """By template."""

    def score(self, facts: MessageFacts, reference: Reference) -> Quantities:
        """Compare the numbers of a message with the baseline, or else with the stream's own past."""
        template, _, route, status, latency_s, size, duration_s = facts
        timed = duration_s >= 0.0  # nan is not
        if not route and not timed:
            return NO_QUANTITIES
        latency_z, usual_latency_s = size_z, usual_size = duration_z, usual_duration_s = UNKNOWN
        surprisal = own_surprisal = 0.0
        if route:
            if latency_s >= 0.0:
                latency_z, usual_latency_s = self._latencies[route].score(latency_s, reference)
            if size >= 0.0:
                size_z, usual_size = self._sizes[route ^ status].score(size, reference)
            if status and reference is BASELINE and (usual := self._statuses.get(route)) is not None:
                surprisal = usual.get(status, usual[0])
            elif status and reference is not NONE:
                own = self._own_statuses[route]
                own_surprisal = min(log((own.total() + 1.0) / (own[status] + 0.5)), SURPRISAL_CAP)
        if timed:
            duration_z, usual_duration_s = self._durations[template.id].score(duration_s, reference)
        return _new((
            latency_z, size_z, surprisal, duration_z,
            latency_s, usual_latency_s, size, usual_size, duration_s, usual_duration_s, own_surprisal,
        ))  # fmt: skip

    def learn(self, facts: MessageFacts, quantities: Quantities, reference: Reference) -> None:
        """Take in the numbers of a message, which `score` said this of."""
        if quantities is NO_QUANTITIES:
            return
        template, _, route, status, latency_s, size, duration_s = facts
        if route and status:
            self._own_statuses[route][status] += 1
        if route and latency_s >= 0.0:
            self._latencies[route].learn(latency_s, quantities.latency_z, reference)
        if route and size >= 0.0:
            self._sizes[route ^ status].learn(size, quantities.size_z, reference)
        if duration_s >= 0.0:
            self._durations[template.id].learn(duration_s, quantities.duration_z, reference)


def _counter(_route: int) -> Counter[int]:
    return Counter()


def _z_scores(usual: Mapping[int, LogNormal]) -> BoundedDefaults[int, RunningZScore]:
    return BoundedDefaults(lambda key: RunningZScore(usual.get(key)))


def status_reason(quantities: Quantities, status: int) -> ReasonText | None:
    """Word the status of a reply, 0 for none: where the route seldom gives it, and where it is an error."""
    if not status:
        return None
    if quantities.status_surprisal >= _UNUSUAL_STATUS:
        return ReasonText(f"status {status}, unusual for this route", float(status))
    return ReasonText(f"status {status}", float(status)) if status >= 400 else None


def latency_reason(quantities: Quantities) -> ReasonText | None:
    """Word the time of a reply that stands out."""
    value, usual = quantities.latency_s, quantities.usual_latency_s
    return against_usual(quantities.latency_z, value, usual, "reply took {} s, usually {}")


def size_reason(quantities: Quantities) -> ReasonText | None:
    """Word the size of a reply that stands out."""
    value, usual = quantities.size, quantities.usual_size
    return against_usual(quantities.size_z, value, usual, "reply of {} bytes, usually {}")


def duration_reason(quantities: Quantities) -> ReasonText | None:
    """Word a duration that stands out."""
    value, usual = quantities.duration_s, quantities.usual_duration_s
    return against_usual(quantities.duration_z, value, usual, "took {} s, usually {}")
