"""What this very log has shown so far, laid over the baseline: on a foreign deployment it is all there is to judge by.

Every decision here depends on the events alone and their order, never on scores, so that any split of the stream into
batches gives the same features.
"""

from __future__ import annotations

from enum import IntEnum
from math import exp, log, log1p
from typing import Final, NamedTuple

from core.baseline import Moments, Usual
from core.baseline.usual import SURPRISAL_CAP, Spread


class Ground(IntEnum):
    """On what ground an unseen template can be called unusual."""

    COLD = 0
    """Neither the baseline nor this log's own past knows the service: an unseen template means nothing yet."""
    SITE = 1
    """This log's own past: the service has gone on for a while with next to nothing new."""
    HOME = 2
    """The baseline: nearly all that the service writes is known to it."""


_HOME_SHARE: Final = 0.75
"""Share of a service's different templates that the baseline has to know."""
_HOME_EVENTS: Final = 50
"""Events of the stream before its fit to the baseline is judged."""
_PRIOR: Final = 8.0
"""Weight, in templates, of the whole stream's fit in that of one service."""
_NOVELTY_MEMORY: Final = 0.999
_SITE_EVENTS: Final = 200
_SITE_NOVELTY: Final = 0.01
_BURST_SECONDS: Final = 60.0
"""New templates this close together are one piece of news and not many: an incident must not warm its own log up."""


class Proof(NamedTuple):
    """What a new template must have shown before it is usual here: sights in so many blocks of so many seconds."""

    blocks: int
    seconds: float


BENIGN: Final = Proof(1, 120.0)
"""It speaks of no failure: it has been around for two minutes."""
WARNS: Final = Proof(3, 120.0)
"""A warning of a failure: it comes again and again."""
SEVERE: Final = Proof(12, 600.0)
"""An ERROR or CRITICAL: it has been seen for hours. A chronic error is usual, an outage is not."""

_BASELINE_WEIGHT: Final = 50
"""Values of this log that count as much as the baseline when a quantity is judged."""
_OWN_VALUES: Final = 20
"""Values that a quantity unknown to the baseline needs before it is judged."""


class _Service:
    """How well one service is known."""

    __slots__ = ("events", "known", "last_news", "news", "novel", "observed")

    def __init__(self) -> None:
        self.events = 0
        self.known: set[int] = set()
        """Its templates that the baseline knows."""
        self.news = 0
        """Pieces of news: templates that the baseline does not know, those of one burst together."""
        self.novel = 0.0
        self.observed = 0.0
        self.last_news = float("-inf")


class _Seen:
    """How often and when a template that the baseline does not know was seen in a service."""

    __slots__ = ("blocks", "count", "first", "last_block", "usual")

    def __init__(self, at: float) -> None:
        self.count = 0
        self.first = at
        self.blocks = 0
        self.last_block = -1
        self.usual = False


class Site:
    """The running memory of one stream."""

    __slots__ = ("_minutes", "_quantities", "_seen", "_services", "_stems", "_stream", "_usual", "_words")

    def __init__(self, usual: Usual) -> None:
        self._usual = usual
        self._stream = _Service()
        self._services: dict[str, _Service] = {}
        self._seen: dict[tuple[str, int], _Seen] = {}
        self._stems: set[tuple[str, int]] = set()
        self._words: dict[int, int] = {}
        self._minutes: dict[tuple[str, int], tuple[int, int, int]] = {}
        self._quantities: dict[tuple[str, int, int], Moments] = {}

    def ground(self, service: str) -> Ground:
        """On what ground the service's next event can be judged."""
        stream = self._stream
        known = self._services.get(service)
        if known is None:
            known = self._services[service] = _Service()
        if service in self._usual.novelty and stream.events >= _HOME_EVENTS:
            overall = len(stream.known) / (len(stream.known) + stream.news)
            mine = len(known.known)
            if mine + _PRIOR * overall >= _HOME_SHARE * (mine + known.news + _PRIOR):
                return Ground.HOME
        if known.events >= _SITE_EVENTS and known.novel <= _SITE_NOVELTY * known.observed:
            return Ground.SITE
        return Ground.COLD

    def age(self, service: str, template: int, at: float) -> float | None:
        """Seconds since a template that the baseline does not know was first seen here; None before that."""
        seen = self._seen.get((service, template))
        return None if seen is None else at - seen.first

    def varies(self, service: str, stem: int) -> bool:
        """Whether a template with this stem is usual in the service, so that a new one differs in its details alone."""
        return (service, stem) in self._usual.stems or (service, stem) in self._stems

    def vouch(self, service: str, stem: int) -> None:
        """Take in the stem of a template that has become usual here."""
        self._stems.add((service, stem))

    def surprise(self, service: str, template: int, ground: Ground) -> tuple[float, int]:
        """Surprisal in nats of a template that the baseline does not know, and its count once it is usual (else 0)."""
        seen = self._seen.get((service, template))
        known = self._services[service]
        if seen is not None and seen.usual:
            return min(log((known.events + 1) / seen.count), SURPRISAL_CAP), seen.count
        if ground is Ground.HOME:
            return min(-log(self._usual.novelty[service]), SURPRISAL_CAP), 0
        if ground is Ground.SITE:
            return min(-log((known.novel + 0.5) / (known.observed + 1.0)), SURPRISAL_CAP), 0
        return 0.0, 0

    def observe(self, service: str, template: int, at: float, ground: Ground, proof: Proof, *, known: bool) -> None:
        """Take in one event; `known` says that the baseline has its template, so that nothing has to be proved."""
        state = self._services[service]
        news = False
        if not known:
            seen = self._seen.get((service, template))
            if seen is None:
                news = True
                seen = self._seen[service, template] = _Seen(at)
            _age(seen, at, ground, proof)
        for each in (state, self._stream):
            each.events += 1
            each.observed = each.observed * _NOVELTY_MEMORY + 1.0
            each.novel *= _NOVELTY_MEMORY
            if known:
                each.known.add(template)
            elif news and (ground is Ground.COLD or abs(at - each.last_news) > _BURST_SECONDS):
                each.news += 1
                each.novel += 1.0
                each.last_news = at

    def word_surprisal(self, words: tuple[int, ...], ground: Ground) -> float:
        """Mean surprisal in nats of the two rarest words; 0 while there is no ground to judge."""
        usual, mine = self._usual.words, self._words
        rarest = second = 0.0
        total = self._stream.events + 1
        for word in words:
            surprisal = usual.get(word)
            if surprisal is None:
                count = mine.get(word, 0)
                if count:
                    surprisal = log((total + 1) / (count + 0.5))
                elif ground is Ground.HOME:
                    surprisal = self._usual.unseen_word
                elif ground is Ground.SITE:
                    surprisal = log(2.0 * (total + 1))
                else:
                    surprisal = 0.0
                mine[word] = count + 1
            if surprisal > second:
                if surprisal > rarest:
                    rarest, second = surprisal, rarest
                else:
                    second = surprisal
        if len(words) > 1:
            rarest = 0.5 * (rarest + second)
        return min(rarest, SURPRISAL_CAP)

    def burst(self, service: str, template: int, at: float, peak: float | None) -> tuple[float, int]:
        """log1p of this minute's count over that of the busiest minute before, not under 0; and the count.

        `peak` is log1p of the baseline's busiest minute, None where it does not know the template.
        """
        minute = int(at // 60.0)
        key = (service, template)
        known = self._minutes.get(key)
        if known is None:
            self._minutes[key] = (minute, 1, 0)
            return 0.0, 1
        last, count, busiest = known
        if minute == last:
            count += 1
        else:
            # A busy minute raises what is usual by half at most, so that a storm does not vouch for itself.
            busiest = max(busiest, min(count, busiest + busiest // 2 + 5))
            count = 1
        self._minutes[key] = (minute, count, busiest)
        if count < 3:
            return 0.0, count
        own = log1p(busiest) if busiest else log1p(5)
        return min(max(log1p(count) - max(own, peak or 0.0), 0.0), 6.0), count

    def judge(self, kind: str, key: int, other: int, value: float, usual: Spread | None) -> tuple[float, float]:
        """Z of a quantity in the log domain against the baseline and this log's own values; and what is usual.

        0 and nan where neither has seen enough. The value is then taken in, no further out than 3 deviations.
        """
        logged = log(value + 0.001)
        own = self._quantities.get((kind, key, other))
        if own is None:
            own = self._quantities[kind, key, other] = Moments()
        if usual is None:
            if own.count < _OWN_VALUES:
                own.add(logged)
                return 0.0, float("nan")
            mean, deviation = own.mean, own.deviation(0.5)
        elif own.count:
            weight = own.count / (own.count + _BASELINE_WEIGHT)
            mean = usual.mean + weight * (own.mean - usual.mean)
            deviation = max(usual.deviation, weight * own.deviation(usual.deviation))
        else:
            mean, deviation = usual.mean, usual.deviation
        z = (logged - mean) / deviation
        own.add(mean + min(max(z, -3.0), 3.0) * deviation)
        return min(max(z, -6.0), 6.0), max(exp(mean) - 0.001, 0.0)


def _age(seen: _Seen, at: float, ground: Ground, proof: Proof) -> None:
    """Count one more sight of a template, and decide whether it is usual by now."""
    seen.count += 1
    block = int(at // proof.seconds)
    if block != seen.last_block:
        seen.last_block = block
        seen.blocks += 1
    if not seen.usual:
        if proof is BENIGN:
            seen.usual = ground is Ground.COLD or at - seen.first >= proof.seconds
        else:
            seen.usual = seen.blocks >= proof.blocks
