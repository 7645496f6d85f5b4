"""Targets of a run: anomalies after the fault, normal events before it."""

from __future__ import annotations

from core.baseline import Baseline, CompiledBaseline
from core.features.extractor import FeatureExtractor
from core.training.corpus import LabelledStream, Run
from core.training.targets import failed_events, run_targets, shows_anomaly, unknown_deployment_targets
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed


def stream(*, incident: bool) -> LabelledStream:
    events, facts = parsed(cloud_lines(6, 400.0, "amqp_unreachable" if incident else ""))
    started = events[0].timestamp or 0.0
    failed = frozenset({next(event.request_id for event in events if event.request_id)})
    run = Run(
        file="run.log",
        campaign="Cloud",
        split="train",
        fault_free=not incident,
        incident=incident,
        silent=False,
        trigger=started + 60.0 if incident else None,
        client_failure=None,
        failed_requests=failed if incident else frozenset(),
        started=started,
    )
    return LabelledStream(run, tuple(events), tuple(facts))


def test_all_events_of_a_healthy_run_are_normal() -> None:
    healthy = stream(incident=False)
    batch = FeatureExtractor(healthy_compiled()).extract(healthy.events, healthy.facts)
    assert not run_targets(healthy, batch).any()


def test_after_the_fault_events_that_show_an_anomaly_or_failed_have_a_loss_and_before_it_all_are_normal() -> None:
    failing = stream(incident=True)
    batch = FeatureExtractor(healthy_compiled()).extract(failing.events, failing.facts)
    targets = run_targets(failing, batch)
    after = batch.timestamps >= (failing.run.trigger or 0.0)
    shown = shows_anomaly(batch) | failed_events(failing)
    assert (after & shown).sum() > 3
    assert (targets[~after] == 0).all()
    assert (targets[after & shown] == 1).all()
    assert (targets[after & ~shown] == -1).all()


def test_an_anomaly_that_shows_nothing_in_an_unknown_deployment_has_no_loss() -> None:
    failing = stream(incident=True)
    known = run_targets(failing, FeatureExtractor(healthy_compiled()).extract(failing.events, failing.facts))
    strange = FeatureExtractor(CompiledBaseline(Baseline())).extract(failing.events, failing.facts)
    targets = unknown_deployment_targets(known, failing, strange)
    shown = shows_anomaly(strange) | failed_events(failing)
    assert ((known == 1) & ~shown).any()
    assert (targets[(known == 1) & ~shown] == -1).all()
    assert (targets[(known == 1) & shown] == 1).all()
    assert (targets[known != 1] == known[known != 1]).all()
