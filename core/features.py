"""Events to the 37 features of `core.schema`, in one streaming pass."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, log1p
from typing import Final, NamedTuple

from core.baseline import Chains, Link, Usual
from core.baseline.chains import START
from core.baseline.usual import SURPRISAL_CAP
from core.events import LogEvent
from core.feature_rows import Codes, FeatureBatch, Rows
from core.schema import CATEGORICAL, WINDOW_SECONDS
from core.site import BENIGN, SEVERE, WARNS, Ground, Site
from core.templates import MessageFacts, Template
from core.window import Overdue, Rate, Recurrence, Window

_LONGEST_GAP: Final = log1p(300.0)
_OPENING_SECONDS: Final = 60.0
"""Requests that are first seen this early may have begun before the stream did."""
_JUMP_SECONDS: Final = 60.0
"""A clock set back by more than this begins the windows anew."""


class _Familiarity(NamedTuple):
    """How well a template is known in its service."""

    surprisal: float
    rarity: float
    familiarity: int
    peak: float | None
    words: float
    new: bool = False
    variant: bool = False
    """Whether it is new in its details alone."""
    known: bool = False
    """Whether the baseline has it."""
    home: bool = False
    """Whether the baseline's numbers are this deployment's, too."""
    judged: bool = True
    """False while there is no ground to call it usual or unusual."""


class FeatureExtractor:
    """Turns the events of one stream into features; remembers what the stream has shown.

    One extractor per stream: `extract` may be called with any split of the events and gives the same rows.
    """

    def __init__(self, usual: Usual) -> None:
        self._usual = usual
        self._codes = Codes()
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
        self._recurrence = Recurrence()
        self._services.clear()

    def extract(self, events: Sequence[LogEvent], facts: Iterable[MessageFacts]) -> FeatureBatch:
        """Features of the next events of the stream, one row each."""
        rows = Rows()
        for event, fact in zip(events, facts, strict=True):
            self._describe(event, fact, rows)
        return rows.batch()

    def _describe(self, event: LogEvent, fact: MessageFacts, rows: Rows) -> None:
        template, service = fact.template, event.service
        stream_gap, at = self._tick(event.timestamp)
        last = self._services.get(service)
        self._services[service] = at
        link = self._chains.link(event, template.id, at)
        severe = event.level in _SEVERE
        warning = event.level == "WARNING"
        notes: dict[str, tuple[float, float]] = {}
        age = self._site.age(service, template.id, at)
        seen = self._familiarity(service, template, at, severe=severe, warning=warning)
        if seen.new and age is not None:
            notes["new_template"] = (age, 0.0)
        transition, new_transition = self._transition(link, template.id, seen, at)
        burst, minute = self._site.burst(service, template.id, at, seen.peak)
        if burst > _STANDS_OUT:
            notes["burst"] = (minute, minute / exp(burst))
        latency_z, size_z, duration_z = self._quantities(fact, at, notes, home=seen.home)
        stage_z = self._stage(link, template.id, notes) if seen.home else 0.0
        status_surprisal = 0.0
        if fact.status and seen.home:
            statuses = self._usual.status.get(fact.route)
            if statuses is not None:
                status_surprisal = statuses.get(fact.status, statuses[0])
        troubled = event.request_id in self._troubled or event.instance_id in self._troubled
        server_error = fact.status >= 500
        if severe or server_error or seen.new:
            self._mark(event.request_id, event.instance_id)
        late = self._silences(event, template.id, at, notes)
        aggregates = self._window.add(
            at,
            template.id,
            warning,
            severe,
            fact.status > 0 and fact.latency >= 0.0,
            server_error,
            seen.new,
            seen.surprisal,
            latency_z,
            late,
        )
        rows.numerical.append(
            (
                stream_gap,
                _LONGEST_GAP if last is None else _log_gap(at - last),
                _log_gap(link.request_gap),
                _log_gap(link.instance_gap),
                seen.surprisal,
                transition,
                seen.words,
                seen.rarity,
                latency_z,
                size_z,
                duration_z,
                stage_z,
                status_surprisal,
                burst,
            )
        )
        rows.binary.append(
            (
                bool(event.request_id),
                bool(event.instance_id),
                seen.new,
                new_transition,
                severe,
                warning,
                template.failure_words,
                troubled,
            )
        )
        rows.categorical.append(self._codes.of(event, fact, seen.familiarity))
        rows.aggregates.append((self._rate.ratio(at, len(self._window)), *aggregates))
        rows.close(at, link.previous, notes, home=seen.home, variant=seen.variant, known=seen.known, judged=seen.judged)

    def _familiarity(self, service: str, template: Template, at: float, *, severe: bool, warning: bool) -> _Familiarity:
        """How well the baseline, or else this log's own past, knows a template; and take it in."""
        site = self._site
        ground = site.ground(service)
        usual = self._usual.templates.get((service, template.id))
        words = site.word_surprisal(template.words, ground)
        if usual is not None:
            found = _Familiarity(*usual, words, known=True, home=ground is Ground.HOME)
        else:
            surprisal, count = site.surprise(service, template.id, ground)
            if count:
                site.vouch(service, template.stem)
                code = _RARE if count < 5 else _OCCASIONAL if count < 50 else _COMMON
                found = _Familiarity(surprisal, 1.0 / (1.0 + count), code, None, words, home=ground is Ground.HOME)
            elif ground is Ground.COLD:
                found = _Familiarity(surprisal, 0.5, 0, None, words, judged=False)
            else:
                variant = site.varies(service, template.stem)
                found = _Familiarity(
                    surprisal, 1.0, _NEVER, None, words, new=True, variant=variant, home=ground is Ground.HOME
                )
        proof = SEVERE if severe else WARNS if warning and template.failure_words else BENIGN
        site.observe(service, template.id, at, ground, proof, known=usual is not None)
        return found

    def _quantities(
        self, fact: MessageFacts, at: float, notes: dict[str, tuple[float, float]], *, home: bool
    ) -> tuple[float, float, float]:
        """Z of the numbers in the message: latency and size of a reply, and a duration.

        At `home` they are judged by the baseline, elsewhere by what this log has shown.
        """
        usual, judge = self._usual, self._site.judge
        route, status, template = fact.route, fact.status, fact.template.id
        latency_z = size_z = duration_z = 0.0
        if fact.latency >= 0.0:  # nan is not
            spread = usual.latency.get(route) if home else None
            latency_z, common = judge("latency", route, 0, fact.latency, spread)
            _note(notes, "latency_z", latency_z, fact.latency, common)
        if fact.size >= 0.0:
            spread = usual.size.get(route ^ status) if home else None
            size_z, common = judge("size", route, status, fact.size, spread)
            _note(notes, "size_z", size_z, fact.size, common)
        if fact.duration >= 0.0:
            spread = usual.duration.get(template) if home else None
            duration_z, common = judge("duration", template, 0, fact.duration, spread)
            _note(notes, "duration_z", duration_z, fact.duration, common)
            slow = duration_z >= _SLOW_Z and fact.duration >= _SLOW_RATIO * common
            if slow and self._recurrence.count("slow", template, at, _SLOW_SECONDS) > 1:
                notes["slow_again"] = (fact.duration, common)
        return latency_z, size_z, duration_z

    def _stage(self, link: Link, template: int, notes: dict[str, tuple[float, float]]) -> float:
        if link.previous is None or not link.gap >= 0.0:  # nan: nothing before it
            return 0.0
        usual = self._usual.stage.get((link.previous, template))
        if usual is None:
            return 0.0
        z, common = self._site.judge("stage", link.previous, template, link.gap, usual)
        _note(notes, "stage_z", z, link.gap, common)
        return z

    def _silences(self, event: LogEvent, template: int, at: float, notes: dict[str, tuple[float, float]]) -> int:
        """Count the requests and instances that have been silent for too long by now, and wait for this event's."""
        usual, overdue = self._usual, self._overdue
        silences = overdue.silent(at)
        self._seq += 1
        if event.request_id:
            overdue.expect(event.request_id, template, at, usual.request_patience.get(template), self._seq)
        if event.instance_id:
            overdue.expect(event.instance_id, template, at, usual.instance_patience.get(template), self._seq)
        if silences:
            notes["overdue_requests"] = (at - silences[0].since, float(len(silences)))
            count = self._recurrence.count("silence", 0, at, WINDOW_SECONDS)
            if count >= _SILENCES:
                notes["silence"] = (float(count), 0.0)
        return len(silences)

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

    def _transition(self, link: Link, template: int, seen: _Familiarity, at: float) -> tuple[float, bool]:
        previous = link.previous
        if previous is None or not (seen.known and seen.home):
            return 0.0, False
        if previous == START and at - self._began < _OPENING_SECONDS:
            return 0.0, False
        found = self._usual.transitions.get((previous, template))
        if found is not None:
            return found, False
        unseen = self._usual.predecessors.get(previous)
        if unseen is None:
            return 0.0, False
        return min(unseen + seen.surprisal, SURPRISAL_CAP), True

    def _mark(self, request: str, instance: str) -> None:
        for chain in (request, instance):
            if chain:
                self._troubled[chain] = None
        while len(self._troubled) > _TROUBLED_KEPT:
            del self._troubled[next(iter(self._troubled))]


_SEVERE: Final = frozenset({"ERROR", "CRITICAL"})
_STANDS_OUT: Final = 1.0
"""z or log ratio from which the value and what is usual are kept for the reasons."""
_SLOW_Z: Final = 3.0
_SLOW_RATIO: Final = 3.0
_SLOW_SECONDS: Final = 600.0
"""One thing that took three times as long as usual may have its reasons; twice within ten minutes it is slow."""
_SILENCES: Final = 3
"""Requests that went silent within five minutes, from which it is no coincidence."""
_TROUBLED_KEPT: Final = 20_000
_NEVER, _RARE, _OCCASIONAL, _COMMON = (
    CATEGORICAL["familiarity"].index(name) for name in ("never", "rare", "occasional", "common")
)


def _log_gap(seconds: float) -> float:
    return log1p(min(seconds, 300.0)) if seconds > 0.0 else 0.0  # nan, where there is no chain, is not over 0


def _note(notes: dict[str, tuple[float, float]], name: str, z: float, value: float, usual: float) -> None:
    if abs(z) > _STANDS_OUT:
        notes[name] = (value, usual)
