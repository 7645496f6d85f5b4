"""`tailsight evaluate`: what a model is worth on labelled logs, beside the rules and the learners that anyone has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch

from core.baseline import Baseline, Profile, Usual
from core.decision.reasons import aspect_masks
from core.errors import SourceError, UsageError
from core.evaluation.ablate import ablate
from core.evaluation.contest import away, home, lessons, untaught
from core.evaluation.continuity import continuity
from core.evaluation.controls import Truncation
from core.evaluation.judge import Judge, Judged
from core.evaluation.peers import PEERS, Lessons
from core.evaluation.report import Detector, detector_figures, report, rules_and_scores
from core.pipeline import Pipeline
from core.predictor import AnomalyPredictor
from core.simulate import Deployment, Layout, Scenario, simulate, write
from core.training.calibrate import choose_logit
from core.training.corpus import Progress, Stream, read_logs, read_runs, read_streams
from core.training.dataset import Example
from core.training.fit import Arrays
from core.training.measure import Outcome

_SEED: Final = 9_000_000
"""Far from the seeds of training and validation."""


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
    peers: bool = False
    """Teach other learners the corpus's training runs, and judge them on the same streams."""
    controls: bool = False
    """Judge the corpus's runs again without their ERROR records, and its fault-free ones cut at random points."""
    ablation_seeds: int = 0
    """Fit variants of the network on the corpus's training runs, so often each."""
    continuity: tuple[Path, Path] | None = None
    """LogHub's log and the table of its rule-made labels."""
    seed: int = 0
    threshold: float | None = None
    device: str = "auto"
    threads: int = 2


@dataclass(slots=True)
class _Evidence:
    """All streams after judging."""

    judged: list[Judged] = field(default_factory=list)
    without_errors: list[Outcome] = field(default_factory=list)
    truncation: Truncation = field(default_factory=Truncation)


def evaluate(options: EvaluateOptions, progress: Progress = lambda _what, _done, _of: None) -> dict[str, Any]:
    """Judge a model; return the report as JSON can hold it.

    Raises SourceError for logs without labels, ArtifactError and DeviceError for a model that cannot be had, and
    UsageError where a corpus is needed and none is given.
    """
    if options.corpus is None and (options.peers or options.controls or options.ablation_seeds):
        raise UsageError("peers, controls and ablations need labelled runs: add --corpus DIR")
    if options.peers and options.split == "train":
        raise UsageError("peers learn from the runs of train: judge another --split")
    predictor = AnomalyPredictor(options.artifacts, options.threshold, options.device, threads=options.threads)
    baseline = Baseline.from_bytes(predictor.artifacts.baseline)
    usual, aspects = Usual(baseline), aspect_masks()
    judge = Judge(usual, lambda: predictor.stream(aspects), predictor.threshold)
    evidence = _Evidence(truncation=Truncation(options.seed))
    _judge_all(options, judge, evidence, progress)
    detectors = rules_and_scores(evidence.judged, predictor.threshold)
    model = {name: value for name, value in predictor.info().items() if name != "validation"}
    found: dict[str, Any] = {"model": model, "input": _input(options)}
    if options.peers:
        learned = _lessons(options, predictor, baseline, progress)
        found["lessons"] = learned.to_plain()
        detectors |= _peers(learned, predictor, evidence.judged, progress)
    found |= report(evidence.judged, detectors)
    if options.controls:
        found["info_and_warning"]["error_records_removed"] = detector_figures(
            evidence.without_errors, predictor.threshold
        )
        found["truncation"] = evidence.truncation.to_plain()
    if options.ablation_seeds:
        found["ablations"] = _ablations(options, predictor, baseline, progress)
    if options.continuity is not None:
        log, labels = options.continuity
        stream = Pipeline(usual, predictor.stream(aspects))
        found["continuity"] = continuity(log, labels, stream, predictor.threshold)
    return found


def _judge_all(options: EvaluateOptions, judge: Judge, evidence: _Evidence, progress: Progress) -> None:
    if options.corpus is not None:
        _judge_corpus(options, options.corpus, judge, evidence, progress)
    for done, log in enumerate(options.logs, 1):
        try:
            evidence.judged += judge.simulated(log)
        except OSError as error:
            raise SourceError(f"{error.filename}: {error.strerror}; the truth lies beside a simulated log") from error
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


def _lessons(options: EvaluateOptions, predictor: AnomalyPredictor, baseline: Baseline, progress: Progress) -> Lessons:
    """What the training runs of the corpus teach, scaled as the network's inputs are."""
    assert options.corpus is not None
    runs = [run for run in read_runs(options.corpus) if run.split == "train" and (run.fault_free or run.incident)]
    streams = read_streams(options.corpus, runs, progress)
    scaling = predictor.artifacts.means, predictor.artifacts.scales
    return Lessons.sample(lessons(streams, _elsewhere(baseline, streams), scaling, progress), options.seed)


def _peers(
    learned: Lessons, predictor: AnomalyPredictor, judged: Sequence[Judged], progress: Progress
) -> dict[str, Detector]:
    """Teach other learners and let them judge; each has the threshold that our own rule gives it on these streams."""
    examples = [Example(each.outcome.name, "", "home", each.features, each.targets) for each in judged]
    told = Arrays.of(examples, predictor.artifacts.means, predictor.artifacts.scales)
    found = {}
    for done, (name, teach) in enumerate(PEERS.items(), 1):
        scores = teach(learned)(told)
        parts = [scores[begin:end] for begin, end in told.bounds]
        outcomes = [replace(each.outcome, scores=part) for each, part in zip(judged, parts, strict=True)]
        found[name] = Detector(parts, choose_logit(outcomes))
        progress("teaching the peers", done, len(PEERS))
    return found


def _ablations(
    options: EvaluateOptions, predictor: AnomalyPredictor, baseline: Baseline, progress: Progress
) -> list[dict[str, Any]]:
    """Variants of the network and the peers, at home and on each campaign when it was left out."""
    assert options.corpus is not None
    torch.set_num_threads(options.threads)
    runs = [run for run in read_runs(options.corpus) if run.fault_free or run.incident]
    streams = read_streams(options.corpus, runs, progress)
    given = streams, _elsewhere(baseline, streams), (predictor.artifacts.means, predictor.artifacts.scales), progress
    seeds = range(options.seed, options.seed + options.ablation_seeds)
    tables = [ablate(home(*given), seeds, progress=progress)]
    campaigns = sorted({run.campaign for run in runs})
    if len(campaigns) > 1:
        for contest in (untaught, away):
            tables += [ablate(contest(campaign, *given), seeds, progress=progress) for campaign in campaigns]
    return tables


def _elsewhere(baseline: Baseline, streams: Sequence[Stream]) -> list[Profile]:
    """Profiles of the baseline that are not of the corpus itself, and so give nothing away."""
    campaigns = {stream.run.campaign for stream in streams}
    return [profile for profile in baseline.profiles if profile.name not in campaigns]
