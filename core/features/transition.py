"""Where an event stands in its request, instance or process: what it follows, how soon, and whether that went wrong."""

from __future__ import annotations

from functools import partial
from math import nan
from typing import Final, NamedTuple

from core.baseline import CompiledBaseline, Link
from core.baseline.chains import START
from core.baseline.compiled import SURPRISAL_CAP
from core.events import LogEvent
from core.features.reference import BASELINE, Reference
from core.features.template import TemplateState
from core.features.wording import ReasonText, against_usual
from core.features.zscore import RunningZScore
from core.support.bounded import BoundedDefaults, BoundedSet

_OPENING_SECONDS: Final = 60.0
"""Requests that are first seen this early may have begun before the stream did."""
_SELDOM: Final = 4.0
"""Surprisal of a transition from which it is worded."""


class TransitionEvidence(NamedTuple):
    """What precedes one event."""

    request_gap: float
    """Seconds since the previous event of the request; nan without one."""
    instance_gap: float
    """Seconds since the previous event of the instance; nan without one."""
    transition_surprisal: float
    new_transition: bool
    stage_z: float
    request_in_trouble: bool
    stage_s: float
    """Seconds since the previous event of the request, else of the instance; nan where the baseline has no such gap."""
    usual_stage_s: float
    previous: int
    """Template of the event before; `NO_PREVIOUS` where there is no chain."""


NO_PREVIOUS: Final = -1

_new = partial(tuple.__new__, TransitionEvidence)


class TransitionTracker:
    """The gaps between the events of one stream, and the requests and instances that went wrong."""

    __slots__ = ("_baseline", "_began", "_stages", "_troubled")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._baseline = baseline
        self._stages: BoundedDefaults[tuple[int, int], RunningZScore] = BoundedDefaults(
            lambda pair: RunningZScore(baseline.stage[pair])
        )
        self._troubled: BoundedSet[str] = BoundedSet()
        """Requests and instances of which an event was wrong."""
        self.restart(0.0)

    def restart(self, at: float) -> None:
        """Take second `at` as the beginning: the stream begins, or the clock was set back."""
        self._began = at

    def score(
        self, event: LogEvent, template: TemplateState, link: Link, reference: Reference, at: float
    ) -> TransitionEvidence:
        """Compare an event with those before it; only the baseline knows what is usual."""
        request, instance = event.request_id, event.instance_id
        trouble = request in self._troubled or instance in self._troubled
        previous, gap, request_gap, instance_gap, _, _ = link
        if reference is not BASELINE or previous is None:
            before = NO_PREVIOUS if previous is None else previous
            return _new((request_gap, instance_gap, 0.0, False, 0.0, trouble, nan, nan, before))
        pair = (previous, template.id)
        stage_z, stage_s, usual_stage_s = 0.0, nan, nan
        if gap >= 0.0 and pair in self._baseline.stage:  # nan is not
            stage_z, usual_stage_s = self._stages[pair].score(gap, BASELINE)
            stage_s = gap
        surprisal, is_new = 0.0, False
        in_baseline = template.known
        if in_baseline is not None and (previous != START or at - self._began >= _OPENING_SECONDS):
            known = self._baseline.transitions.get(pair)
            if known is not None:
                surprisal = known
            elif (unseen := self._baseline.unseen_successor.get(previous)) is not None:
                surprisal, is_new = min(unseen + in_baseline.template_surprisal, SURPRISAL_CAP), True
        return _new((request_gap, instance_gap, surprisal, is_new, stage_z, trouble, stage_s, usual_stage_s, previous))

    def learn(
        self, event: LogEvent, template: TemplateState, link: Link, transition: TransitionEvidence, *, wrong: bool
    ) -> None:
        """Take in an event, which `score` said this of; `wrong` says whether its request is in trouble from now on."""
        if transition.stage_s >= 0.0 and link.previous is not None:
            stage = self._stages[link.previous, template.id]
            stage.learn(transition.stage_s, transition.stage_z, BASELINE)
        if wrong:
            for chain in (event.request_id, event.instance_id):
                if chain:
                    self._troubled.add(chain)


def transition_reason(transition: TransitionEvidence) -> ReasonText | None:
    """Word an event that never or seldom follows the one before it."""
    if transition.new_transition:
        return ReasonText("never seen after the event before it")
    return ReasonText("seldom seen after the event before it") if transition.transition_surprisal >= _SELDOM else None


def stage_reason(transition: TransitionEvidence) -> ReasonText | None:
    """Word a gap that stands out."""
    value, usual = transition.stage_s, transition.usual_stage_s
    return against_usual(transition.stage_z, value, usual, "came after {} s, usually {}")


def trouble_reason(transition: TransitionEvidence, *, has_request: bool) -> ReasonText | None:
    """Word an earlier event of the same request, else instance, that was wrong."""
    if not transition.request_in_trouble:
        return None
    return ReasonText(f"the same {'request' if has_request else 'instance'} went wrong before")
