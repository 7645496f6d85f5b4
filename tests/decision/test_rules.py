"""Rules beside the network: what they hold down, what they raise, and that they leave the rest alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import schema
from core.baseline import Baseline, CompiledBaseline
from core.decision import rules
from core.decision.reasons import ExplanationInput, rule_reasons
from core.events import Channel, State
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.features.reference import Reference
from core.templates import Templater
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed
from tests.helpers.stream import with_evidence

LEVEL = schema.CATEGORICAL_NAMES.index("level")
DEBUG = schema.CATEGORICAL["level"].index("DEBUG")
SEVERE = schema.BINARY_NAMES.index("severe")


def batch_of(incident: str, baseline: CompiledBaseline | None = None, seconds: float = 400.0) -> FeatureBatch:
    events, facts = parsed(cloud_lines(6, seconds, incident))
    return FeatureExtractor(baseline or healthy_compiled()).extract(events, facts)


def deviates(batch: FeatureBatch) -> np.ndarray:
    columns = [schema.NUMERICAL_NAMES.index(name) for name in ("latency_z", "size_z", "duration_z", "stage_z", "burst")]
    found: np.ndarray = (np.abs(batch.numerical[:, columns]) > 1).any(axis=1) | (batch.column("timed_out") > 0)
    return found


def apply(batch: FeatureBatch, score: float) -> tuple[np.ndarray, np.ndarray]:
    return rules.apply(batch, np.full(len(batch), score, np.float32))


def test_the_score_of_a_known_service_is_that_of_the_network() -> None:
    batch = batch_of("")
    scores, raised = apply(batch, 0.9)
    plain = batch.by_baseline & (batch.categorical[:, LEVEL] != DEBUG)
    assert plain.mean() > 0.8
    assert (scores[plain] == np.float32(0.9)).all()
    assert not raised.any()


def test_a_debug_line_is_never_flagged_by_itself() -> None:
    batch = batch_of("")
    debug = replace(batch, categorical=batch.categorical.copy())
    debug.categorical[:, LEVEL] = DEBUG
    assert apply(debug, 1.0)[0].max() == np.float32(rules.HELD)


def test_what_nothing_is_known_of_is_held_down_unless_it_is_an_error() -> None:
    batch = batch_of("amqp_unreachable", CompiledBaseline(Baseline()))
    scores, raised = apply(batch, 0.9)
    quiet = np.array([state is State.WARMING_UP for state in batch.states]) & (batch.binary[:, SEVERE] == 0)
    quiet &= ~deviates(batch)
    status = batch.categorical[:, schema.CATEGORICAL_NAMES.index("status")]
    quiet &= status != schema.CATEGORICAL["status"].index("5xx")
    assert quiet.any()
    assert (scores[quiet] <= rules.HELD).all()
    assert not raised[quiet].any()


def test_an_error_of_an_unknown_log_is_raised_with_the_reasons_of_a_rule() -> None:
    events, facts = parsed(cloud_lines(6, 400.0, "amqp_unreachable"))
    batch = FeatureExtractor(CompiledBaseline(Baseline())).extract(events, facts)
    scores, raised = apply(batch, 0.0)
    assert raised.any()
    assert (scores[raised] == np.float32(rules.RAISED)).all()
    for row in np.flatnonzero(raised).tolist():
        reasons = rule_reasons(ExplanationInput(events[row], facts[row], batch, row))
        assert reasons
        assert {reason.channel for reason in reasons} == {Channel.RULE}


@pytest.mark.parametrize(
    ("evidence", "feature", "value"),
    [
        ({"slow_again_nats": 40.0, "slow_kind": 2.0, "slow_s": 44.6, "usual_slow_s": 6.4}, "duration_z", 44.6),
        ({"repeated": 4.0}, "overdue_requests", 4.0),
    ],
)
def test_what_recurs_in_a_known_service_is_raised_with_its_numbers(
    evidence: dict[str, float], feature: str, value: float
) -> None:
    events, facts = parsed(cloud_lines(6, 400.0))
    batch = FeatureExtractor(healthy_compiled()).extract(events, facts)
    row = int(np.flatnonzero(batch.by_baseline)[-1])
    noted = with_evidence(batch, row, **evidence)
    scores, raised = apply(noted, 0.1)
    assert np.flatnonzero(raised).tolist() == [row]
    assert scores[row] == np.float32(rules.RAISED)
    (reason, *_) = rule_reasons(ExplanationInput(events[row], facts[row], noted, row))
    assert (reason.channel, reason.feature, reason.value) == (Channel.RULE, feature, value)


NEW = schema.BINARY_NAMES.index("new_template")


def with_a_new_line(message: str, level: str = "INFO") -> FeatureBatch:
    """A healthy cloud's log, and after it a line that the baseline does not have."""
    lines = cloud_lines(6, 400.0)
    events, _ = parsed(lines)
    last = [event for event in events if event.service == "nova-compute"][-1]
    new = last._replace(level=level, message=message, request_id="", instance_id="", timestamp=events[-1].timestamp)
    facts = Templater()
    return FeatureExtractor(healthy_compiled()).extract(
        [*events, new], [facts.facts(event.logger, event.head) for event in [*events, new]]
    )


def test_a_new_line_that_differs_in_its_details_alone_has_to_be_far_surer_to_be_flagged() -> None:
    batch = with_a_new_line("Active base files: none, the list has failed", "WARNING")
    assert batch.binary[-1, NEW] == 1
    assert batch.column("novel_variant")[-1]
    assert apply(batch, 0.95)[0][-1] < 0.5
    assert apply(batch, 0.9999)[0][-1] > 0.5
    error = with_a_new_line("Active base files: none, the list has failed", "ERROR")
    assert apply(error, 0.95)[0][-1] == np.float32(0.95)


def test_a_new_error_is_raised_whatever_the_network_makes_of_it() -> None:
    scores, raised = apply(with_a_new_line("Zyx has failed", "ERROR"), 0.1)
    assert raised[-1]
    assert scores[-1] == np.float32(rules.RAISED)
    assert not apply(with_a_new_line("Zyx has failed", "WARNING"), 0.1)[1][-1]


def test_a_refusal_that_a_route_never_gave_is_raised_in_known_services_alone() -> None:
    status = schema.CATEGORICAL_NAMES.index("status")
    batch = with_a_new_line('"POST /v2.1/os-keypairs HTTP/1.1" status: 200 len: 400 time: 0.2')
    codes = batch.categorical.copy()
    codes[-1, status] = schema.CATEGORICAL["status"].index("4xx")
    refused = replace(batch, categorical=codes)
    assert batch.binary[-1, NEW] == 1
    scores, raised = apply(refused, 0.1)
    assert raised[-1]
    assert scores[-1] == np.float32(rules.RAISED)
    assert not apply(batch, 0.1)[1][-1]
    assert not apply(with_evidence(refused, reference=Reference.STREAM), 0.1)[1][-1]


@pytest.mark.parametrize(("level", "flagged"), [("WARNING", False), ("ERROR", True)])
def test_a_warning_that_came_first_ten_minutes_ago_is_stale_and_an_error_is_not(level: str, flagged: bool) -> None:
    batch = with_a_new_line("Zyx has failed", level)
    row = len(batch) - 1
    again = with_evidence(batch, row, novelty_age_s=600.0)
    assert apply(batch, 0.95)[0][row] == np.float32(0.95)
    assert bool(apply(again, 0.95)[0][row] > 0.5) is flagged


def test_away_from_the_baseline_a_new_warning_has_to_be_surer() -> None:
    batch = with_a_new_line("Zyx has failed", "WARNING")
    away = with_evidence(batch, reference=Reference.STREAM)
    assert apply(away, 0.9)[0][-1] < 0.5 < apply(batch, 0.9)[0][-1]
    assert apply(away, 0.95)[0][-1] > 0.5


def test_a_new_info_message_without_a_failure_keyword_has_to_be_surer() -> None:
    plain, failure = with_a_new_line("Zyx has been quuxed"), with_a_new_line("Zyx has failed")
    assert plain.binary[-1, NEW] == failure.binary[-1, NEW] == 1
    assert not plain.column("novel_variant")[-1]
    assert apply(plain, 0.95)[0][-1] < 0.5 < apply(plain, 0.999)[0][-1]
    assert apply(failure, 0.95)[0][-1] == np.float32(0.95)


def test_a_spawn_that_is_slow_again_and_again_is_found_in_a_simulated_cloud() -> None:
    slow, healthy = (batch_of(name, seconds=600.0).column("slow_again_nats").max() for name in ("slow_spawn", ""))
    assert slow > 20.0 > 2 * healthy


def test_a_rule_never_lowers_a_score_that_it_raises_nor_touches_one_over_it() -> None:
    events, facts = parsed(cloud_lines(6, 400.0, "amqp_unreachable"))
    batch = FeatureExtractor(healthy_compiled()).extract(events, facts)
    one, other = apply(batch, 0.2)[0], apply(batch, 0.8)[0]
    assert (one <= np.maximum(other, rules.RAISED)).all()
