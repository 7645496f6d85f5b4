"""Why an event is scored as it is: what the score loses when one aspect of the event is set to what is usual.

The aspects are asked of the network itself (`StreamScorer` runs the event again with each of them at its usual value),
so the order of the reasons is true to the score; their words come from the event and the log's own units.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import expm1
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core import schema
from core.events import Channel, LogEvent, Reason
from core.features.batch import FeatureBatch
from core.templates import MessageFacts

MOST_REASONS: Final = 4
LEAST_WEIGHT: Final = 0.15
"""Logits that an aspect has to account for to be called a reason."""

CONTEXT: Final = "context"

ASPECTS: Final[dict[str, tuple[str, ...]]] = {
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
"""Reason -> the inputs that are set to what is usual together, because they tell of the same thing."""

ASPECT_NAMES: Final = tuple(ASPECTS)


def aspect_masks() -> NDArray[np.bool_]:
    """Which of the 37 inputs each aspect sets to its usual value, [aspects, 37]; none for the context."""
    return np.array([[name in members for name in schema.FEATURE_NAMES] for members in ASPECTS.values()])


@dataclass(frozen=True, slots=True)
class Case:
    """One event to be explained, with its row of a batch."""

    event: LogEvent
    facts: MessageFacts
    batch: FeatureBatch
    row: int

    def numerical(self, name: str) -> float:
        """A numerical feature of the event."""
        return float(self.batch.numerical[self.row, schema.NUMERICAL_NAMES.index(name)])

    def flag(self, name: str) -> bool:
        """A binary feature of the event."""
        return bool(self.batch.binary[self.row, schema.BINARY_NAMES.index(name)])

    def aggregate(self, name: str) -> float:
        """An aggregate at the event."""
        return float(self.batch.aggregates[self.row, schema.AGGREGATE_NAMES.index(name)])

    def measured(self, name: str) -> tuple[float, float] | None:
        """Value and what is usual, in the log's own units, where they stand out."""
        return self.batch.measured.get(self.row, {}).get(name)


Words = tuple[str, float | None, float | None]
"""Text, value and what is usual."""


def reasons(case: Case, drops: NDArray[np.float32]) -> tuple[Reason, ...]:
    """Word the strongest aspects of an event; `drops` [aspects] are the logits that each accounts for."""
    found: list[Reason] = []
    for index in np.argsort(-drops, kind="stable"):
        weight = float(drops[index])
        if weight < LEAST_WEIGHT or len(found) == MOST_REASONS:
            break
        name = ASPECT_NAMES[index]
        words = _WORDINGS[name](case)
        if words is not None:
            found.append(Reason(Channel.NETWORK, name, *words, weight=round(weight, 3)))
    if not found:
        found.append(Reason(Channel.NETWORK, CONTEXT, "nothing by itself: it is unusual in what came just before it"))
    if len(found) > 1:  # that something came before it tells an operator least, however much it weighs
        found.sort(key=lambda reason: reason.feature == CONTEXT)
    return tuple(found)


def rule_reasons(case: Case) -> tuple[Reason, ...]:
    """What a plain rule says of an event that it raised over the threshold by itself."""
    found = []
    for name, words in (("duration_z", _slow_again(case)), ("overdue_requests", _silences(case))):
        if words is not None:
            found.append(Reason(Channel.RULE, name, *words))
    for name in ("severe", "status", "new_template", "burst"):
        words = _WORDINGS[name](case)
        if words is not None:
            found.append(Reason(Channel.RULE, name, *words))
    return tuple(found)


def _novelty(case: Case) -> Words | None:
    service = case.event.service or "this log"
    if case.flag("new_template"):
        age = case.measured("new_template")
        if age is not None:
            return f"new in {service}: this template was first seen {_ago(age[0])} ago", age[0], None
        return f"first time this template is seen in {service}", None, None
    rarity = case.numerical("rarity")
    if rarity >= 0.8:
        return f"rare in {service}: in {(1 - rarity) * 100:.2g} % of healthy runs", 1 - rarity, None
    if case.numerical("word_surprisal") >= 7:
        return f"words that are rare in {service}", None, None
    return None


def _severity(case: Case) -> Words | None:
    level = case.event.level
    if case.flag("severe") or case.flag("warning"):
        return f"level {level}" + (", and it speaks of a failure" if case.flag("failure_words") else ""), None, None
    return ("it speaks of a failure", None, None) if case.flag("failure_words") else None


def _transition(case: Case) -> Words | None:
    if case.flag("new_transition"):
        return "never seen after the event before it", None, None
    if case.numerical("transition_surprisal") >= 4:
        return "seldom seen after the event before it", None, None
    return None


def _status(case: Case) -> Words | None:
    status = case.facts.status
    if not status:
        return None
    if case.numerical("status_surprisal") >= 3:
        return f"status {status}, unusual for this route", float(status), None
    return (f"status {status}", float(status), None) if status >= 400 else None


def _quantity(name: str, what: str, unit: str) -> Callable[[Case], Words | None]:
    def words(case: Case) -> Words | None:
        measured = case.measured(name)
        if measured is None:
            return None
        value, usual = measured
        return f"{what}{_number(value)}{unit}, usually {_number(usual)}", value, usual

    return words


def _trouble(case: Case) -> Words | None:
    if not case.flag("request_in_trouble"):
        return None
    what = "request" if case.event.request_id else "instance"
    return f"the same {what} went wrong before", None, None


def _recent(case: Case) -> Words | None:
    shares = (
        ("server_error_share", 0.001, "5xx {} % of replies, usually {}"),
        ("error_share", 0.001, "errors {} % of events, usually {}"),
        ("new_template_share", 0.001, "unseen templates {} % of events, usually {}"),
        ("warning_share", 0.05, "warnings {} % of events, usually {}"),
    )
    for name, usual, text in shares:
        value = case.aggregate(name)
        if value > 4 * usual:
            return text.format(_number(value * 100), _number(usual * 100)) + " (5 min)", value, usual
    ratio = case.aggregate("rate_ratio")
    if abs(ratio) > 0.7:
        return f"{_number(float(np.exp(ratio)))} times the usual rate of events (5 min)", float(np.exp(ratio)), 1.0
    latency = case.aggregate("mean_latency_z")
    return ("replies slower than usual (5 min)", latency, 0.0) if latency > 0.5 else None


def _overdue(case: Case) -> Words | None:
    measured = case.measured("overdue_requests")
    if measured is not None:
        return f"a request went silent {_number(measured[0])} s ago where something always follows", measured[0], None
    count = _silent(case)
    return (f"{_requests(count)} went silent within 5 min, usually 0", count, 0.0) if count else None


def _silent(case: Case) -> int:
    """Requests that went silent within the last five minutes."""
    return round(expm1(3 * case.aggregate("overdue_requests")))


def _requests(count: int) -> str:
    return "1 request" if count == 1 else f"{count} requests"


def _slow_again(case: Case) -> Words | None:
    measured = case.measured("slow_again")
    if measured is None:
        return None
    value, usual = measured
    return f"took {_number(value)} s, usually {_number(usual)}, and not for the first time in 10 min", value, usual


def _silences(case: Case) -> Words | None:
    measured = case.measured("silence")
    if measured is None:
        return None
    return f"{measured[0]:.0f} requests went silent within 5 min where something always follows", measured[0], 0.0


def _context(case: Case) -> Words | None:
    count = _silent(case)
    silent = f", while {_requests(count)} went silent" if count else ""
    return f"the events just before it{silent}", None, None


_WORDINGS: Final[dict[str, Callable[[Case], Words | None]]] = {
    "new_template": _novelty,
    "severe": _severity,
    "new_transition": _transition,
    "status": _status,
    "latency_z": _quantity("latency_z", "reply took ", " s"),
    "size_z": _quantity("size_z", "reply of ", " bytes"),
    "duration_z": _quantity("duration_z", "took ", " s"),
    "stage_z": _quantity("stage_z", "came after ", " s"),
    "burst": _quantity("burst", "", " times within a minute"),
    "request_in_trouble": _trouble,
    "recent": _recent,
    "overdue_requests": _overdue,
    CONTEXT: _context,
}


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"


def _number(value: float) -> str:
    """Three significant digits, no exponent."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
