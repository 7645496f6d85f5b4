"""Events to the 37 features of `core.schema`, in one streaming pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import exp
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import Chains, Link, Usual
from core.baseline.chains import START
from core.events import LogEvent
from core.features.batch import KINDS, LEVELS, METHODS, STATUSES, FeatureBatch, Rows, pack_row
from core.features.quantity import Quantity
from core.features.rate import Rate
from core.features.silence import Overdue, Recurrence
from core.features.site import Site
from core.features.standing import BENIGN, HOME, SEVERE, WARNS, Standing
from core.features.window import Window
from core.schema import WINDOW_SECONDS
from core.support.bounded import Memory
from core.templates import MessageFacts

Floats = NDArray[np.float64]
Notes = dict[str, tuple[float, float]]

_OPENING_SECONDS: Final = 60.0
"""Requests that are first seen this early may have begun before the stream did."""
_JUMP_SECONDS: Final = 60.0
"""A clock set back by more than this begins the windows anew."""


class FeatureExtractor:
    """Turns the events of one stream into features; remembers what the stream has shown.

    One extractor per stream: `extract` may be called with any split of the events and gives the same rows. Event by
    event only that is done which needs those before it; the rest is done on whole columns.
    """

    def __init__(self, usual: Usual) -> None:
        self._usual = usual
        self._site = Site(usual)
        self._seq = 0
        self._clock: float | None = None
        self._troubled: Memory[str, None] = Memory()
        self._restart_windows(0.0)

    def _restart_windows(self, at: float) -> None:
        self._began = at
        self._chains = Chains()
        self._window = Window()
        self._rate = Rate()
        self._overdue = Overdue()
        self._recurrence = Recurrence()
        self._site.forget_times()

    def extract(self, events: Sequence[LogEvent], facts: Sequence[MessageFacts]) -> FeatureBatch:
        """Features of the next events of the stream, one row each."""
        if not events:
            return Rows().batch(np.empty(0), np.empty(0), ())
        rows = Rows()
        rates = []
        at, gaps, restarts = self._tick(np.array([event.timestamp for event in events], np.float64))
        for first, end in pairwise(sorted({0, *restarts, len(events)})):
            if first in restarts:
                self._restart_windows(float(at[first]))
            stretch = slice(first, end)
            for event, fact, moment in zip(events[stretch], facts[stretch], at[stretch].tolist(), strict=True):
                self._describe(event, fact, moment, rows)
            rates.append((stretch, self._rate))
        batch = rows.batch(at, gaps, rates)
        given = {row: event.features for row, event in enumerate(events) if event.features is not None}
        return batch.with_given(given) if given else batch

    def _tick(self, stamps: Floats) -> tuple[Floats, Floats, list[int]]:
        """Say when events happened [N] (like the one before where nan), how long after that one, and where time jumps.

        The last are places at which the clock was set back.
        """
        known = ~np.isnan(stamps)
        if self._clock is None:
            self._clock = self._began = float(stamps[0]) if known[0] else 0.0
        filled = np.concatenate(([self._clock], stamps))
        newest = np.maximum.accumulate(np.where(known, np.arange(1, len(filled)), 0))
        at = filled[newest]
        before = np.concatenate(([self._clock], at[:-1]))
        self._clock = float(at[-1])
        return at, np.abs(at - before), np.flatnonzero(at < before - _JUMP_SECONDS).tolist()

    def _describe(self, event: LogEvent, fact: MessageFacts, at: float, rows: Rows) -> None:
        site = self._site
        template, method, route, status, latency, _, duration = fact
        level, request, instance = event.level, event.request_id, event.instance_id
        service = site.service(event.service)
        standing = site.standing(service, template)
        link = self._chains.link(event, template.id, at)
        severe, warning = level in _SEVERE, level == "WARNING"
        ground = site.ground(service)
        home = ground is HOME
        words = standing.words
        if words is None:
            words = site.word_surprisal(template.words, ground)
        proof = SEVERE if severe else WARNS if warning and template.failure_words else BENIGN
        site.observe(service, standing, at, ground, proof)
        notes: Notes = {}
        if standing.new and standing.count > 1:
            notes["new_template"] = (at - standing.first, 0.0)
        burst = standing.burst(at)
        if burst > _STANDS_OUT:
            notes["burst"] = (standing.in_minute, standing.in_minute / exp(burst))
        transition, new_transition, stage_z = self._step(standing, link, at, notes) if home else _NO_STEP
        reply = self._reply(fact, notes, home=home) if route else _NO_REPLY
        duration_z = self._duration(template.id, duration, at, notes, home=home) if duration >= 0.0 else 0.0
        troubled = request in self._troubled or instance in self._troubled
        failed = status >= 500
        if severe or failed or standing.new:
            self._mark(request, instance)
        late = self._silences(request, instance, template.id, at, notes)
        replied = status > 0 and latency >= 0.0
        marks = (warning, severe, replied, failed, standing.new)
        sums = self._window.add(at, template.id, standing.surprisal, reply[0], marks, late)
        if notes:
            rows.measured[len(rows.packed)] = notes
        rows.previous.append(link.previous)
        rows.packed.append(
            pack_row(
                at - service.last,
                link.request_gap,
                link.instance_gap,
                standing.surprisal,
                transition,
                words,
                standing.rarity,
                reply[0],
                reply[1],
                duration_z,
                stage_z,
                reply[2],
                burst,
                *sums,
                request,
                instance,
                standing.new,
                new_transition,
                severe,
                warning,
                template.failure_words,
                troubled,
                home,
                standing.variant,
                standing.known,
                standing.judged,
                service.code,
                LEVELS.get(level, 0),
                METHODS.get(method, 0),
                STATUSES.get(status, 0),
                KINDS.get(template.kind, 0),
                standing.familiarity,
            )
        )
        service.last = at

    def _step(self, standing: Standing, link: Link, at: float, notes: Notes) -> tuple[float, bool, float]:
        """Say of a template after the one before it how surprising it is, whether it is new there, and z of the gap."""
        if link.previous is None:
            return _NO_STEP
        step = self._site.step(standing, link.previous)
        stage_z = 0.0
        if step.gap is not None and link.gap >= 0.0:  # nan: nothing before it
            stage_z = step.gap.judge(link.gap, home=True)
            _note(notes, "stage_z", stage_z, link.gap, step.gap)
        if not standing.known or (link.previous == START and at - self._began < _OPENING_SECONDS):
            return 0.0, False, stage_z
        return step.surprisal, step.new, stage_z

    def _reply(self, fact: MessageFacts, notes: Notes, *, home: bool) -> tuple[float, float, float]:
        """Z of latency and size of an HTTP exchange, and how surprising its status is.

        At `home` they are judged by the baseline, elsewhere by what this log has shown.
        """
        usual = self._site.reply(fact.route, fact.status)
        latency_z = size_z = 0.0
        if fact.latency >= 0.0:  # nan is not
            latency_z = usual.latency.judge(fact.latency, home=home)
            _note(notes, "latency_z", latency_z, fact.latency, usual.latency)
        if fact.size >= 0.0:
            size_z = usual.size.judge(fact.size, home=home)
            _note(notes, "size_z", size_z, fact.size, usual.size)
        return latency_z, size_z, usual.surprisal if home else 0.0

    def _duration(self, template: int, seconds: float, at: float, notes: Notes, *, home: bool) -> float:
        """Z of how long a message says that something took."""
        usual = self._site.duration(template)
        z = usual.judge(seconds, home=home)
        _note(notes, "duration_z", z, seconds, usual)
        slow = z >= _SLOW_Z and seconds >= _SLOW_RATIO * usual.common
        if slow and self._recurrence.count("slow", template, at, _SLOW_SECONDS) > 1:
            notes["slow_again"] = (seconds, usual.common)
        return z

    def _silences(self, request: str, instance: str, template: int, at: float, notes: Notes) -> int:
        """Count the requests and instances that have been silent for too long by now, and wait for this event's."""
        usual, overdue = self._usual, self._overdue
        silences = overdue.silent(at)
        self._seq += 1
        if request:
            overdue.expect(request, template, at, usual.request_patience.get(template), self._seq)
        if instance:
            overdue.expect(instance, template, at, usual.instance_patience.get(template), self._seq)
        if silences:
            notes["overdue_requests"] = (at - silences[0].since, float(len(silences)))
            if any(silence.news for silence in silences):
                count = self._recurrence.count("silence", 0, at, WINDOW_SECONDS)
                if count >= _SILENCES:
                    notes["silence"] = (float(count), 0.0)
        return len(silences)

    def _mark(self, request: str, instance: str) -> None:
        for chain in (request, instance):
            if chain:
                self._troubled.keep(chain, None)


_SEVERE: Final = frozenset({"ERROR", "CRITICAL"})
_STANDS_OUT: Final = 1.0
"""z or log ratio from which the value and what is usual are kept for the reasons."""
_SLOW_Z: Final = 3.0
_SLOW_RATIO: Final = 3.0
_SLOW_SECONDS: Final = 600.0
"""One thing that took three times as long as usual may have its reasons; twice within ten minutes it is slow."""
_SILENCES: Final = 3
"""Requests that went silent within five minutes, from which it is no coincidence."""
_NO_STEP: Final = (0.0, False, 0.0)
_NO_REPLY: Final = (0.0, 0.0, 0.0)


def _note(notes: Notes, name: str, z: float, value: float, usual: Quantity) -> None:
    if abs(z) > _STANDS_OUT:
        notes[name] = (value, usual.common)
