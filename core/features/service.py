"""How well a service is known, and so what an unseen template of it can be compared with."""

from __future__ import annotations

from functools import partial
from math import inf
from typing import Final, NamedTuple

from core.baseline import CompiledBaseline
from core.features.reference import BASELINE, NONE, STREAM, Reference
from core.features.template import TemplateState
from core.schema import CATEGORICAL
from core.support.bounded import BoundedDefaults

_FIT_SHARE: Final = 0.75
"""Share of a service's different templates that the baseline has to know."""
_FIT_EVENTS: Final = 50
"""Events of the stream before its fit to the baseline is judged."""
_PRIOR: Final = 8.0
"""Weight, in templates, of the whole stream's fit in that of one service."""
_STREAM_EVENTS: Final = 200
_STREAM_NOVELTY: Final = 0.01
"""Events of a service, and the most novelty among them, from which the stream's own past is a reference."""
_NOVELTY_DECAY: Final = 0.999
_NOVELTY_SECONDS: Final = 60.0
"""New templates this close together count once: an incident must not make its own log look unknown."""


OWN_SHARE: Final = 0.9
"""Share of a service's templates that the baseline of its own deployment knows; another one's knows fewer."""


class ServiceFit(NamedTuple):
    """What the stream so far says of an event's service."""

    service: int
    service_gap: float
    """Seconds since the service's last event; infinite for its first."""
    reference: Reference
    baseline_knows: bool
    """Whether that is the baseline."""
    fit_share: float
    """Share of the service's different templates that the baseline knows, drawn towards that of the whole stream."""

    @property
    def measured_by(self) -> Reference:
        """What tells how long things take: another deployment's baseline does not, its machines are others."""
        return STREAM if self.reference is BASELINE and self.fit_share < OWN_SHARE else self.reference


_new = partial(tuple.__new__, ServiceFit)


class ServiceState:
    """The counts of one service."""

    __slots__ = (
        "code",
        "decayed_events",
        "decayed_novelties",
        "events",
        "fit_share",
        "is_known",
        "is_known_as_of",
        "known_templates",
        "last",
        "last_novelty",
        "name",
        "novelties",
        "served",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.code = service_code(name)
        self.last = -inf
        """Second of its last event."""
        self.events = 0
        self.known_templates = 0
        """Different templates that the baseline knows."""
        self.novelties = 0
        """Times that templates came which the baseline does not know; those of one burst count once."""
        self.last_novelty = -inf
        self.decayed_events = 0.0
        self.decayed_novelties = 0.0
        self.served = 0
        """Its events that report no failure."""
        self.is_known = False
        """Whether the baseline knows the service."""
        self.fit_share = 0.0
        self.is_known_as_of = -1
        """Value of `ServiceTracker._changes` that `is_known` belongs to."""


class ServiceTracker:
    """The services of one stream, and how well the baseline fits them."""

    __slots__ = ("_baseline", "_changes", "_events", "_known", "_last_novelty", "_novelties", "states")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._baseline = baseline
        self.states = BoundedDefaults(ServiceState)
        """Name of a service -> its state."""
        self._events = 0
        self._known: set[int] = set()
        """Templates of the baseline that the stream has shown."""
        self._novelties = 0
        self._last_novelty = -inf
        self._changes = 0
        """Rises with every change of what `_fits` depends on."""

    def score(self, service: ServiceState, at: float) -> ServiceFit:
        """Say how well the service of an event at second `at` is known."""
        if service.is_known_as_of != self._changes:  # asked at every event, while the answer seldom changes
            service.is_known_as_of = self._changes
            service.is_known = self._fits(service)
        if service.is_known:
            reference = BASELINE
        elif service.events >= _STREAM_EVENTS and service.decayed_novelties <= _STREAM_NOVELTY * service.decayed_events:
            reference = STREAM
        else:
            reference = NONE
        return _new((service.code, at - service.last, reference, reference is BASELINE, service.fit_share))

    def learn(self, service: ServiceState, template: TemplateState, reference: Reference, at: float) -> None:
        """Count an event; `template` is the state before the event."""
        is_first = not template.count
        if is_first and template.known is not None:
            service.known_templates += 1
            self._known.add(template.id)
            self._changes += 1
        self._events += 1
        if self._events == _FIT_EVENTS:
            self._changes += 1
        service.events += 1
        service.decayed_events = service.decayed_events * _NOVELTY_DECAY + 1.0
        service.decayed_novelties *= _NOVELTY_DECAY
        service.last = at
        if is_first and template.known is None:
            self._count_novelty(service, reference, at)

    def restart(self) -> None:
        """Forget when the services were last heard of: the clock was set back."""
        for service in self.states.held():
            service.last = -inf

    def _fits(self, service: ServiceState) -> bool:
        """Tell whether the baseline knows nearly all templates of a service."""
        service.fit_share = 0.0
        if service.name not in self._baseline.unseen_chance or self._events < _FIT_EVENTS:
            return False
        overall = len(self._known) / (len(self._known) + self._novelties)
        known = service.known_templates + _PRIOR * overall
        service.fit_share = known / (service.known_templates + service.novelties + _PRIOR)
        return service.fit_share >= _FIT_SHARE

    def _count_novelty(self, service: ServiceState, reference: Reference, at: float) -> None:
        if reference is NONE or abs(at - service.last_novelty) > _NOVELTY_SECONDS:
            service.novelties += 1
            service.decayed_novelties += 1.0
            service.last_novelty = at
            self._changes += 1
        if reference is NONE or abs(at - self._last_novelty) > _NOVELTY_SECONDS:
            self._novelties += 1
            self._last_novelty = at
            self._changes += 1


_CODES: Final = {name: code for code, name in enumerate(CATEGORICAL["service"])}


def service_code(name: str) -> int:
    """Return the code of a service: its own, else that of its family, else that of `other`; 0 for no name."""
    if not name or name in _CODES:
        return _CODES.get(name, 0)
    family = name.partition("-")[0]
    return _CODES.get(family) or _CODES.get(f"{family}-other") or _CODES["other"]
