"""What took too long: replies by route, durations by template, and the stages of requests and instances.

How far out a value is, is -log of the share of values as long, in nats: by this stream's own values once it has seen
enough of the kind, else by the baseline's. One kind may be slow again and again, and many kinds at once: those nats add
up while they stay above what is usual on average, and halve every ten minutes.
"""

from __future__ import annotations

from functools import partial
from math import log, nan
from typing import Final, NamedTuple

from core.baseline import CompiledBaseline, Link
from core.baseline.tails import KINDS, OFFSET_S, OWN_VALUES, Tail, bin_of, fit, stage_gap, stage_key
from core.events import LogEvent
from core.features.reference import BASELINE, Reference
from core.features.wording import ReasonText, ago, three_digits
from core.support import bounded
from core.support.bounded import BoundedDefaults
from core.templates import MessageFacts

_HALF_LIFE_S: Final = 600.0
_ALLOWED: Final = 1.5
"""Nats of a value that add nothing to the sums: the mean of what is usual is 1 for one quantity, 1.5 for the strongest
of two."""
_REFIT: Final = 1.25
"""A stream's own tail is fitted again after this many times the values."""
_KEPT: Final = 2_000.0
"""Values of a kind that count: beyond, what is older counts half."""
_KEYS: Final = 4_000
"""Kinds that a stream keeps, and at most twice as many."""


class Slowness(NamedTuple):
    """How far out the times of one event are."""

    latency_nats: float
    """-log P(reply of this route takes as long); 0 without a reply, and where too few are known."""
    duration_nats: float
    """The same of a duration that the message tells, by its template."""
    stage_nats: float
    """The same of the time since the event before it in its request or instance."""
    slow_nats: float
    """The strongest of the three."""
    slow_kind: int
    """Which one that is: 1 + its place in `tails.KINDS`; 0 for none above its median."""
    slow_s: float
    """Seconds that this one took; nan for none."""
    usual_slow_s: float
    """Median of its kind, seconds; nan for none."""
    slow_again_nats: float
    """Sum of the nats of this kind above what is usual, less the strongest: what is slow again and again."""
    slow_many_nats: float
    """Sum of the nats of all kinds above what is usual, less the strongest, each kind with its strongest alone: what is
    slow at once."""
    slow_times: int
    """Times that this kind was slow while its sum lasted, this time included."""
    slow_times_s: float
    """Seconds in which it was; nan for none."""
    slow_kinds: int
    """Kinds that were slow while the sum of all lasted, this one included."""
    slow_kinds_s: float
    """Seconds in which they were; nan for none."""


NOT_SLOW: Final = Slowness(0.0, 0.0, 0.0, 0.0, 0, nan, nan, 0.0, 0.0, 0, nan, 0, nan)
_new = partial(tuple.__new__, Slowness)


class DecayedSum:
    """A sum of gains that halves every ten minutes and never falls below 0 (CUSUM)."""

    __slots__ = ("at", "since", "strongest", "times", "total")

    def __init__(self, at: float) -> None:
        """Begin at 0 at second `at`."""
        self.at = at
        self._clear()

    def _clear(self) -> None:
        self.total = self.strongest = 0.0
        self.since = nan
        self.times = 0

    def advance(self, at: float) -> float:
        """Let it decay until second `at`; return the strongest gain that is left."""
        if at > self.at:
            left = 0.5 ** ((at - self.at) / _HALF_LIFE_S)
            self.total *= left
            self.strongest *= left
            self.at = at
        return self.strongest

    def add(self, gain: float, *, counts: bool = True) -> float:
        """Add a gain, which may be negative; return the sum without its strongest gain."""
        self.total += gain
        if self.total <= 0.0:
            self._clear()
            return 0.0
        if gain > 0.0:
            if not self.times:
                self.since = self.at
            self.times += counts
            self.strongest = max(self.strongest, gain)
        return max(self.total - self.strongest, 0.0)


class RunningTail:
    """The seconds of one kind: the baseline's tail, and the stream's own once it has seen enough."""

    __slots__ = ("_baseline", "_bins", "_count", "_own", "_refit_at", "sum")

    def __init__(self, baseline: Tail | None) -> None:
        """Begin without a value of this stream; `baseline` is None where that does not have the quantity."""
        self._baseline = baseline
        self._own: Tail | None = None
        self._bins: dict[int, float] = {}
        self._count = 0.0
        self._refit_at: float = OWN_VALUES
        self.sum: DecayedSum | None = None

    def usual(self, reference: Reference) -> Tail | None:
        """Return what a value is compared with; None where too little is known."""
        return self._own or (self._baseline if reference is BASELINE else None)

    def learn(self, logged: float, usual: Tail | None) -> None:
        """Take in a value; one beyond the reach of what is usual as one there, so that no outage soon becomes usual."""
        if usual is not None and logged > usual.reach:
            logged = usual.reach
        place = bin_of(logged)
        self._bins[place] = self._bins.get(place, 0.0) + 1.0
        self._count += 1.0
        if self._count >= self._refit_at:
            self._refit()

    def _refit(self) -> None:
        if self._count >= _KEPT:
            self._bins = {place: held / 2 for place, held in self._bins.items() if held > 0.25}
            self._count = sum(self._bins.values())
        self._refit_at = min(self._count * _REFIT, _KEPT)
        self._own = fit(self._bins, None if self._baseline is None else self._baseline.spread)


class SlowTracker:
    """How long things took in one stream."""

    __slots__ = ("_durations", "_latencies", "_stages", "_sum")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._latencies, self._durations, self._stages = (
            BoundedDefaults[int, RunningTail](partial(_running_tail, baseline.tails[kind]), min(_KEYS, bounded.LIMIT))
            for kind in KINDS
        )
        self.restart()

    def restart(self) -> None:
        """Forget what was slow lately, not what is usual: the stream begins, or its clock was set back."""
        self._sum = DecayedSum(0.0)
        for tails in (self._latencies, self._durations, self._stages):
            for tail in tails.held():
                tail.sum = None

    def advance(self, event: LogEvent, facts: MessageFacts, link: Link, reference: Reference, at: float) -> Slowness:
        """Compare the times of an event at second `at` with what is usual, and take them in."""
        template, _, route, _, latency_s, _, duration_s = facts
        stage_s = stage_gap(link, has_request=bool(event.request_id))
        found: list[_Found] = []
        latency_nats = duration_nats = stage_nats = 0.0
        if latency_s >= 0.0 and route:
            latency_nats = _judge(found, 1, self._latencies[route], latency_s, reference)
        if duration_s >= 0.0:
            duration_nats = _judge(found, 2, self._durations[template.id], duration_s, reference)
        if stage_s >= 0.0 and link.previous is not None:
            key = stage_key(link.previous, template.id)
            stage_nats = _judge(found, 3, self._stages[key], stage_s, reference)
        if not found:
            return NOT_SLOW
        slow_nats, kind, seconds, usual, tail = max(found) if len(found) > 1 else found[0]
        self._settle(found, slow_nats, at)
        if not slow_nats:
            return NOT_SLOW
        again = self._add(tail, slow_nats - _ALLOWED, at) if slow_nats > _ALLOWED else _NOT_AGAIN
        return _new((latency_nats, duration_nats, stage_nats, slow_nats, kind, seconds, usual.usual_s, *again))

    def _settle(self, found: list[_Found], slow_nats: float, at: float) -> None:
        """Take what is usual off the sums: off each kind's for its own value, off that of all for the strongest."""
        for nats, _, _, _, tail in found:
            own = tail.sum
            if own is not None and own.total and (nats <= _ALLOWED or nats < slow_nats):
                own.advance(at)
                own.add(nats - _ALLOWED)
        if slow_nats <= _ALLOWED and self._sum.total:
            self._sum.advance(at)
            self._sum.add(slow_nats - _ALLOWED)

    def _add(self, tail: RunningTail, gain: float, at: float) -> _Again:
        """Add what is slow to the sum of its kind, and to that of all what is more than its kind has there."""
        own, total = tail.sum, self._sum
        if own is None:
            own = tail.sum = DecayedSum(at)
        before = own.advance(at)
        again = own.add(gain)
        total.advance(at)
        many = total.add(max(gain - before, 0.0), counts=not before)
        return again, many, own.times, at - own.since, total.times, at - total.since


_Again = tuple[float, float, int, float, int, float]
"""The last fields of `Slowness`."""

_NOT_AGAIN: Final[_Again] = (0.0, 0.0, 0, nan, 0, nan)

_Found = tuple[float, int, float, Tail, RunningTail]
"""Nats, kind, seconds, what they were compared with, and whose they are."""


def _running_tail(known: dict[int, Tail], key: int) -> RunningTail:
    return RunningTail(known.get(key))


def _judge(found: list[_Found], kind: int, tail: RunningTail, seconds: float, reference: Reference) -> float:
    """Return the nats of a value, note them, and let the kind take it in."""
    logged = log(seconds + OFFSET_S)
    usual = tail.usual(reference)
    tail.learn(logged, usual)
    if usual is None:
        return 0.0
    nats = usual.nats(logged) if logged > usual.median else 0.0
    found.append((nats, kind, seconds, usual, tail))
    return nats


_TEXTS: Final = ("", "reply took {} s, usually {}", "took {} s, usually {}", "came after {} s, usually {}")


def slow_reason(slow: Slowness) -> ReasonText | None:
    """Word the time that is furthest out."""
    if not slow.slow_kind:
        return None
    value, usual = slow.slow_s, slow.usual_slow_s
    return ReasonText(_TEXTS[slow.slow_kind].format(three_digits(value), three_digits(usual)), value, usual)


def slow_again_reason(slow: Slowness) -> ReasonText | None:
    """Word a time that is far out again, or one of many kinds at once."""
    reason = slow_reason(slow)
    if reason is None or max(slow.slow_again_nats, slow.slow_many_nats) <= 0.0:
        return None
    if slow.slow_many_nats > slow.slow_again_nats:
        more = f"one of {slow.slow_kinds} steps that were slow within {ago(slow.slow_kinds_s)}"
    else:
        more = f"for the {_ordinal(slow.slow_times)} time in {ago(slow.slow_times_s)}"
    return reason._replace(text=f"{reason.text}, {more}")


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{('th', 'st', 'nd', 'rd')[number % 10] if number % 10 < 4 else 'th'}"
