"""Metrics of the scores of evaluated streams, as plain JSON values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.evaluation.judge import Judged
from core.schema import BINARY_NAMES
from core.training.measure import (
    Outcome,
    bootstrap_rate,
    event_figures,
    precision_recall,
    summarise,
    threshold_curve,
)

TAILSIGHT: Final = "tailsight"
_SEVERE_COLUMN: Final = BINARY_NAMES.index("severe")
_NEW_TEMPLATE_COLUMN: Final = BINARY_NAMES.index("new_template")


@dataclass(frozen=True, slots=True)
class Contestant:
    """The scores that one contestant gives the evaluated streams."""

    scores: list[NDArray[np.float64]]
    """One array a stream, high = anomalous."""
    threshold: float


def rules_and_scores(judged: Sequence[Judged], threshold: float) -> dict[str, Contestant]:
    """Tailsight, and the rules that need no training."""
    return {
        TAILSIGHT: Contestant([each.outcome.scores for each in judged], threshold),
        "rule: any ERROR line": Contestant([_column(each, _SEVERE_COLUMN) for each in judged], 1.0),
        "rule: unseen template": Contestant([_column(each, _NEW_TEMPLATE_COLUMN) for each in judged], 1.0),
    }


def _column(each: Judged, column: int) -> NDArray[np.float64]:
    return np.asarray(each.features.binary[each.rows, column], np.float64)


def report(judged: Sequence[Judged], contestants: Mapping[str, Contestant]) -> dict[str, Any]:
    """Build the report on contestants, tailsight among them, over evaluated streams."""
    threshold = contestants[TAILSIGHT].threshold
    outcomes = [each.outcome for each in judged]
    scores = np.concatenate([outcome.scores for outcome in outcomes])
    truth = np.concatenate([each.truth for each in judged])
    known = truth >= 0
    return {
        "threshold": threshold,
        "events": event_figures(truth[known] == 1, scores[known], threshold),
        "contestants": {
            name: contestant_figures(
                [replace(outcome, scores=own) for outcome, own in zip(outcomes, contestant.scores, strict=True)],
                contestant.threshold,
            )
            for name, contestant in contestants.items()
        },
        "info_and_warning": {
            "flags_below_error": contestant_figures([_below_error(each) for each in judged], threshold)
        },
        "kinds": _kinds(judged, threshold),
        "curve": threshold_curve(outcomes),
        "precision_recall": precision_recall(truth[known] == 1, scores[known]),
    }


def _below_error(each: Judged) -> Outcome:
    """The stream as scored, without its events of level ERROR and CRITICAL."""
    outcome, kept = each.outcome, _column(each, _SEVERE_COLUMN) == 0
    return replace(
        outcome,
        timestamps=outcome.timestamps[kept],
        scores=outcome.scores[kept],
        failed=None if outcome.failed is None else outcome.failed[kept],
    )


def contestant_figures(outcomes: Sequence[Outcome], threshold: float) -> dict[str, Any]:
    """Metrics of one contestant at its threshold, with a bootstrap interval."""
    low, high = bootstrap_rate(outcomes, threshold)
    return {
        "threshold": threshold,
        **summarise(outcomes, threshold).to_plain(),
        "false_episodes_per_hour_95": [low, high],
    }


def _kinds(judged: Sequence[Judged], threshold: float) -> dict[str, dict[str, int]]:
    """Incidents by kind: total, found, and with the cause among the reasons."""
    kinds: dict[str, Counter[str]] = {}
    for each in judged:
        if each.kind:
            count = kinds.setdefault(each.kind, Counter(incidents=0, found=0, named=0))
            count["incidents"] += 1
            count["found"] += each.outcome.first_flagged(threshold) is not None
            count["named"] += bool(each.named)
    return {kind: dict(kinds[kind]) for kind in sorted(kinds)}
