"""Events to the 37 features of `core.schema`, in one streaming pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import log1p
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import Chains, Link, Usual
from core.baseline.chains import START
from core.baseline.usual import SURPRISAL_CAP
from core.events import LogEvent, State
from core.schema import CATEGORICAL
from core.site import Ground, Site
from core.templates import MessageFacts
from core.window import Overdue, Rate, Window

Float32 = NDArray[np.float32]

_LONGEST_GAP: Final = log1p(300.0)
_OPENING_SECONDS: Final = 60.0
"""Requests that are first seen this early may have begun before the stream did."""
_JUMP_SECONDS: Final = 60.0
"""A clock set back by more than this begins the windows anew."""


@dataclass(frozen=True, slots=True)
class FeatureBatch:
    """Features of N events in stream order, in native units (nothing scaled), and what the reasons need of them."""

    numerical: Float32
    """[N, 14]"""
    binary: Float32
    """[N, 8]"""
    categorical: NDArray[np.int64]
    """[N, 6], 0 = unknown"""
    aggregates: Float32
    """[N, 9]"""
    timestamps: NDArray[np.float64]
    """[N] seconds"""
    states: tuple[State, ...]
    known: int
    """Events whose template the baseline has."""
    measured: dict[int, dict[str, tuple[float, float]]]
    """Row -> feature -> (value, usual) in the log's own units, for rows where a quantity stands out."""

    def __len__(self) -> int:
        return len(self.states)


class _Codes:
    """Vocabulary indices, with unknown services sorted under the family they belong to."""

    def __init__(self) -> None:
        self.level = {name: index for index, name in enumerate(CATEGORICAL["level"])}
        self.method = {name: index for index, name in enumerate(CATEGORICAL["method"])}
        self.kind = {name: index for index, name in enumerate(CATEGORICAL["kind"])}
        self.familiarity = {name: index for index, name in enumerate(CATEGORICAL["familiarity"])}
        self._service = {name: index for index, name in enumerate(CATEGORICAL["service"])}
        self._status = {name: index for index, name in enumerate(CATEGORICAL["status"])}

    def service(self, name: str) -> int:
        code = self._service.get(name)
        if code is None:
            family = name.partition("-")[0]
            code = self._service.get(family, self._service.get(f"{family}-other", 0))
            if code == 0 and name:
                code = self._service["other"]
            if len(self._service) < 10_000:  # names come from files: bounded
                self._service[name] = code
        return code

    def status(self, status: int) -> int:
        return self._status.get("404" if status == 404 else f"{status // 100}xx", 0) if status else 0


class FeatureExtractor:
    """Turns the events of one stream into features; remembers what the stream has shown.

    One extractor per stream: `extract` may be called with any split of the events and gives the same rows.
    """

    def __init__(self, usual: Usual) -> None:
        self._usual = usual
        self._codes = _Codes()
        self._site = Site(usual)
        self._seq = 0
        self._clock: float | None = None
        self._began = 0.0
        self._services: dict[str, float] = {}
        self._troubled: dict[str, None] = {}
        self._restart_windows()

    def _restart_windows(self) -> None:
        self._chains = Chains()
        self._window = Window()
        self._rate = Rate()
        self._overdue = Overdue()
        self._services.clear()

    def extract(self, events: Sequence[LogEvent], facts: Iterable[MessageFacts]) -> FeatureBatch:
        """Features of the next events of the stream, one row each."""
        numerical: list[tuple[float, ...]] = []
        binary: list[tuple[bool, ...]] = []
        categorical: list[tuple[int, ...]] = []
        aggregates: list[tuple[float, ...]] = []
        timestamps: list[float] = []
        states: list[State] = []
        measured: dict[int, dict[str, tuple[float, float]]] = {}
        known_rows = 0
        usual, site, codes = self._usual, self._site, self._codes
        for event, fact in zip(events, facts, strict=True):
            template, _, route, status, latency, size, duration = fact
            service, tid = event.service, template.id
            at = event.timestamp
            stream_gap, at = self._tick(at)
            last = self._services.get(service)
            service_gap = _LONGEST_GAP if last is None else log1p(min(max(at - last, 0.0), 300.0))
            self._services[service] = at
            link = self._chains.link(event, tid, at)
            ground = site.ground(service)
            severe = event.level in _SEVERE
            warning = event.level == "WARNING"
            failure = template.failure_words
            usual_template = usual.templates.get((service, tid))
            notes: dict[str, tuple[float, float]] = {}

            new = False
            if usual_template is not None:
                known_rows += 1
                surprisal, rarity, familiarity, peak = usual_template
            else:
                surprisal, count = site.surprise(service, tid, ground)
                peak = None
                rarity, familiarity = 0.5, 0
                if count:
                    rarity = 1.0 / (1.0 + count)
                    familiarity = _RARE if count < 5 else _OCCASIONAL if count < 50 else _COMMON
                elif ground is not Ground.COLD:
                    new = True
                    rarity, familiarity = 1.0, _NEVER
            words = site.word_surprisal(template.words, ground)
            site.observe(
                service, tid, at, ground, known=usual_template is not None, severe=severe or warning or failure
            )
            transition, new_transition = self._transition(link, tid, surprisal, at, known=usual_template is not None)
            burst, minute = site.burst(service, tid, at, peak)
            if burst > _STANDS_OUT:
                notes["burst"] = (minute, minute / max(2.718281828**burst, 1.0))

            latency_z = size_z = duration_z = stage_z = status_surprisal = 0.0
            if latency >= 0.0:
                latency_z, common = site.judge("latency", route, 0, latency, usual.latency.get(route))
                _note(notes, "latency_z", latency_z, latency, common)
            if size >= 0.0:
                size_z, common = site.judge("size", route, status, size, usual.size.get(route ^ status))
                _note(notes, "size_z", size_z, size, common)
            if duration >= 0.0:
                duration_z, common = site.judge("duration", tid, 0, duration, usual.duration.get(tid))
                _note(notes, "duration_z", duration_z, duration, common)
            gap = link.gap
            if gap >= 0.0 and link.previous is not None:
                stage = usual.stage.get((link.previous, tid))
                if stage is not None:
                    stage_z, common = site.judge("stage", link.previous, tid, gap, stage)
                    _note(notes, "stage_z", stage_z, gap, common)
            if status and route:
                statuses = usual.status.get(route)
                if statuses is not None:
                    status_surprisal = statuses.get(status, statuses[0])

            request, instance = event.request_id, event.instance_id
            troubled = request in self._troubled or instance in self._troubled
            server_error = status >= 500
            if severe or server_error or new:
                self._mark(request, instance)
            late = self._overdue.silent(at)
            self._seq += 1
            if request:
                self._overdue.expect(request, tid, at, usual.request_patience.get(tid), self._seq)
            if instance:
                self._overdue.expect(instance, tid, at, usual.instance_patience.get(tid), self._seq)
            if late:
                notes["overdue_requests"] = (at - late[0].since, float(len(late)))
            aggregate = self._window.add(
                at,
                tid,
                warning,
                severe,
                status > 0 and latency >= 0.0,
                server_error,
                new,
                surprisal,
                latency_z,
                len(late),
            )
            if notes:
                measured[len(states)] = notes
            numerical.append(
                (
                    stream_gap,
                    service_gap,
                    _log_gap(link.request_gap),
                    _log_gap(link.instance_gap),
                    surprisal,
                    transition,
                    words,
                    rarity,
                    latency_z,
                    size_z,
                    duration_z,
                    stage_z,
                    status_surprisal,
                    burst,
                )
            )
            binary.append((bool(request), bool(instance), new, new_transition, severe, warning, failure, troubled))
            categorical.append(
                (
                    codes.service(service),
                    codes.level.get(event.level, 0),
                    codes.method.get(fact.method, 0),
                    codes.status(status),
                    codes.kind.get(template.kind, 0),
                    familiarity,
                )
            )
            aggregates.append((self._rate.ratio(at, len(self._window)), *aggregate))
            timestamps.append(at)
            states.append(State.WARMING_UP if ground is Ground.COLD and usual_template is None else State.SCORED)
        rows = len(states)
        return FeatureBatch(
            np.array(numerical, np.float32).reshape(rows, 14),
            np.array(binary, np.float32).reshape(rows, 8),
            np.array(categorical, np.int64).reshape(rows, 6),
            np.array(aggregates, np.float32).reshape(rows, 9),
            np.array(timestamps, np.float64),
            tuple(states),
            known_rows,
            measured,
        )

    def _tick(self, stamp: float | None) -> tuple[float, float]:
        """log1p of the seconds since the last event, and the event's time (that of the last where it has none)."""
        clock = self._clock
        if clock is None:
            self._clock = self._began = stamp or 0.0
            return 0.0, self._clock
        if stamp is None:
            return 0.0, clock
        if stamp < clock - _JUMP_SECONDS:
            self._restart_windows()
            self._began = stamp
        self._clock = stamp
        return log1p(min(abs(stamp - clock), 300.0)), stamp

    def _transition(self, link: Link, template: int, surprisal: float, at: float, *, known: bool) -> tuple[float, bool]:
        previous = link.previous
        if previous is None or not known or (previous == START and at - self._began < _OPENING_SECONDS):
            return 0.0, False
        found = self._usual.transitions.get((previous, template))
        if found is not None:
            return found, False
        unseen = self._usual.predecessors.get(previous)
        if unseen is None:
            return 0.0, False
        return min(unseen + surprisal, SURPRISAL_CAP), True

    def _mark(self, request: str, instance: str) -> None:
        for chain in (request, instance):
            if chain:
                self._troubled[chain] = None
        while len(self._troubled) > _TROUBLED_KEPT:
            del self._troubled[next(iter(self._troubled))]


_SEVERE: Final = frozenset({"ERROR", "CRITICAL"})
_STANDS_OUT: Final = 1.0
"""z or log ratio from which the value and what is usual are kept for the reasons."""
_TROUBLED_KEPT: Final = 20_000
_NEVER, _RARE, _OCCASIONAL, _COMMON = (
    CATEGORICAL["familiarity"].index(name) for name in ("never", "rare", "occasional", "common")
)


def _log_gap(seconds: float) -> float:
    return log1p(min(max(seconds, 0.0), 300.0)) if seconds == seconds else 0.0  # nan: no chain


def _note(notes: dict[str, tuple[float, float]], name: str, z: float, value: float, usual: float) -> None:
    if abs(z) > _STANDS_OUT:
        notes[name] = (value, usual)
