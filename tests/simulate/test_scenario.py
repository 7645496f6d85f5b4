"""Scenarios: valid and invalid ones, and those of training."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from core.errors import UsageError
from core.simulate import FOUNDATIONS, HELD_OUT_KINDS, INCIDENTS, Deployment, Scenario, training_scenarios

HOST = Deployment.typical().on_one_host()


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (Scenario(incidents=[("earthquake", 10.0)]), "unknown incident 'earthquake'"),
        (Scenario(hard_normals=[("lunch", 10.0)]), "unknown hard normal 'lunch'"),
        (Scenario(duration_s=60.0, incidents=[("disk_full", 61.0)]), "outside the 60 s"),
        (Scenario(incidents="often"), "or 'random'"),
        (Scenario(incidents=[("broker_partition", 10.0)]), "needs rabbitmq, which this cloud does not log"),
        (Scenario(deployment=HOST, incidents=[("service_stopped:sshd", 10.0)]), r"cannot stop 'sshd' \(keystone, "),
        (Scenario(incidents=[("disk_full:keystone", 10.0)]), r"disk_full cannot stop 'keystone' \(nothing\)"),
    ],
)
def test_an_invalid_scenario_is_an_error_that_names_its_cause(scenario: Scenario, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        scenario.plan()


def test_an_unknown_release_is_an_error_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"unknown release 'zzz' \(juno"):
        Deployment.typical("zzz")


def test_a_plan_is_the_same_each_time_and_in_order() -> None:
    scenario = Scenario(
        9, 7200.0, incidents="random", incidents_per_hour=6.0, hard_normals="random", hard_normals_per_hour=6.0
    )
    plan = scenario.plan()
    assert plan == scenario.plan()
    assert [planned.at for planned in plan] == sorted(planned.at for planned in plan)
    assert {planned.is_incident for planned in plan} == {True, False}


def test_an_incident_leaves_the_hard_normals_where_they_are() -> None:
    quiet = Scenario(9, 7200.0, hard_normals="random")
    busy = Scenario(9, 7200.0, hard_normals="random", incidents="random")
    normals = [planned for planned in busy.plan() if not planned.is_incident]
    assert normals == list(quiet.plan())


def test_what_needs_a_project_is_not_drawn_where_it_does_not_run() -> None:
    deployment = Deployment.typical("kilo")
    scenario = Scenario(1, 360_000.0, deployment=deployment, incidents="random", incidents_per_hour=10.0)
    kinds = {planned.kind for planned in scenario.plan()}
    assert kinds == {kind for kind, incident in INCIDENTS.items() if incident.needs <= deployment.services}
    assert "placement_conflict" not in kinds


def test_training_never_sees_a_held_out_kind() -> None:
    scenarios = list(training_scenarios(5, 60))
    kinds = {planned.kind for scenario in scenarios for planned in scenario.plan() if planned.is_incident}
    assert kinds
    assert kinds.isdisjoint(HELD_OUT_KINDS)


def test_training_is_varied_and_repeatable() -> None:
    scenarios = list(training_scenarios(5, 40))
    assert scenarios == list(training_scenarios(5, 40))
    assert scenarios[:10] == list(training_scenarios(5, 10))
    names = [scenario.deployment.name for scenario in scenarios]
    assert len(set(names)) == 40
    assert 4 <= sum(name.startswith("foreign") for name in names) <= 22
    assert any(not scenario.incidents_per_hour for scenario in scenarios)
    assert all(scenario.start < datetime(2026, 1, 1, tzinfo=UTC) for scenario in scenarios)


def test_training_hears_foundations_in_the_share_that_is_asked_for() -> None:
    plain, some = list(training_scenarios(5, 60)), list(training_scenarios(5, 60, foundations=0.5))
    below = [scenario for scenario in some if scenario.deployment.services & FOUNDATIONS]
    assert 20 <= len(below) <= 40
    assert {len(scenario.deployment.hosts) == 1 for scenario in below} == {True, False}
    assert [one for one, other in zip(plain, some, strict=True) if other not in below] == [
        s for s in some if s not in below
    ]
    kinds = {planned.kind for scenario in below for planned in scenario.plan() if planned.is_incident}
    assert kinds.isdisjoint(HELD_OUT_KINDS)
    assert any(INCIDENTS[kind].needs & FOUNDATIONS for kind in kinds)


def test_random_incidents_leave_each_other_room() -> None:
    plan = Scenario(4, 40_000.0, incidents="random", incidents_per_hour=30.0).plan()
    assert len(plan) > 20
    assert all(earlier.at + earlier.lasts < later.at for earlier, later in pairwise(plan))


def test_a_scenario_can_be_sent_to_another_process() -> None:
    for scenario in (*training_scenarios(1, 6), Scenario()):
        assert pickle.loads(pickle.dumps(scenario)) == scenario
