"""Ablations: the network fitted without one of its parts or input groups, over several seeds.

Every variant is fitted from scratch, for fewer epochs than the shipped model, on the real training runs alone and with
other dropout, and evaluated by the scores of the network alone. So the figures compare the variants only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import torch

from core import schema
from core.evaluation.benchmark import Benchmark
from core.evaluation.choice import choose_threshold
from core.evaluation.peers import PEERS, FittedPeer, TrainingSample
from core.training.corpus import Progress
from core.training.fit import Arrays, FitOptions, fit_network, logits
from core.training.measure import summarise

_BUDGET: Final = FitOptions(epochs=4, feature_dropout=0.3)
"""Options for every variant: few epochs, and the dropout that helps with unknown faults."""
_OUT_OF_REACH_SECONDS: Final = 2.0 * schema.WINDOW_SECONDS

Ablation = Callable[[Arrays], Arrays]


def _without_attention(arrays: Arrays) -> Arrays:
    """Space events so far apart that each attends to itself alone."""
    return replace(arrays, timestamps=torch.arange(len(arrays.targets), dtype=torch.float64) * _OUT_OF_REACH_SECONDS)


def _without(*names: str) -> Ablation:
    """Set these inputs to 0 everywhere."""

    def change(arrays: Arrays) -> Arrays:
        return replace(
            arrays,
            numerical=_zeroed(arrays.numerical, schema.NUMERICAL_NAMES, names),
            binary=_zeroed(arrays.binary, schema.BINARY_NAMES, names),
            categorical=_zeroed(arrays.categorical, schema.CATEGORICAL_NAMES, names),
            aggregates=_zeroed(arrays.aggregates, schema.AGGREGATE_NAMES, names),
        )

    return change


def _zeroed(values: torch.Tensor, columns: Sequence[str], names: Sequence[str]) -> torch.Tensor:
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

VARIANTS: Final[dict[str, Ablation]] = {
    "the whole network": lambda arrays: arrays,
    "each event alone (no attention)": _without_attention,
    "no aggregates": _without(*schema.AGGREGATE_NAMES),
    "no surprisals, no rarity, nothing unseen": _without(*_FAMILIARITY),
    "no z-scores": _without(*_MEASURES),
    "no levels": _without(*_LEVELS),
}
"""Name -> the change of the inputs, in training and in evaluation alike."""


@dataclass(frozen=True, slots=True)
class Figures:
    """The metrics of one contestant with one seed."""

    found: int
    silent_found: int
    false_episodes_per_hour: float
    average_precision: float
    """Of the events of failed requests."""


def ablate(
    benchmark: Benchmark,
    seeds: Sequence[int],
    *,
    contestants: Sequence[str] = (*VARIANTS, *PEERS),
    budget: FitOptions = _BUDGET,
    progress: Progress = lambda _what, _done, _of: None,
) -> dict[str, Any]:
    """Fit each contestant once for each seed; evaluate it at its best threshold with 0.10 false episodes an hour.

    That threshold is chosen on the evaluated streams themselves, so that rankings are compared and not calibrations.
    Returns plain JSON values: of each contestant the mean of every metric over the seeds, the lowest and the highest.
    """
    table: dict[str, list[Figures]] = {name: [] for name in contestants}
    rounds = [(name, seed) for seed in seeds for name in contestants]
    for done, (name, seed) in enumerate(rounds, 1):
        fit_contestant = _fit_peer if name in PEERS else _fit_variant
        table[name].append(_evaluate(benchmark, fit_contestant(benchmark, name, replace(budget, seed=seed))))
        progress(f"ablations, {benchmark.name}", done, len(rounds))
    incidents = [stream for stream in benchmark.evaluation.streams if stream.onset is not None]
    return {
        "contest": benchmark.name,
        "incidents": len(incidents),
        "silent": sum(stream.silent for stream in incidents),
        "seeds": len(seeds),
        "epochs": budget.epochs,
        "feature_dropout": budget.feature_dropout,
        "contestants": {name: _spread(figures) for name, figures in table.items()},
    }


def _fit_variant(benchmark: Benchmark, name: str, options: FitOptions) -> FittedPeer:
    change = VARIANTS[name]
    train = change(benchmark.train)
    validation = replace(train, bounds=train.bounds[:1])  # the validation curve is not used: one stream is enough
    model, _ = fit_network(train, validation, options, progress=lambda _what, _done, _of: None)
    return lambda arrays: logits(model, change(arrays)).astype(np.float64)


def _fit_peer(benchmark: Benchmark, name: str, options: FitOptions) -> FittedPeer:
    return PEERS[name](TrainingSample.sample(benchmark.train, options.seed))


def _evaluate(benchmark: Benchmark, fitted: FittedPeer) -> Figures:
    outcomes = benchmark.evaluation.outcomes(fitted(benchmark.evaluation.arrays))
    summary = summarise(outcomes, choose_threshold(outcomes))
    return Figures(summary.found, summary.silent_found, summary.false_per_hour, summary.average_precision)


def _spread(figures: Sequence[Figures]) -> dict[str, dict[str, float]]:
    columns = {name: [getattr(each, name) for each in figures] for name in Figures.__slots__}
    return {
        name: {"mean": float(np.mean(values)), "low": float(min(values)), "high": float(max(values))}
        for name, values in columns.items()
    }
