"""What this very log has shown so far, laid over the baseline: on a foreign deployment it is all there is to judge by.

Every decision here depends on the events alone and their order, never on scores, so that any split of the stream into
batches gives the same features.
"""

from __future__ import annotations

from math import inf, log
from typing import Final, NamedTuple

from core.baseline import Usual
from core.baseline.usual import SURPRISAL_CAP, Spread
from core.features.quantity import Quantity
from core.features.standing import COLD, HOME, SITE, Ground, Proof, Service, Standing, Step, rarest
from core.schema import CATEGORICAL
from core.support.bounded import Memory
from core.templates import Template

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
_NEVER, _RARE, _OCCASIONAL, _COMMON = (
    CATEGORICAL["familiarity"].index(name) for name in ("never", "rare", "occasional", "common")
)


class Reply(NamedTuple):
    """What is usual of the replies of a route with a certain status."""

    latency: Quantity
    size: Quantity
    surprisal: float
    """Of the status, by the baseline."""


class Site:
    """The running memory of one stream."""

    __slots__ = (
        "_changes",
        "_events",
        "_known",
        "_last_news",
        "_news",
        "_quantities",
        "_replies",
        "_services",
        "_usual",
        "_words",
    )

    def __init__(self, usual: Usual) -> None:
        self._usual = usual
        self._services: dict[str, Service] = {}
        self._events = 0
        self._known: set[int] = set()
        self._news = 0
        self._last_news = -inf
        self._changes = 0
        """Rises with every change of what decides who is at home: it is asked at every event, and seldom changes."""
        self._words: Memory[int, int] = Memory()
        self._quantities: Memory[tuple[str, int, int], Quantity] = Memory()
        self._replies: Memory[tuple[int, int], Reply] = Memory()

    def service(self, name: str) -> Service:
        """Give the memory of a service."""
        service = self._services.get(name)
        if service is None:
            service = self._services[name] = Service(name)
        return service

    def forget_times(self) -> None:
        """Forget when the services were last heard of: the clock was set back."""
        for service in self._services.values():
            service.last = -inf

    def standing(self, service: Service, template: Template) -> Standing:
        """Give the memory of a template in a service."""
        standing = service.standings.get(template.id)
        if standing is None:
            standing = service.standings[template.id] = Standing(service.name, template, self._usual)
            forgotten = None if standing.known else service.strangers.keep(template.id, None)
            if forgotten is not None:
                del service.standings[forgotten[0]]
        return standing

    def step(self, standing: Standing, previous: int) -> Step:
        """Say what is usual of a template after another one."""
        step = standing.steps.get(previous)
        if step is None:
            step = self._step(standing, previous)
            standing.steps.keep(previous, step)
        return step

    def reply(self, route: int, status: int) -> Reply:
        """Say what is usual of the replies of a route with a status."""
        reply = self._replies.get((route, status))
        if reply is None:
            usual = self._usual
            statuses = usual.status.get(route) if status else None
            reply = Reply(
                self.quantity("latency", route, 0, usual.latency.get(route)),
                self.quantity("size", route, status, usual.size.get(route ^ status)),
                0.0 if statuses is None else statuses.get(status, statuses[0]),
            )
            self._replies.keep((route, status), reply)
        return reply

    def duration(self, template: int) -> Quantity:
        """Give how long a thing takes that a template tells the duration of."""
        return self.quantity("duration", template, 0, self._usual.duration.get(template))

    def ground(self, service: Service) -> Ground:
        """On what ground the service's next event can be judged."""
        if service.as_of != self._changes:
            service.as_of = self._changes
            service.home = self._is_home(service)
        if service.home:
            return HOME
        if service.events >= _SITE_EVENTS and service.novel <= _SITE_NOVELTY * service.observed:
            return SITE
        return COLD

    def observe(self, service: Service, standing: Standing, at: float, ground: Ground, proof: Proof) -> None:
        """Take in one event, and bring the standing of a template that the baseline does not know up to date."""
        news = False
        if not standing.known:
            news = standing.count == 0
            self._judge(service, standing, ground)
            standing.age(at, ground, proof)
        elif not standing.count:
            standing.count = 1
            service.known += 1
            self._known.add(standing.template.id)
            self._changes += 1
        self._events += 1
        self._changes += self._events == _HOME_EVENTS
        service.events += 1
        service.observed = service.observed * _NOVELTY_MEMORY + 1.0
        service.novel *= _NOVELTY_MEMORY
        if news:
            self._take_news(service, at, ground)

    def word_surprisal(self, words: tuple[int, ...], ground: Ground) -> float:
        """Mean surprisal in nats of the two rarest words; 0 while there is no ground to judge."""
        usual, mine = self._usual.words, self._words
        total = self._events + 1
        surprisals = []
        for word in words:
            surprisal = usual.get(word)
            if surprisal is None:
                count = mine.get(word, 0)
                if count:
                    surprisal = log((total + 1) / (count + 0.5))
                elif ground is HOME:
                    surprisal = self._usual.unseen_word
                elif ground is SITE:
                    surprisal = log(2.0 * (total + 1))
                else:
                    surprisal = 0.0
                mine.keep(word, count + 1)
            surprisals.append(surprisal)
        return rarest(surprisals)

    def quantity(self, kind: str, key: int, other: int, usual: Spread | None) -> Quantity:
        """Give the memory of a quantity, which services share."""
        found = self._quantities.get((kind, key, other))
        if found is None:
            found = Quantity(usual)
            self._quantities.keep((kind, key, other), found)
        return found

    def _step(self, standing: Standing, previous: int) -> Step:
        usual, template = self._usual, standing.template.id
        surprisal = usual.transitions.get((previous, template))
        unseen = usual.predecessors.get(previous)
        new = surprisal is None and unseen is not None
        if surprisal is None:
            surprisal = 0.0 if unseen is None else min(unseen + standing.surprisal, SURPRISAL_CAP)
        spread = usual.stage.get((previous, template))
        gap = None if spread is None else self.quantity("stage", previous, template, spread)
        return Step(surprisal, new, gap)

    def _is_home(self, service: Service) -> bool:
        if service.name not in self._usual.novelty or self._events < _HOME_EVENTS:
            return False
        overall = len(self._known) / (len(self._known) + self._news)
        return service.known + _PRIOR * overall >= _HOME_SHARE * (service.known + service.news + _PRIOR)

    def _judge(self, service: Service, standing: Standing, ground: Ground) -> None:
        """Say how surprising the next event of a template is that the baseline does not know."""
        standing.judged, standing.new, standing.variant = True, False, False
        count, stem = standing.count, standing.template.prefix_hash
        if standing.is_usual:
            service.stems.add(stem)
            standing.surprisal = min(log((service.events + 1) / count), SURPRISAL_CAP)
            standing.rarity = 1.0 / (1.0 + count)
            standing.familiarity = _RARE if count < 5 else _OCCASIONAL if count < 50 else _COMMON
        elif ground is COLD:
            standing.judged = False
            standing.surprisal, standing.rarity, standing.familiarity = 0.0, 0.5, 0
        else:
            chance = (
                self._usual.novelty[service.name]
                if ground is HOME
                else (service.novel + 0.5) / (service.observed + 1.0)
            )
            standing.new = True
            standing.variant = (service.name, stem) in self._usual.stems or stem in service.stems
            standing.surprisal, standing.rarity, standing.familiarity = min(-log(chance), SURPRISAL_CAP), 1.0, _NEVER

    def _take_news(self, service: Service, at: float, ground: Ground) -> None:
        """Count a template that is seen for the first time; those of one burst count once."""
        if ground is COLD or abs(at - service.last_news) > _BURST_SECONDS:
            service.news += 1
            service.novel += 1.0
            service.last_news = at
            self._changes += 1
        if ground is COLD or abs(at - self._last_news) > _BURST_SECONDS:
            self._news += 1
            self._last_news = at
            self._changes += 1
