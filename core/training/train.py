"""`tailsight train`: streams to a complete artifact folder."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from core import schema
from core.artifacts.saving import ArtifactContents, fit_scalers, save_artifacts
from core.baseline import Baseline, CompiledBaseline, DeploymentStats
from core.decision.calibration import Calibration
from core.errors import UsageError
from core.network.model import Transformer
from core.simulate import training_scenarios
from core.training import card
from core.training.calibrate import FittedCalibration, Scorable, calibrate, fit_on
from core.training.corpus import LabelledStream, Progress, Run, read_runs, read_streams
from core.training.dataset import (
    BaselineView,
    CrossFit,
    Example,
    FeatureViews,
    Scaling,
    learn_deployment,
    simulated_example,
    warm_up_chains,
)
from core.training.fit import Arrays, FitOptions, LossCurve, fit_network, logits
from core.training.measure import Outcome, summarise
from core.training.simulated import simulate_stream
from core.training.targets import failed_events

_VALIDATION_SEED: Final = 7_000_000
_HEALTHY_SEED: Final = 8_000_000
"""Not among the seeds of training scenarios."""


@dataclass(frozen=True, slots=True)
class TrainOptions:
    """What to train on and how long; the defaults made the shipped model."""

    output: Path
    corpus: Path | None = None
    """Folder of a labelled corpus; without it the model learns from simulated logs alone."""
    simulated_hours: int = 50
    healthy_hours: int = 40
    """Simulated hours that the baseline is learned from."""
    validation_hours: int = 20
    seed: int = 0
    threads: int = 2
    fit: FitOptions = field(default_factory=FitOptions)
    checkpoint: Path | None = None
    """File to continue an interrupted fit from."""


@dataclass(frozen=True, slots=True)
class _Data:
    train: list[Example]
    validation: list[Example]
    outcomes_of: dict[str, Run]
    failed: dict[str, NDArray[np.bool_]]
    baseline: Baseline


def train(options: TrainOptions, progress: Progress = lambda _what, _done, _of: None) -> dict[str, Any]:
    """Train, calibrate on validation and write the artifact folder; return its metrics.

    `progress` is called with the current step. Raises SourceError for a corpus that cannot be read and OutputError
    for a folder that cannot be written.
    """
    began = time.monotonic()
    torch.set_num_threads(options.threads)
    data = _prepare(options, progress)
    normal = np.concatenate(
        [e.batch.numerical[e.targets == 0] for e in data.train if e.view is not BaselineView.UNKNOWN]
    )
    scalers = fit_scalers(normal)
    scaling = _scaling(scalers)
    fit = replace(options.fit, seed=options.seed)
    validation = Arrays.of(data.validation, *scaling)
    model, curve = fit_network(
        Arrays.of(data.train, *scaling), validation, fit, progress=progress, checkpoint=options.checkpoint
    )
    unseen = _unseen_by_half(data.train, scaling, fit, progress)
    scored = _scorable(model, data.validation, scaling)
    fitted = calibrate(fit_on(unseen), [*unseen, *scored], scored)
    metrics = _metrics(options, data, curve, scored, fitted)
    metrics["seconds"] = round(time.monotonic() - began)
    save_artifacts(
        options.output,
        ArtifactContents(
            model=model.cpu(),
            scalers=scalers,
            reference=reference(data.train),
            baseline=data.baseline.to_bytes(),
            calibration=fitted.calibration.to_plain(),
            metrics=metrics,
            card=card.render_card(metrics),
        ),
    )
    return metrics


def _prepare(options: TrainOptions, progress: Progress) -> _Data:
    streams: list[LabelledStream] = []
    if options.corpus is not None:
        runs = [run for run in read_runs(options.corpus) if run.fault_free or run.incident]
        streams = read_streams(options.corpus, runs, progress)
    simulated = _simulated_deployment(options, progress)
    cross_fit = CrossFit(streams)
    views = FeatureViews(cross_fit, [simulated])
    train: list[Example] = []
    validation: list[Example] = []
    for done, stream in enumerate(streams, 1):
        known = views.known_deployment(stream)
        if stream.run.split == "val":
            validation.append(known)
        else:
            train.append(known)
            if len(cross_fit.campaigns) > 1:
                train.append(views.other_deployments(stream, known.targets))
        progress("extracting features of the corpus", done, len(streams))
    targets = {example.name: example.targets for example in train if example.view is BaselineView.KNOWN}
    rows = list(
        warm_up_chains([stream for stream in streams if stream.run.split == "train"], length=6, healthy_first=3)
    )
    for done, row in enumerate(rows, 1):
        train.extend(views.unknown_deployment(row, [targets[stream.run.file] for stream in row]))
        progress("extracting features without a baseline", done, len(rows))
    baseline = CompiledBaseline(Baseline((simulated,)))
    train.extend(_simulate(options.seed, options.simulated_hours, baseline, "simulating", progress))
    if not streams:
        validation = _simulate(
            options.seed + _VALIDATION_SEED, options.validation_hours, baseline, "simulating more", progress
        )
    return _Data(
        train,
        validation,
        {stream.run.file: stream.run for stream in streams},
        {stream.run.file: failed_events(stream) for stream in streams if stream.run.split == "val"},
        Baseline((*(cross_fit.stats(campaign) for campaign in cross_fit.campaigns), simulated)),
    )


def _simulated_deployment(options: TrainOptions, progress: Progress) -> DeploymentStats:
    """Statistics of simulated clouds of known releases, with hard normals."""
    healthy = []
    for done, scenario in enumerate(training_scenarios(_HEALTHY_SEED, options.healthy_hours), 1):
        if not scenario.deployment.name.startswith("foreign"):
            stream = simulate_stream(replace(scenario, incidents=(), hard_normals_per_hour=1.0))
            healthy.append((stream.events, stream.facts))
        progress("simulating healthy clouds", done, options.healthy_hours)
    return learn_deployment("simulated", healthy)


def _simulate(seed: int, hours: int, baseline: CompiledBaseline, what: str, progress: Progress) -> list[Example]:
    examples = []
    for done, scenario in enumerate(training_scenarios(seed, hours), 1):
        examples.append(simulated_example(simulate_stream(scenario), baseline))
        progress(what, done, hours)
    return examples


def _unseen_by_half(
    examples: Sequence[Example], scaling: Scaling, options: FitOptions, progress: Progress
) -> list[Scorable]:
    """Score each half of the training examples with a network that was trained on the other half."""
    found: list[Scorable] = []
    for half in (0, 1):
        own = [example for example in examples if example.half == half]
        others = [example for example in examples if example.half != half]
        if not own or not others:
            raise UsageError("training needs at least two streams; increase --simulated-hours")
        arrays = Arrays.of(others, *scaling)
        model, _ = fit_network(arrays, Arrays.of(own[:1], *scaling), options, progress=progress)
        found += _scorable(model, own, scaling)
    return found


def _scorable(model: Transformer, examples: Sequence[Example], scaling: Scaling) -> list[Scorable]:
    arrays = Arrays.of(examples, *scaling)
    found = logits(model, arrays).astype(np.float64)
    return [Scorable(example, found[a:b]) for example, (a, b) in zip(examples, arrays.bounds, strict=True)]


def _outcome(data: _Data, part: Scorable, calibration: Calibration) -> Outcome:
    example = part.example
    stamps = example.batch.timestamps
    scores = calibration.judge(example.batch, part.logits).scores
    run = data.outcomes_of.get(example.name)
    if run is None:
        wrong = example.targets == 1
        return Outcome(example.name, stamps, scores, float(stamps[wrong][0]) if wrong.any() else None)
    return Outcome.of_run(run, stamps, scores, data.failed[example.name])


def _scaling(scalers: Any) -> Scaling:
    """Means and scales [14]; the numerical input without a scaler stays as it is."""
    mean, scale = np.zeros(len(schema.NUMERICAL), np.float32), np.ones(len(schema.NUMERICAL), np.float32)
    for place, name in enumerate(schema.NUMERICAL_NAMES):
        if name in scalers:
            mean[place], scale[place] = scalers[name].mean_[0], scalers[name].scale_[0]
    return mean, scale


def reference(examples: Sequence[Example]) -> NDArray[np.float64]:
    """Return the baseline value of each of the 37 inputs: the median of normal events, or a typical category."""
    normal = [(example.batch, example.targets == 0) for example in examples if example.view is BaselineView.KNOWN]
    numerical = np.median(np.concatenate([batch.numerical[keep] for batch, keep in normal]), axis=0)
    aggregates = np.median(np.concatenate([batch.aggregates[keep] for batch, keep in normal]), axis=0)
    plain = {"level": "INFO", "status": "2xx", "familiarity": "always"}
    categorical = [words.index(plain.get(name, "unknown")) for name, words in schema.CATEGORICAL.items()]
    return np.concatenate((numerical, np.zeros(len(schema.BINARY)), categorical, aggregates)).astype(np.float64)


def _metrics(
    options: TrainOptions, data: _Data, curve: LossCurve, parts: Sequence[Scorable], fitted: FittedCalibration
) -> dict[str, Any]:
    calibration = fitted.calibration
    scored = [_outcome(data, part, calibration) for part in parts]
    validation = summarise(scored, calibration.threshold).to_plain()
    return {
        "epochs": options.fit.epochs,
        "seed": options.seed,
        "parameters": Transformer().parameter_count(),
        "corpus": options.corpus is not None,
        "simulated_hours": options.simulated_hours,
        "training": {
            "streams": len(data.train),
            "events": int(sum(len(example.batch) for example in data.train)),
            "anomalous_events": int(sum((example.targets == 1).sum() for example in data.train)),
        },
        "options": {name: value for name, value in asdict(options.fit).items() if name != "device"},
        "calibration": fitted.to_plain(),
        "curve": {"loss": curve.loss, "validation_loss": curve.validation_loss},
        # JSON has no nan: null where there is nothing to measure.
        "validation": {name: None if value != value else value for name, value in validation.items()},  # noqa: PLR0124
    }
