"""What each part of the network and of its inputs is worth: the same fit without it, over several seeds.

Every variant is fitted anew, for fewer epochs than the shipped model, on the real training runs alone and with other
dropout, and judged by the network's scores alone (no rules). So the figures compare the variants with each other only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch

from core import schema
from core.evaluation.contest import Contest
from core.evaluation.peers import PEERS, Lessons, Taught
from core.training.calibrate import choose_logit
from core.training.corpus import Progress
from core.training.fit import Arrays, FitOptions, fit, logits
from core.training.measure import summarise

_BUDGET: Final = FitOptions(epochs=4, feature_dropout=0.3)
"""What every variant is fitted with: short, and with the dropout that serves faults which nobody has taught."""
_FURTHER_THAN_SEEN: Final = 2.0 * schema.WINDOW_SECONDS

Change = Callable[[Arrays], Arrays]


def _alone(arrays: Arrays) -> Arrays:
    """Put so much time between events that attention reaches none but the event itself."""
    return replace(arrays, timestamps=torch.arange(len(arrays.targets), dtype=torch.float64) * _FURTHER_THAN_SEEN)


def _without(*names: str) -> Change:
    """Set these inputs to 0 everywhere, so that nothing can be learned from them."""

    def change(arrays: Arrays) -> Arrays:
        return replace(
            arrays,
            numerical=_cleared(arrays.numerical, schema.NUMERICAL_NAMES, names),
            binary=_cleared(arrays.binary, schema.BINARY_NAMES, names),
            categorical=_cleared(arrays.categorical, schema.CATEGORICAL_NAMES, names),
            aggregates=_cleared(arrays.aggregates, schema.AGGREGATE_NAMES, names),
        )

    return change


def _cleared(values: torch.Tensor, columns: Sequence[str], names: Sequence[str]) -> torch.Tensor:
    kept = torch.tensor([name not in names for name in columns])
    return values * kept


_FAMILIARITY: Final = (
    "template_surprisal",
    "transition_surprisal",
    "word_surprisal",
    "rarity",
    "status_surprisal",
    "new_template",
    "new_transition",
    "familiarity",
    "new_template_share",
    "mean_surprisal",
)
_MEASURES: Final = ("latency_z", "size_z", "duration_z", "stage_z", "mean_latency_z")
_LEVELS: Final = ("severe", "warning", "level", "warning_share", "error_share")

VARIANTS: Final[dict[str, Change]] = {
    "the whole network": lambda arrays: arrays,
    "each event alone (no attention)": _alone,
    "no aggregates": _without(*schema.AGGREGATE_NAMES),
    "no surprisals, no rarity, nothing unseen": _without(*_FAMILIARITY),
    "no z-scores": _without(*_MEASURES),
    "no levels": _without(*_LEVELS),
}
"""Name -> what is taken away, of the inputs in training and in judging alike."""


@dataclass(frozen=True, slots=True)
class Figures:
    """How one contestant did with one seed."""

    found: int
    silent_found: int
    false_episodes_per_hour: float
    average_precision: float
    """Of the events of failed requests."""


def ablate(
    contest: Contest,
    seeds: Sequence[int],
    *,
    contestants: Sequence[str] = (*VARIANTS, *PEERS),
    budget: FitOptions = _BUDGET,
    progress: Progress = lambda _what, _done, _of: None,
) -> dict[str, Any]:
    """Teach each contestant once for each seed, and judge it where it finds most at 0.10 false episodes an hour.

    That threshold is chosen on the judged streams themselves, so that rankings are compared and not calibrations.
    Returns what JSON can hold: of each contestant every figure's mean over the seeds, its lowest and its highest.
    """
    table: dict[str, list[Figures]] = {name: [] for name in contestants}
    rounds = [(name, seed) for seed in seeds for name in contestants]
    for done, (name, seed) in enumerate(rounds, 1):
        teach = _teach_peer if name in PEERS else _teach
        table[name].append(_judge(contest, teach(contest, name, replace(budget, seed=seed))))
        progress(f"ablations, {contest.name}", done, len(rounds))
    incidents = [stream for stream in contest.judged.streams if stream.onset is not None]
    return {
        "contest": contest.name,
        "incidents": len(incidents),
        "silent": sum(stream.silent for stream in incidents),
        "seeds": len(seeds),
        "epochs": budget.epochs,
        "feature_dropout": budget.feature_dropout,
        "contestants": {name: _spread(figures) for name, figures in table.items()},
    }


def _teach(contest: Contest, name: str, options: FitOptions) -> Taught:
    change = VARIANTS[name]
    train = change(contest.train)
    watched = replace(train, bounds=train.bounds[:1])  # nobody looks at this curve: one stream will do
    model, _ = fit(train, watched, options, progress=lambda _what, _done, _of: None)
    return lambda arrays: logits(model, change(arrays)).astype(np.float64)


def _teach_peer(contest: Contest, name: str, options: FitOptions) -> Taught:
    return PEERS[name](Lessons.sample(contest.train, options.seed))


def _judge(contest: Contest, taught: Taught) -> Figures:
    judged = contest.judged.outcomes(taught(contest.judged.arrays))
    summary = summarise(judged, choose_logit(judged))
    return Figures(summary.found, summary.silent_found, summary.false_per_hour, summary.average_precision)


def _spread(figures: Sequence[Figures]) -> dict[str, dict[str, float]]:
    columns = {name: [getattr(each, name) for each in figures] for name in Figures.__slots__}
    return {
        name: {"mean": float(np.mean(values)), "low": float(min(values)), "high": float(max(values))}
        for name, values in columns.items()
    }
