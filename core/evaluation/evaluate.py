"""`tailsight evaluate`: metrics of a model on labelled logs, compared with rules and well-known learners."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch

from core.baseline import Baseline, CompiledBaseline, DeploymentStats
from core.decision.calibration import Calibration
from core.decision.reasons import feature_group_masks
from core.errors import SourceError, UsageError
from core.evaluation.ablate import ablate
from core.evaluation.benchmark import all_campaigns, held_out_campaign, held_out_faults, training_arrays
from core.evaluation.choice import choose_threshold
from core.evaluation.clouds import cloud_rows
from core.evaluation.continuity import continuity
from core.evaluation.controls import Truncation
from core.evaluation.dial import dial, judged_streams
from core.evaluation.judge import Judge, Judged
from core.evaluation.peers import PEERS, TrainingSample
from core.evaluation.report import Contestant, contestant_figures, report, rules_and_scores
from core.pipeline import Pipeline
from core.predictor import AnomalyPredictor
from core.simulate import Deployment, LogLayout, Scenario, simulate, write_simulation
from core.training.corpus import LabelledStream, Progress, read_logs, read_runs, read_streams
from core.training.dataset import BaselineView, Example
from core.training.fit import Arrays
from core.training.measure import Outcome

_SEED: Final = 9_000_000
"""Not among the seeds of training and validation."""


@dataclass(frozen=True, slots=True)
class EvaluateOptions:
    """The model and the data to evaluate."""

    artifacts: Path | None = None
    corpus: Path | None = None
    """Folder of a labelled corpus; its `split` runs are evaluated."""
    split: str = "val"
    logs: tuple[Path, ...] = ()
    """Simulated logs with their truth beside them."""
    simulated_hours: int = 12
    """Hours to simulate where neither a corpus nor logs are given: clouds of one hour each."""
    seeds: int = 0
    """Clouds to simulate with all of these hours each, from so many seeds; 0 for clouds of one hour."""
    foreign: bool = False
    """Simulate deployments that the model has never seen."""
    peers: bool = False
    """Fit other learners to the training runs of the corpus, and evaluate them on the same streams."""
    controls: bool = False
    """Evaluate the runs again without their ERROR records, and the fault-free ones cut at random points."""
    ablation_seeds: int = 0
    """Seeds with which each variant of the network is fitted to the training runs."""
    continuity: tuple[Path, Path] | None = None
    """LogHub's log and the table of its rule-made labels."""
    seed: int = 0
    threshold: float | None = None
    device: str = "auto"
    threads: int = 2


@dataclass(slots=True)
class _Evidence:
    """The results of all streams."""

    judged: list[Judged] = field(default_factory=list)
    without_errors: list[Outcome] = field(default_factory=list)
    truncation: Truncation = field(default_factory=Truncation)


def evaluate(options: EvaluateOptions, progress: Progress = lambda _what, _done, _of: None) -> dict[str, Any]:
    """Evaluate a model; return the report as plain JSON values.

    Raises SourceError for logs without labels, ArtifactError and DeviceError for a model that cannot be loaded, and
    UsageError where a corpus is needed and none is given.
    """
    if options.corpus is None and (options.peers or options.controls or options.ablation_seeds):
        raise UsageError("peers, controls and ablations need labelled runs: add --corpus DIR")
    if options.peers and options.split == "train":
        raise UsageError("peers are fitted to the split train: evaluate another --split")
    predictor = AnomalyPredictor(options.artifacts, options.threshold, options.device, threads=options.threads)
    baseline = Baseline.from_bytes(predictor.artifacts.baseline)
    compiled, groups = CompiledBaseline(baseline), feature_group_masks()
    calibration = Calibration.from_plain(predictor.artifacts.calibration)
    judge = Judge(compiled, lambda: predictor.stream(groups), calibration, predictor.threshold)
    evidence = _Evidence(truncation=Truncation(options.seed))
    _judge_all(options, judge, evidence, progress)
    contestants = rules_and_scores(evidence.judged, predictor.threshold)
    model = {name: value for name, value in predictor.info().items() if name != "validation"}
    found: dict[str, Any] = {"model": model, "input": _input(options)}
    if options.peers:
        sample = _training_sample(options, predictor, baseline, progress)
        found["training_sample"] = sample.to_plain()
        contestants |= _peers(sample, predictor, evidence.judged, progress)
    found |= report(evidence.judged, contestants)
    streams = judged_streams(evidence.judged)
    found["dial"] = [row.to_plain() for row in dial(streams)]
    if options.corpus is None:
        found["clouds"] = [row.to_plain() for row in cloud_rows(streams, predictor.threshold)]
    if options.controls:
        found["info_and_warning"]["error_records_removed"] = contestant_figures(
            evidence.without_errors, predictor.threshold
        )
        found["truncation"] = evidence.truncation.to_plain()
    if options.ablation_seeds:
        found["ablations"] = _ablations(options, predictor, baseline, progress)
    if options.continuity is not None:
        log, labels = options.continuity
        stream = Pipeline(compiled, predictor.stream(groups), calibration, zone=UTC)
        found["continuity"] = continuity(log, labels, stream, predictor.threshold)
    return found


def _judge_all(options: EvaluateOptions, judge: Judge, evidence: _Evidence, progress: Progress) -> None:
    if options.corpus is not None:
        _judge_corpus(options, options.corpus, judge, evidence, progress)
    for done, log in enumerate(options.logs, 1):
        try:
            evidence.judged += judge.simulated(log)
        except OSError as error:
            text = f"{error.filename}: {error.strerror}; the truth lies beside a simulated log"
            raise SourceError(f"{text}, and --unlabelled judges one without") from error
        progress("scoring logs", done, len(options.logs))
    if options.corpus is None and not options.logs:
        evidence.judged += _judge_fresh(options, judge, progress)


def _judge_corpus(
    options: EvaluateOptions, corpus: Path, judge: Judge, evidence: _Evidence, progress: Progress
) -> None:
    chosen = [run for run in read_runs(corpus) if run.split == options.split]
    runs = {run.file: run for run in chosen if run.fault_free or run.incident}
    if not runs:
        raise SourceError(f"{corpus}: no labelled run in split {options.split!r}; there are train and val")
    for done, (run, lines) in enumerate(read_logs(corpus, runs), 1):
        judged = judge.run(run, lines)
        evidence.judged.append(judged)
        if options.controls:
            evidence.without_errors.append(judge.run_without_errors(run, lines))
            if run.fault_free:
                evidence.truncation.add(judge, judged, lines)
        progress("scoring the corpus", done, len(runs))


def _judge_fresh(options: EvaluateOptions, judge: Judge, progress: Progress) -> Iterator[Judged]:
    """Simulate clouds that training has not seen, with every kind of incident, and evaluate them in time order."""
    clouds, hours = (options.seeds, options.simulated_hours) if options.seeds else (options.simulated_hours, 1)
    with TemporaryDirectory() as folder:
        for number in range(clouds):
            seed = _SEED + options.seed * 1000 + number
            deployment = Deployment.foreign(seed) if options.foreign else Deployment.varied(seed)
            scenario = Scenario(
                seed=seed,
                duration_s=3600.0 * hours,
                deployment=replace(deployment, layout=LogLayout.MERGED),
                incidents="random",
                hard_normals="random",
            )
            log = Path(folder) / f"seed-{seed}.log"
            write_simulation(simulate(scenario), log)
            yield from judge.simulated(log)
            progress("simulating and scoring", number + 1, clouds)


def _input(options: EvaluateOptions) -> dict[str, Any]:
    if options.corpus is not None:
        return {"corpus": options.corpus.name, "split": options.split}
    if options.logs:
        return {"logs": [log.name for log in options.logs]}
    drawn = {"foreign": options.foreign, "seed": options.seed, "seeds": options.seeds}
    return {"simulated_hours": options.simulated_hours, **drawn}


def _training_sample(
    options: EvaluateOptions, predictor: AnomalyPredictor, baseline: Baseline, progress: Progress
) -> TrainingSample:
    """The training sample of the corpus, scaled as the inputs of the network are."""
    assert options.corpus is not None
    runs = [run for run in read_runs(options.corpus) if run.split == "train" and (run.fault_free or run.incident)]
    streams = read_streams(options.corpus, runs, progress)
    scaling = predictor.artifacts.means, predictor.artifacts.scales
    return TrainingSample.sample(
        training_arrays(streams, _other_deployments(baseline, streams), scaling, progress), options.seed
    )


def _peers(
    sample: TrainingSample, predictor: AnomalyPredictor, judged: Sequence[Judged], progress: Progress
) -> dict[str, Contestant]:
    """Fit other learners and score with them; each gets the threshold of `choose_threshold`."""
    examples = [Example(each.outcome.name, "", BaselineView.KNOWN, each.features, each.targets) for each in judged]
    arrays = Arrays.of(examples, predictor.artifacts.means, predictor.artifacts.scales)
    found = {}
    for done, (name, fit_peer) in enumerate(PEERS.items(), 1):
        scores = fit_peer(sample)(arrays)
        parts = [scores[begin:end] for begin, end in arrays.bounds]
        outcomes = [replace(each.outcome, scores=part) for each, part in zip(judged, parts, strict=True)]
        found[name] = Contestant(parts, choose_threshold(outcomes))
        progress("fitting the peers", done, len(PEERS))
    return found


def _ablations(
    options: EvaluateOptions, predictor: AnomalyPredictor, baseline: Baseline, progress: Progress
) -> list[dict[str, Any]]:
    """Variants of the network and the peers, on all campaigns and on each campaign when it is held out."""
    assert options.corpus is not None
    torch.set_num_threads(options.threads)
    runs = [run for run in read_runs(options.corpus) if run.fault_free or run.incident]
    streams = read_streams(options.corpus, runs, progress)
    given = (
        streams,
        _other_deployments(baseline, streams),
        (predictor.artifacts.means, predictor.artifacts.scales),
        progress,
    )
    seeds = range(options.seed, options.seed + options.ablation_seeds)
    tables = [ablate(all_campaigns(*given), seeds, progress=progress)]
    campaigns = sorted({run.campaign for run in runs})
    if len(campaigns) > 1:
        for benchmark in (held_out_faults, held_out_campaign):
            tables += [ablate(benchmark(campaign, *given), seeds, progress=progress) for campaign in campaigns]
    return tables


def _other_deployments(baseline: Baseline, streams: Sequence[LabelledStream]) -> list[DeploymentStats]:
    """Deployments of the baseline that are not of the corpus itself: those would leak its evaluation runs."""
    campaigns = {stream.run.campaign for stream in streams}
    return [stats for stats in baseline.deployments if stats.name not in campaigns]
