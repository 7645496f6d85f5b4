"""Rules beside the network: what they hold down, what they raise, and that they leave the rest alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core import schema
from core.baseline import Baseline, Usual
from core.decision import rules
from core.decision.reasons import Case, rule_reasons
from core.events import Channel, State
from core.features.batch import FeatureBatch
from core.features.extractor import FeatureExtractor
from core.templates import Templater
from tests.helpers.cloud import cloud_lines, healthy_usual, parsed

LEVEL = schema.CATEGORICAL_NAMES.index("level")
DEBUG = schema.CATEGORICAL["level"].index("DEBUG")
SEVERE = schema.BINARY_NAMES.index("severe")


def batch_of(incident: str, usual: Usual | None = None, seconds: float = 400.0) -> FeatureBatch:
    events, facts = parsed(cloud_lines(6, seconds, incident))
    return FeatureExtractor(usual or healthy_usual()).extract(events, facts)


def apply(batch: FeatureBatch, score: float) -> tuple[np.ndarray, np.ndarray]:
    return rules.apply(batch, np.full(len(batch), score, np.float32))


def test_at_home_the_network_speaks() -> None:
    batch = batch_of("")
    scores, raised = apply(batch, 0.9)
    plain = batch.home & (batch.categorical[:, LEVEL] != DEBUG)
    assert plain.mean() > 0.8
    assert (scores[plain] == np.float32(0.9)).all()
    assert not raised.any()


def test_a_debug_line_is_never_flagged_by_itself() -> None:
    batch = batch_of("")
    debug = replace(batch, categorical=batch.categorical.copy())
    debug.categorical[:, LEVEL] = DEBUG
    assert apply(debug, 1.0)[0].max() == np.float32(rules.HELD)


def test_what_nobody_knows_is_held_down_unless_it_is_an_error() -> None:
    batch = batch_of("amqp_unreachable", Usual(Baseline()))
    scores, raised = apply(batch, 0.9)
    quiet = np.array([state is State.WARMING_UP for state in batch.states]) & (batch.binary[:, SEVERE] == 0)
    quiet[list(batch.measured)] = False
    status = batch.categorical[:, schema.CATEGORICAL_NAMES.index("status")]
    quiet &= status != schema.CATEGORICAL["status"].index("5xx")
    assert quiet.any()
    assert (scores[quiet] <= rules.HELD).all()
    assert not raised[quiet].any()


def test_an_error_on_a_cold_log_is_raised_and_says_that_a_rule_spoke() -> None:
    events, facts = parsed(cloud_lines(6, 400.0, "amqp_unreachable"))
    batch = FeatureExtractor(Usual(Baseline())).extract(events, facts)
    scores, raised = apply(batch, 0.0)
    assert raised.any()
    assert (scores[raised] == np.float32(rules.RAISED)).all()
    for row in np.flatnonzero(raised).tolist():
        reasons = rule_reasons(Case(events[row], facts[row], batch, row))
        assert reasons
        assert {reason.channel for reason in reasons} == {Channel.RULE}


@pytest.mark.parametrize(("note", "feature"), [("slow_again", "duration_z"), ("silence", "overdue_requests")])
def test_what_recurs_at_home_is_raised_with_its_numbers(note: str, feature: str) -> None:
    events, facts = parsed(cloud_lines(6, 400.0))
    batch = FeatureExtractor(healthy_usual()).extract(events, facts)
    row = int(np.flatnonzero(batch.home)[-1])
    noted = replace(batch, measured={row: {note: (44.6, 6.4)}})
    scores, raised = apply(noted, 0.1)
    assert np.flatnonzero(raised).tolist() == [row]
    assert scores[row] == np.float32(rules.RAISED)
    (reason, *_) = rule_reasons(Case(events[row], facts[row], noted, row))
    assert (reason.feature, reason.value) == (feature, 44.6)


NEW = schema.BINARY_NAMES.index("new_template")


def with_a_new_line(message: str, level: str = "INFO") -> FeatureBatch:
    """A healthy cloud's log, and after it a line that the baseline does not have."""
    lines = cloud_lines(6, 400.0)
    events, _ = parsed(lines)
    last = [event for event in events if event.service == "nova-compute"][-1]
    new = last._replace(level=level, message=message, request_id="", instance_id="", timestamp=events[-1].timestamp)
    facts = Templater()
    return FeatureExtractor(healthy_usual()).extract(
        [*events, new], [facts.facts(event.logger, event.head) for event in [*events, new]]
    )


def test_a_new_line_that_differs_in_its_details_alone_has_to_be_far_surer_to_be_flagged() -> None:
    batch = with_a_new_line("Active base files: none, the list has failed", "WARNING")
    assert batch.binary[-1, NEW] == 1
    assert batch.variant[-1]
    assert apply(batch, 0.95)[0][-1] < 0.5
    assert apply(batch, 0.9999)[0][-1] > 0.5
    error = with_a_new_line("Active base files: none, the list has failed", "ERROR")
    assert apply(error, 0.95)[0][-1] == np.float32(0.95)


def test_a_new_error_is_news_whatever_the_network_makes_of_it() -> None:
    scores, raised = apply(with_a_new_line("Zyx has failed", "ERROR"), 0.1)
    assert raised[-1]
    assert scores[-1] == np.float32(rules.RAISED)
    assert not apply(with_a_new_line("Zyx has failed", "WARNING"), 0.1)[1][-1]


def test_a_refusal_that_a_route_never_gave_is_raised_at_home_and_nowhere_else() -> None:
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
    assert not apply(replace(refused, home=np.zeros(len(batch), np.bool_)), 0.1)[1][-1]


@pytest.mark.parametrize(("level", "flagged"), [("WARNING", False), ("ERROR", True)])
def test_a_warning_that_came_first_ten_minutes_ago_is_old_news_and_an_error_is_not(level: str, flagged: bool) -> None:
    batch = with_a_new_line("Zyx has failed", level)
    row = len(batch) - 1
    again = replace(batch, measured={row: {"new_template": (700.0, 0.0)}})
    assert apply(batch, 0.95)[0][row] == np.float32(0.95)
    assert bool(apply(again, 0.95)[0][row] > 0.5) is flagged


def test_away_from_home_a_new_warning_has_to_be_surer_than_at_home() -> None:
    batch = with_a_new_line("Zyx has failed", "WARNING")
    away = replace(batch, home=np.zeros(len(batch), np.bool_))
    assert apply(away, 0.9)[0][-1] < 0.5 < apply(batch, 0.9)[0][-1]
    assert apply(away, 0.95)[0][-1] > 0.5


def test_a_new_remark_that_speaks_of_no_failure_has_to_be_surer_and_a_failure_has_not() -> None:
    remark, failure = with_a_new_line("Zyx has been quuxed"), with_a_new_line("Zyx has failed")
    assert remark.binary[-1, NEW] == failure.binary[-1, NEW] == 1
    assert not remark.variant[-1]
    assert apply(remark, 0.95)[0][-1] < 0.5 < apply(remark, 0.999)[0][-1]
    assert apply(failure, 0.95)[0][-1] == np.float32(0.95)


def test_a_spawn_that_is_slow_again_and_again_is_found_in_a_simulated_cloud() -> None:
    batch = batch_of("slow_spawn", seconds=600.0)
    assert any("slow_again" in notes for notes in batch.measured.values())
    healthy = batch_of("", seconds=600.0)
    assert not any("slow_again" in notes for notes in healthy.measured.values())


def test_a_rule_never_lowers_a_score_that_it_raises_nor_touches_one_over_it() -> None:
    events, facts = parsed(cloud_lines(6, 400.0, "amqp_unreachable"))
    batch = FeatureExtractor(healthy_usual()).extract(events, facts)
    one, other = apply(batch, 0.2)[0], apply(batch, 0.8)[0]
    assert (one <= np.maximum(other, rules.RAISED)).all()
