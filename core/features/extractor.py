"""Events to the 37 features of `core.schema`, in one streaming pass."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from core.baseline import Chains, CompiledBaseline
from core.events import LogEvent
from core.features.batch import NO_EVENTS, BatchBuilder, FeatureBatch, pack_row
from core.features.clock import StreamClock
from core.features.failures import FailureTracker
from core.features.novelty import TemplateNovelty
from core.features.quantities import QuantityTracker
from core.features.rate import Rate
from core.features.record import RecordColumns, read_records
from core.features.service import ServiceTracker
from core.features.slow import SlowTracker
from core.features.template import BENIGN, SEVERE, SUSPECT, HabituationRule
from core.features.timeouts import TimeoutTracker
from core.features.transition import TransitionTracker
from core.features.window import Window
from core.templates import MessageFacts


class FeatureExtractor:
    """Turns the events of one stream into features; the feature groups keep what the stream has shown.

    One extractor per stream: `extract` may be called with any split of the events and gives the same rows. Event by
    event only that is done which needs those before it; the rest is done on whole columns.
    """

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._clock = StreamClock()
        self._services = ServiceTracker(baseline)
        self._templates = TemplateNovelty(baseline)
        self._chains = Chains()
        self._transitions = TransitionTracker(baseline)
        self._quantities = QuantityTracker(baseline)
        self._slow = SlowTracker(baseline)
        self._failures = FailureTracker()
        self._timeouts = TimeoutTracker(baseline)
        self._window = Window()
        self._rate = Rate()

    def extract(self, events: Sequence[LogEvent], facts: Sequence[MessageFacts]) -> FeatureBatch:
        """Return the features of the next events of the stream, one row each."""
        if not events:
            return NO_EVENTS
        times = self._clock.advance(np.array([event.timestamp for event in events], np.float64))
        records = read_records(events, facts)
        rows = list(zip(events, facts, times.at.tolist(), _rules(records), strict=True))
        packed, parts = [], []
        for first, end in pairwise(sorted({0, *times.restarts, len(events)})):
            if first in times.restarts:
                self._restart(float(times.at[first]))
            packed += [self._describe(*row) for row in rows[first:end]]
            parts.append((slice(first, end), self._window, self._rate))
        batch = BatchBuilder(times, facts, records).build(packed, parts)
        given = {row: event.features for row, event in enumerate(events) if event.features is not None}
        return batch.with_given(given) if given else batch

    def _restart(self, at: float) -> None:
        """Begin again whatever depends on time: the stream begins, or its clock was set back."""
        self._services.restart()
        self._chains = Chains()
        self._transitions.restart(at)
        self._slow.restart()
        self._failures = FailureTracker()
        self._timeouts.restart()
        self._window = Window()
        self._rate = Rate()

    def _describe(self, event: LogEvent, facts: MessageFacts, at: float, rule: HabituationRule) -> bytes:
        """Return what the groups say of an event that happened at second `at`, packed, and let them take it in."""
        template = facts.template
        service = self._services.states[event.service]
        state = self._templates.state(event.service, template)

        fit = self._services.score(service, at)
        reference = fit.reference
        novelty = self._templates.score(service, template, state, reference, at)
        burst = state.minutes.score(at)
        link = self._chains.link(event, at)
        transition = self._transitions.score(event, state, link, reference, at)
        quantities = self._quantities.score(facts, reference)
        slow = self._slow.advance(event, facts, link, fit.measured_by, at)
        timeouts = self._timeouts.advance(self._chains, at)
        fails = rule is SEVERE and not novelty.chronic
        failures = self._failures.score(at, fails=fails)

        wrong = rule is SEVERE or novelty.new_template
        self._services.learn(service, state, reference, at)
        self._templates.learn(service, template, state, reference, rule, at)
        state.minutes.learn(at)
        last = self._chains.learn(event, template.id, at)
        self._transitions.learn(event, state, link, transition, wrong=wrong)
        self._quantities.learn(facts, quantities, reference)
        self._timeouts.learn(event, template.id, last, at)
        self._failures.learn(at, fails=fails)
        return pack_row(*fit, *novelty, *burst, *quantities, *slow, *timeouts, *failures, *transition)


def _rules(records: RecordColumns) -> list[HabituationRule]:
    """Say of each event when its template becomes usual, should it be new."""
    suspect = (records.warning | (records.level == 0)) & records.failure_words
    return [_RULES[code] for code in (2 * records.reports_failure + suspect).tolist()]


_RULES: Final = (BENIGN, SUSPECT, SEVERE, SEVERE)
