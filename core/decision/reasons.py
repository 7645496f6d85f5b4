"""Why an event is scored as it is: what the score loses when one group of its inputs is set to what is usual.

The network itself is asked (`StreamScorer` runs the event again with each group at its usual values), so the order of
the reasons is true to the score. The wording is that of the feature groups, from their evidence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.events import Channel, LogEvent, Reason
from core.features.batch import FeatureBatch
from core.features.burst import Burst, burst_reason
from core.features.novelty import novelty_reason
from core.features.quantities import (
    Quantities,
    duration_reason,
    latency_reason,
    size_reason,
    status_reason,
)
from core.features.record import Record, severity_reason
from core.features.slow import Slowness, slow_again_reason
from core.features.template import Novelty
from core.features.timeouts import Timeouts, context_reason, repeated_timeouts_reason, timeout_reason
from core.features.transition import TransitionEvidence, stage_reason, transition_reason, trouble_reason
from core.features.window import Aggregates, window_reason
from core.features.wording import ReasonText
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


def reasons(given: ExplanationInput, logit_drops: NDArray[np.float32]) -> tuple[Reason, ...]:
    """Word the strongest groups of an event; `logit_drops` [groups] are the logits that each accounts for."""
    found: list[Reason] = []
    for index in np.argsort(-logit_drops, kind="stable"):
        weight = float(logit_drops[index])
        if weight < LEAST_WEIGHT or len(found) == MAX_REASONS:
            break
        name = FEATURE_GROUP_NAMES[index]
        text = _TEXTS[name](given)
        if text is not None:
            found.append(Reason(Channel.NETWORK, name, *text, weight=round(weight, 3)))
    if not found:
        found.append(Reason(Channel.NETWORK, CONTEXT, "nothing by itself: it is unusual in what came just before it"))
    if len(found) > 1:  # that something came before it tells an operator least, however much it weighs
        found.sort(key=lambda reason: reason.feature == CONTEXT)
    return tuple(found)


def rule_reasons(given: ExplanationInput) -> tuple[Reason, ...]:
    """Word what a rule has raised an event for."""
    texts = (
        ("duration_z", slow_again_reason(given.record(Slowness))),
        ("overdue_requests", repeated_timeouts_reason(given.record(Timeouts))),
        *((name, _TEXTS[name](given)) for name in ("severe", "status", "new_template", "burst")),
    )
    return tuple(Reason(Channel.RULE, name, *text) for name, text in texts if text is not None)


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
    "request_in_trouble": lambda given: trouble_reason(
        given.record(TransitionEvidence), has_request=bool(given.event.request_id)
    ),
    "recent": lambda given: window_reason(given.record(Aggregates)),
    "overdue_requests": lambda given: timeout_reason(given.record(Timeouts)),
    CONTEXT: lambda given: context_reason(given.record(Timeouts)),
}
"""Reason -> its wording for an event, None where there is nothing to say."""
