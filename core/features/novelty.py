"""How new and how rare an event's template is in its service."""

from __future__ import annotations

from functools import partial
from math import log, nan
from typing import Final

from core.baseline import CompiledBaseline
from core.baseline.compiled import SURPRISAL_CAP
from core.features.reference import BASELINE, NONE, Reference
from core.features.service import ServiceState
from core.features.template import SEVERE, FailureRecord, HabituationRule, Novelty, TemplateState
from core.features.wording import ReasonText, ago
from core.features.words import WordRarity
from core.schema import CATEGORICAL
from core.support.bounded import BoundedMap, BoundedSet
from core.templates import Template

_NEVER, _RARE, _OCCASIONAL, _COMMON = (
    CATEGORICAL["familiarity"].index(name) for name in ("never", "rare", "occasional", "common")
)
_RARE_TEMPLATE: Final = 0.8
"""Rarity from which it is worded."""
_RARE_WORDS: Final = 7.0
"""Surprisal of words from which it is worded."""


_new = partial(tuple.__new__, Novelty)


class TemplateNovelty:
    """The templates of one stream."""

    __slots__ = ("_baseline", "_prefixes", "_states", "_words")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._baseline = baseline
        self._states: BoundedMap[tuple[str, int], TemplateState] = BoundedMap()
        self._prefixes: BoundedSet[tuple[str, int]] = BoundedSet()
        """Service and prefix of templates that became usual."""
        self._words = WordRarity(baseline)

    def state(self, service: str, template: Template) -> TemplateState:
        """Return the state of a template in a service."""
        key = (service, template.id)
        state = self._states.get(key)
        if state is None:
            words = self._words.words(template)
            typical = self._baseline.templates.get(key)
            if typical is None:
                state = TemplateState(template.id, words)
            else:
                surprisal, rarity, familiarity, log_peak = typical
                rarest = self._words.score(words, BASELINE)
                known = _new((surprisal, rarest, rarity, False, familiarity, nan, False, True, False, True))
                state = TemplateState(template.id, words, known, log_peak)
            self._states.set(key, state)
        return state

    def score(
        self, service: ServiceState, template: Template, state: TemplateState, reference: Reference, at: float
    ) -> Novelty:
        """Say how new and how rare the template of an event at second `at` is."""
        chronic = state.failures is not None and state.failures.is_chronic(at)
        if state.known is not None:
            return state.known._replace(chronic=True) if chronic else state.known
        words = self._words.score(state.words, reference)
        count = state.count
        if state.is_usual or chronic:
            surprisal = min(log((service.events + 1) / count), SURPRISAL_CAP)
            familiarity = _RARE if count < 5 else _OCCASIONAL if count < 50 else _COMMON
            return _new((surprisal, words, 1.0 / (1.0 + count), False, familiarity, nan, False, False, chronic, True))
        if reference is NONE:
            return _new((0.0, words, 0.5, False, 0, nan, False, False, False, False))
        if reference is BASELINE:
            chance = self._baseline.unseen_chance[service.name]
        else:
            chance = (service.decayed_novelties + 0.5) / (service.decayed_events + 1.0)
        prefix = (service.name, template.prefix_hash)
        variant = prefix in self._baseline.prefixes or prefix in self._prefixes
        age = max(at - state.first, 0.0) if count else nan
        return _new((min(-log(chance), SURPRISAL_CAP), words, 1.0, True, _NEVER, age, variant, False, False, True))

    def learn(
        self,
        service: ServiceState,
        template: Template,
        state: TemplateState,
        reference: Reference,
        rule: HabituationRule,
        at: float,
    ) -> None:
        """Count an event; `rule` says when its template becomes usual."""
        if rule is SEVERE:
            if state.failures is None:
                state.failures = FailureRecord()
            state.failures.learn(at, service.served)
        else:
            service.served += 1
        self._words.events += 1
        if state.words.unknown:
            self._words.learn(state.words.unknown)
        if state.known is not None:
            state.count = 1
            return
        if state.is_usual:
            self._prefixes.add((service.name, template.prefix_hash))
        state.learn(at, reference, rule)


def novelty_reason(novelty: Novelty, service: str) -> ReasonText | None:
    """Word a template that is new or rare in its service, or whose words are rare."""
    where = service or "this log"
    if novelty.new_template:
        age = novelty.novelty_age_s
        if age >= 0.0:  # nan is not
            return ReasonText(f"new in {where}: this template was first seen {ago(age)} ago", age)
        return ReasonText(f"first time this template is seen in {where}")
    if novelty.rarity >= _RARE_TEMPLATE:
        share = 1 - novelty.rarity
        return ReasonText(f"rare in {where}: in {share * 100:.2g} % of healthy runs", share)
    if novelty.word_surprisal >= _RARE_WORDS:
        return ReasonText(f"words that are rare in {where}")
    return None
