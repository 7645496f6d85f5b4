"""`tailsight evaluate`: what a model is worth on labelled logs, beside the rules that anyone could write."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.baseline import Baseline, Usual
from core.errors import SourceError
from core.explain import aspect_masks
from core.pipeline import Pipeline
from core.predictor import AnomalyPredictor
from core.schema import BINARY_NAMES
from core.simulate import Deployment, Layout, Scenario, simulate, write
from core.training.corpus import Progress, read_logs, read_runs
from core.training.judge import Judge, Judged
from core.training.measure import (
    GRID,
    average_precision,
    bootstrap_rate,
    calibration_curve,
    expected_calibration_error,
    summarise,
)

_SEED: Final = 9_000_000
"""Far from the seeds of training and validation."""
_SEVERE = BINARY_NAMES.index("severe")
_NEW = BINARY_NAMES.index("new_template")


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """What to evaluate, and on what."""

    artifacts: Path | None = None
    corpus: Path | None = None
    """Folder of a labelled corpus; its `split` runs are judged."""
    split: str = "val"
    logs: tuple[Path, ...] = ()
    """Simulated logs with their truth beside them."""
    simulated_hours: int = 12
    """Hours to simulate where neither a corpus nor logs are given."""
    foreign: bool = False
    """Simulate deployments that the model has never seen."""
    seed: int = 0
    threshold: float | None = None
    device: str = "auto"
    threads: int = 2


def evaluate(options: EvaluateOptions, progress: Progress = lambda _what, _done, _of: None) -> dict[str, Any]:
    """Judge a model; return the report as JSON can hold it.

    Raises SourceError for logs without labels, ArtifactError and DeviceError for a model that cannot be had.
    """
    predictor = AnomalyPredictor(options.artifacts, options.threshold, options.device, threads=options.threads)
    usual = Usual(Baseline.from_bytes(predictor.artifacts.baseline))
    aspects = aspect_masks()
    judge = Judge(usual, lambda: Pipeline(usual, predictor.stream(aspects)), predictor.threshold)
    judged = list(_judge_all(options, judge, progress))
    model = {name: value for name, value in predictor.info().items() if name != "validation"}
    return {"model": model, "input": _input(options), **report(judged, predictor.threshold)}


def _judge_all(options: EvaluateOptions, judge: Judge, progress: Progress) -> Iterator[Judged]:
    if options.corpus is not None:
        chosen = [run for run in read_runs(options.corpus) if run.split == options.split]
        runs = {run.file: run for run in chosen if run.fault_free or run.incident}
        if not runs:
            raise SourceError(f"{options.corpus}: no labelled run in split {options.split!r}; there are train and val")
        for done, (run, lines) in enumerate(read_logs(options.corpus, runs), 1):
            yield judge.run(run, lines)
            progress("scoring the corpus", done, len(runs))
    for done, log in enumerate(options.logs, 1):
        try:
            yield from judge.simulated(log)
        except OSError as error:
            raise SourceError(f"{error.filename}: {error.strerror}; the truth lies beside a simulated log") from error
        progress("scoring logs", done, len(options.logs))
    if options.corpus is None and not options.logs:
        yield from _judge_fresh(options, judge, progress)


def _judge_fresh(options: EvaluateOptions, judge: Judge, progress: Progress) -> Iterator[Judged]:
    """Simulate clouds that no training has seen, with every kind of incident, and judge them."""
    with TemporaryDirectory() as folder:
        log = Path(folder) / "cloud.log"
        for number in range(options.simulated_hours):
            seed = _SEED + options.seed * 1000 + number
            deployment = Deployment.foreign(seed) if options.foreign else Deployment.varied(seed)
            scenario = Scenario(
                seed=seed,
                duration_s=3600.0,
                deployment=replace(deployment, layout=Layout.MERGED),
                incidents="random",
                hard_normals="random",
            )
            write(simulate(scenario), log)
            yield from judge.simulated(log)
            progress("simulating and scoring", number + 1, options.simulated_hours)


def _input(options: EvaluateOptions) -> dict[str, Any]:
    if options.corpus is not None:
        return {"corpus": options.corpus.name, "split": options.split}
    if options.logs:
        return {"logs": [log.name for log in options.logs]}
    return {"simulated_hours": options.simulated_hours, "foreign": options.foreign, "seed": options.seed}


def report(judged: Sequence[Judged], threshold: float) -> dict[str, Any]:
    """Put together what the scores of labelled streams are worth at a threshold."""
    outcomes = [each.outcome for each in judged]
    truth = np.concatenate([each.truth for each in judged])
    scores = np.concatenate([outcome.scores for outcome in outcomes])
    known = truth >= 0
    curve = calibration_curve(outcomes)
    return {
        "threshold": threshold,
        "events": event_figures(truth[known] == 1, scores[known], threshold),
        "detectors": {name: _detector(judged, rule, threshold) for name, rule in _DETECTORS.items()},
        "kinds": _kinds(judged, threshold),
        "expected_calibration_error": expected_calibration_error(scores[known], truth[known] == 1),
        "curve": curve.to_plain()["curve"],
        "precision_recall": precision_recall(truth[known] == 1, scores[known]),
    }


def event_figures(truth: NDArray[np.bool_], scores: NDArray[np.float64], threshold: float) -> dict[str, Any]:
    """Count single events: confusion matrix and what follows from it."""
    flagged = scores >= threshold
    tp, fp = int((flagged & truth).sum()), int((flagged & ~truth).sum())
    fn, tn = int((~flagged & truth).sum()), int((~flagged & ~truth).sum())
    return {
        "true_positives": tp,
        "false_positives": fp,
        "false_negatives": fn,
        "true_negatives": tn,
        "accuracy": _ratio(tp + tn, len(truth)),
        "precision": _ratio(tp, tp + fp),
        "recall": _ratio(tp, tp + fn),
        "f1": _ratio(2 * tp, 2 * tp + fp + fn),
        "average_precision": average_precision(truth, scores),
    }


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def precision_recall(truth: NDArray[np.bool_], scores: NDArray[np.float64]) -> list[dict[str, float]]:
    """Precision and recall of single events at each threshold of the grid."""
    points = []
    for threshold in GRID:
        flagged = scores >= threshold
        if flagged.any() and truth.any():
            hits = float((flagged & truth).sum())
            points.append(
                {"threshold": float(threshold), "precision": hits / flagged.sum(), "recall": hits / truth.sum()}
            )
    return points


Rule = Callable[[Judged], NDArray[np.float64]]

_DETECTORS: Final[dict[str, Rule]] = {
    "tailsight": lambda each: each.outcome.scores,
    "rule: any ERROR line": lambda each: each.features.binary[each.rows, _SEVERE].astype(np.float64),
    "rule: unseen template": lambda each: each.features.binary[each.rows, _NEW].astype(np.float64),
}


def _detector(judged: Sequence[Judged], rule: Rule, threshold: float) -> dict[str, Any]:
    outcomes = [replace(each.outcome, scores=rule(each)) for each in judged]
    low, high = bootstrap_rate(outcomes, threshold)
    return {**summarise(outcomes, threshold).to_plain(), "false_episodes_per_hour_95": [low, high]}


def _kinds(judged: Sequence[Judged], threshold: float) -> dict[str, dict[str, int]]:
    """Incidents by kind: how many, how many found, and of how many the cause was named."""
    kinds: dict[str, Counter[str]] = {}
    for each in judged:
        if each.kind:
            count = kinds.setdefault(each.kind, Counter(incidents=0, found=0, named=0))
            count["incidents"] += 1
            count["found"] += each.outcome.first_flagged(threshold) is not None
            count["named"] += bool(each.named)
    return {kind: dict(kinds[kind]) for kind in sorted(kinds)}
