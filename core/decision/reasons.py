"""Why an event is scored as it is: the detectors' terms that made the score, in the words of the feature groups.

Each term adds so many logits, and those are its weight. What the network adds is shared out among its inputs by
occlusion: `StreamScorer` runs the event again with each group of inputs at its usual values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.decision.terms import TERMS, Term
from core.events import Channel, LogEvent, Reason
from core.features.batch import FeatureBatch
from core.features.burst import Burst, burst_reason
from core.features.failures import Failures, failures_reason
from core.features.novelty import novelty_reason
from core.features.quantities import (
    Quantities,
    duration_reason,
    latency_reason,
    size_reason,
    status_reason,
)
from core.features.record import Record, severity_reason
from core.features.slow import Slowness, slow_again_reason, slow_reason
from core.features.template import Novelty
from core.features.timeouts import Timeouts, context_reason, repeated_timeouts_reason, timeout_reason
from core.features.transition import TransitionEvidence, stage_reason, transition_reason, trouble_reason
from core.features.window import Aggregates, window_reason
from core.features.wording import ReasonText
from core.support.arrays import Float32, Float64
from core.templates import MessageFacts

MAX_REASONS: Final = 4
LEAST_WEIGHT: Final = 0.15
"""Logits that a group has to account for to be a reason."""

CONTEXT: Final = "context"

FEATURE_GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "new_template": ("new_template", "familiarity", "rarity", "template_surprisal", "word_surprisal"),
    "severe": ("severe", "warning", "level", "failure_words"),
    "new_transition": ("new_transition", "transition_surprisal"),
    "status": ("status", "status_surprisal"),
    "latency_z": ("latency_z",),
    "size_z": ("size_z",),
    "duration_z": ("duration_z",),
    "stage_z": ("stage_z", "request_gap", "instance_gap"),
    "burst": ("burst", "stream_gap", "service_gap"),
    "request_in_trouble": ("request_in_trouble",),
    "recent": tuple(name for name in schema.AGGREGATE_NAMES if name != "overdue_requests"),
    "overdue_requests": ("overdue_requests",),
    CONTEXT: (),
}
"""Reason -> the inputs that are set to what is usual together, because they measure the same thing."""

FEATURE_GROUP_NAMES: Final = tuple(FEATURE_GROUPS)

_Record = TypeVar("_Record", bound=NamedTuple)


def feature_group_masks() -> NDArray[np.bool_]:
    """Return which of the 37 inputs each group sets to its usual value, [groups, 37]; none for the context."""
    return np.array([[name in members for name in schema.FEATURE_NAMES] for members in FEATURE_GROUPS.values()])


@dataclass(frozen=True, slots=True)
class ExplanationInput:
    """One event to be explained, with its row of a batch."""

    event: LogEvent
    facts: MessageFacts
    batch: FeatureBatch
    row: int

    def record(self, kind: type[_Record]) -> _Record:
        """Return what one feature group says of the event."""
        return self.batch.record(kind, self.row)


def reasons(
    given: ExplanationInput,
    terms: Float64,
    logit_drops: Float32 | None,
    *,
    made_by: Channel | None = None,
    is_slow: bool = False,
) -> tuple[Reason, ...]:
    """Word what made the score of an event, the strongest first, and what lowered it after that.

    `terms` [T] are the logits that each term adds; `logit_drops` [groups] those of the network that each group of its
    inputs accounts for, None where they were not asked for. `made_by` is the detector that made the score
    by itself, None where all did together; `is_slow` says whether slowness is worth a look by itself.
    """
    weights: dict[tuple[Channel, str], float] = {}
    for place in np.flatnonzero(terms).tolist():
        term = TERMS[place]
        key = (term.channel, term.name if term.lowers else _reason_of(term, given))
        weights[key] = weights.get(key, 0.0) + float(terms[place])
    found: list[Reason] = []
    for (channel, name), weight in weights.items():
        if channel is Channel.NETWORK:
            found += _network_reasons(given, weight, logit_drops)
        elif abs(weight) >= LEAST_WEIGHT:
            feature, text = _worded(given, name)
            if text is not None:
                found.append(Reason(channel, feature, *text, weight=round(weight, 3)))
    if is_slow or made_by is Channel.SLOW:
        found.append(_slow_reason(given))
    found.sort(key=lambda reason: (reason.channel is not made_by, -reason.weight))
    raising = [reason for reason in found if reason.weight > 0][:MAX_REASONS]
    return (*raising, *(reason for reason in found if reason.weight < 0))


def _network_reasons(given: ExplanationInput, weight: float, drops: Float32 | None) -> list[Reason]:
    """Share the logits that the network adds among the groups of its inputs; nothing where it lowers."""
    if weight < LEAST_WEIGHT:
        return []
    found: list[Reason] = []
    total = 0.0 if drops is None else float(np.maximum(drops, 0.0).sum())
    if drops is not None and total > 0.0:
        for index in np.argsort(-drops, kind="stable")[:MAX_REASONS].tolist():
            share = weight * float(drops[index]) / total
            text = _TEXTS[FEATURE_GROUP_NAMES[index]](given) if share >= LEAST_WEIGHT else None
            if text is not None:
                found.append(Reason(Channel.NETWORK, FEATURE_GROUP_NAMES[index], *text, weight=round(share, 3)))
    if not found:
        found.append(Reason(Channel.NETWORK, CONTEXT, _NOTHING_ALONE, weight=round(weight, 3)))
    return found


def _reason_of(term: Term, given: ExplanationInput) -> str:
    """Return the reason that a term is worded by: what is severe by its status alone has neither level nor keyword."""
    if term.reason == "severe" and severity_reason(given.record(Record), given.event.level) is None:
        return "status"
    return term.reason


def _slow_reason(given: ExplanationInput) -> Reason:
    record = given.record(Slowness)
    text = slow_again_reason(record) or slow_reason(record) or ReasonText("slower than is usual")
    return Reason(Channel.SLOW, _SLOW_FEATURES[record.slow_kind], *text, weight=round(record.slow_nats, 3))


def _worded(given: ExplanationInput, name: str) -> tuple[str, ReasonText | None]:
    """Return the feature that a detector's reason is about, and its words."""
    if name == "overdue_requests":
        timeouts = given.record(Timeouts)
        return name, repeated_timeouts_reason(timeouts) or timeout_reason(timeouts)
    if name in _LOWERING:
        return name, ReasonText(_LOWERING[name])
    return name, _TEXTS[name](given) or (ReasonText(_FAINT[name]) if name in _FAINT else None)


_FAINT: Final = {
    "new_template": "seldom seen here",
    "new_transition": "seldom seen after the event before it",
    "burst": "more often within a minute than usual",
}
"""Reason of a detector -> its words where no measure of it stands out by itself."""
_NOTHING_ALONE: Final = "nothing by itself: it is unusual in what came just before it"
_SLOW_FEATURES: Final = ("slow", "latency_z", "duration_z", "stage_z")
"""By `Slowness.slow_kind`."""
_LOWERING: Final = {
    "chronic": "less: it has come for days and is usual here",
    "near_duplicate": "less: a message that begins alike is usual here",
    "new_template:age": "less: it was first seen some time ago",
}
"""Term that lowers -> its words."""

_TEXTS: Final[dict[str, Callable[[ExplanationInput], ReasonText | None]]] = {
    "new_template": lambda given: novelty_reason(given.record(Novelty), given.event.service),
    "severe": lambda given: severity_reason(given.record(Record), given.event.level),
    "new_transition": lambda given: transition_reason(given.record(TransitionEvidence)),
    "status": lambda given: status_reason(given.record(Quantities), given.facts.status),
    "latency_z": lambda given: latency_reason(given.record(Quantities)),
    "size_z": lambda given: size_reason(given.record(Quantities)),
    "duration_z": lambda given: duration_reason(given.record(Quantities)),
    "stage_z": lambda given: stage_reason(given.record(TransitionEvidence)),
    "burst": lambda given: burst_reason(given.record(Burst)),
    "failures": lambda given: failures_reason(given.record(Failures)),
    "request_in_trouble": lambda given: trouble_reason(
        given.record(TransitionEvidence), has_request=bool(given.event.request_id)
    ),
    "recent": lambda given: window_reason(given.record(Aggregates)),
    "overdue_requests": lambda given: timeout_reason(given.record(Timeouts)),
    CONTEXT: lambda given: context_reason(given.record(Timeouts)),
}
"""Reason -> its wording for an event, None where there is nothing to say."""
