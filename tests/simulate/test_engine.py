"""A simulated cloud: ordered, repeatable, true to its format, and as busy as it should be."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from itertools import islice, pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.simulate import (
    HARD_NORMALS,
    INCIDENTS,
    Deployment,
    LogFormat,
    Role,
    Scenario,
    SimulatedRecord,
    simulate,
)
from core.simulate.dialects import RELEASES

CLOUDS = (*map(Deployment.typical, RELEASES), Deployment.foreign(1), Deployment.foreign(7), Deployment.varied(2))

OSLO = re.compile(
    r"(?P<service>[a-z0-9-]+)\.log (?P<stamp>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) (?P<pid>\d+) "
    r"(?P<level>TRACE|DEBUG|INFO|AUDIT|WARNING|ERROR|CRITICAL) (?P<logger>[\w.]+) (?P<message>.+)"
)


def text(records: Iterable[SimulatedRecord]) -> str:
    return "\n".join(line for record in records for line in record.lines)


def cloud_for(kind: str) -> Deployment:
    """Return a cloud in which a kind can happen."""
    typical = Deployment.typical()
    needed = {**INCIDENTS, **HARD_NORMALS}[kind].needs
    return typical if needed <= typical.services else typical.with_foundations()


def one(kind: str, deployment: Deployment | None = None, seed: int = 1) -> Scenario:
    onset = ((kind, 120.0),)
    incidents, normals = (onset, ()) if kind in INCIDENTS else ((), onset)
    return Scenario(
        seed=seed,
        duration_s=800.0,
        deployment=deployment or cloud_for(kind),
        incidents=incidents,
        hard_normals=normals,
    )


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.sampled_from(CLOUDS))
@example(6185, Deployment.typical("juno"))  # a failing request repeats a message that says how long it took
def test_a_seed_gives_the_same_log_again(seed: int, deployment: Deployment) -> None:
    scenario = Scenario(seed, 240.0, deployment=deployment, incidents="random", incidents_per_hour=60.0)
    assert text(simulate(scenario)) == text(simulate(scenario))


def test_another_seed_gives_another_log() -> None:
    assert text(simulate(Scenario(1, 120.0))) != text(simulate(Scenario(2, 120.0)))


def test_a_log_does_not_depend_on_the_process_that_makes_it() -> None:
    program = (
        "import hashlib; from core.simulate import *; "
        "log = repr(list(simulate(Scenario(3, 300.0, incidents=[('amqp_unreachable', 60.0)]))));"
        "print(hashlib.sha256(log.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": salt, "PYTHONPATH": str(Path.cwd())},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for salt in ("1", "2")
    }
    assert len(digests) == 1


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 2**31), st.sampled_from(CLOUDS))
def test_records_come_in_the_order_of_their_stamps(seed: int, deployment: Deployment) -> None:
    scenario = Scenario(
        seed, 300.0, deployment=deployment, incidents="random", incidents_per_hour=40.0, hard_normals="random"
    )
    stamps = [record.timestamp for record in simulate(scenario)]
    assert all(earlier < later for earlier, later in pairwise(stamps))
    assert stamps[0] >= scenario.start.timestamp()


@pytest.mark.parametrize("release", RELEASES)
def test_a_typical_cloud_logs_two_to_ten_events_a_second(release: str) -> None:
    count = sum(1 for _ in simulate(Scenario(1, 1800.0, deployment=Deployment.typical(release))))
    assert 2.0 <= count / 1800.0 <= 10.0


@pytest.mark.parametrize("release", RELEASES)
def test_every_line_of_a_release_is_oslo_log(release: str) -> None:
    scenario = Scenario(5, 900.0, deployment=Deployment.typical(release), incidents="random", incidents_per_hour=20.0)
    for record in simulate(scenario):
        first = OSLO.fullmatch(record.lines[0])
        assert first, record.lines[0]
        assert first["service"] == record.service
        if record.request_id:
            assert record.request_id in record.lines[0]
        for line in record.lines[1:]:
            prefixed = OSLO.fullmatch(line)
            assert prefixed is None or (prefixed["stamp"], prefixed["pid"]) == (first["stamp"], first["pid"])


def test_the_stamp_of_a_line_is_the_records_own() -> None:
    scenario = Scenario(2, 60.0, start=datetime(2026, 5, 1, 12, 0, tzinfo=UTC))
    for record in simulate(scenario):
        match = OSLO.fullmatch(record.lines[0])
        assert match
        stamp = datetime.strptime(match["stamp"], "%Y-%m-%d %H:%M:%S.%f").replace(tzinfo=UTC)
        assert stamp.timestamp() == pytest.approx(record.timestamp, abs=0.0006)


def test_a_boot_keeps_one_request_id_through_all_of_novas_services() -> None:
    services: dict[str, set[str]] = {}
    for record in simulate(Scenario(1, 900.0)):
        services.setdefault(record.request_id, set()).add(record.service)
    assert any({"nova-api", "nova-scheduler", "nova-compute"} <= seen for seen in services.values())


def test_a_healthy_log_carries_no_label_and_no_error() -> None:
    for record in simulate(Scenario(4, 1800.0)):
        assert (record.incident, record.kind, record.hard_normal, record.role) == (None, None, None, Role.NONE)
        assert " ERROR " not in record.lines[0]


@cache
def log(kind: str = "") -> tuple[SimulatedRecord, ...]:
    """Return a log with a disturbance in it, or a healthy one; kept, since several tests look at each."""
    return tuple(simulate(one(kind) if kind else Scenario(1, 800.0)))


@cache
def healthy_log(*, foundations: bool) -> tuple[SimulatedRecord, ...]:
    """Return a healthy log of the typical cloud."""
    typical = Deployment.typical()
    return tuple(simulate(Scenario(1, 800.0, deployment=typical.with_foundations() if foundations else typical)))


PURE_SILENCES = tuple(kind for kind, incident in INCIDENTS.items() if incident.stops)
LOGGED = tuple(kind for kind in INCIDENTS if kind not in PURE_SILENCES)


@pytest.mark.parametrize("kind", PURE_SILENCES)
def test_a_pure_silence_labels_nothing(kind: str) -> None:
    assert not any(record.incident for record in log(kind))


@pytest.mark.slow
@pytest.mark.parametrize("kind", LOGGED)
def test_every_kind_of_incident_appears_after_its_onset(kind: str) -> None:
    labelled = [record for record in log(kind) if record.incident]
    assert labelled
    assert {record.kind for record in labelled} == {kind}
    assert labelled[0].timestamp >= one(kind).start.timestamp() + 120.0
    assert any(record.role in {Role.CAUSE, Role.SYMPTOM} for record in labelled)
    assert all(record.role is not Role.NONE and record.hard_normal is None for record in labelled)


@pytest.mark.slow
@pytest.mark.parametrize("kind", HARD_NORMALS)
def test_every_hard_normal_appears_and_is_no_incident(kind: str) -> None:
    labelled = [record for record in log(kind) if record.hard_normal]
    assert labelled
    assert {record.hard_normal for record in labelled} == {kind}
    assert all(record.incident is None and record.role is Role.NONE for record in labelled)


@pytest.mark.slow
@pytest.mark.parametrize("kind", LOGGED)
def test_every_kind_of_incident_differs_from_ordinary_operation(kind: str) -> None:
    """Something of it is never seen in health: a logger at a level, a status, a delay or a gap."""
    healthy, faulty = healthy_log(foundations=not INCIDENTS[kind].needs <= Deployment.typical().services), log(kind)
    slowest: dict[str, float] = {}
    for record in healthy:
        slowest[shape(record)] = max(slowest.get(shape(record), 0.0), seconds(record))
    signs = [record for record in faulty if record.incident]
    new = any(shape(record) not in slowest for record in signs)
    slower = any(seconds(record) > 2.0 * slowest.get(shape(record), math.inf) for record in signs)
    fewer = any(
        Counter(record.service for record in faulty)[service] < 0.8 * count
        for service, count in Counter(record.service for record in healthy).items()
    )
    assert new or slower or fewer or most_polls(faulty) > 2 * most_polls(healthy)


def shape(record: SimulatedRecord) -> str:
    """Return a record's first line without what changes from one to the next."""
    line = re.sub(r"\[[^\]]*\]|\b[0-9a-f]{8,}(?:-[0-9a-f]+)*\b", "", record.lines[0].split(" ", 4)[-1])
    status = re.search(r"status: (\d)", line)
    return re.sub(r"\d+", "#", line) + (status[1] if status else "")


def most_polls(records: Iterable[SimulatedRecord]) -> int:
    """Return the largest number of requests for one server."""
    asked = Counter(
        found[1] for record in records if (found := re.search(r"GET \S+/servers/([0-9a-f-]{36}) ", record.lines[0]))
    )
    return max(asked.values(), default=0)


def seconds(record: SimulatedRecord) -> float:
    found = re.search(r"time: ([\d.]+)|[Tt]ook ([\d.]+)", record.lines[0])
    return float(found[1] or found[2]) if found else 0.0


def test_a_silent_incident_leaves_no_error_behind() -> None:
    records = [record for record in log("message_loss") if record.incident]
    assert records
    assert not any(" ERROR " in record.lines[0] for record in records)


def test_an_error_carries_its_traceback_in_its_own_lines() -> None:
    records = [record for record in log("port_binding_failed") if len(record.lines) > 1]
    assert records
    assert "Traceback (most recent call last):" in records[0].lines[1]
    assert "PortBindingFailed" in records[0].lines[-1]


def test_a_failed_call_is_answered_under_the_request_that_failed() -> None:
    failed = [record for record in log("database_lost") if "status: 500" in record.lines[0]]
    assert failed
    assert all(record.role is Role.SYMPTOM for record in failed)


def test_debug_is_logged_only_where_it_is_switched_on() -> None:
    records = list(log("debug_on"))
    debug = [record for record in records if " DEBUG " in record.lines[0]]
    assert debug
    assert all(record.hard_normal == "debug_on" for record in debug)


def test_a_jump_of_the_clock_shows_in_the_lines_and_not_in_the_truth() -> None:
    records = list(log("time_jump"))
    stamps = [match["stamp"] for record in records if (match := OSLO.fullmatch(record.lines[0]))]
    assert stamps != sorted(stamps)
    assert all(earlier.timestamp < later.timestamp for earlier, later in pairwise(records))


def test_a_json_log_is_one_object_a_record() -> None:
    deployment = dataclasses.replace(Deployment.typical(), log_format=LogFormat.JSON)
    for record in islice(simulate(one("disk_full", deployment)), 400):
        assert len(record.lines) == 1
        parsed = json.loads(record.lines[0])
        assert parsed["context"]["request_id"] in {record.request_id, None}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_memory_does_not_grow_with_the_length_of_a_scenario() -> None:
    def peak(duration: float) -> int:
        tracemalloc.start()
        for _ in simulate(Scenario(1, duration, deployment=Deployment.typical())):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    short, long = peak(1800.0), peak(7200.0)
    assert long < 2.0 * short
