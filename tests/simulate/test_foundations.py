"""What OpenStack stands on: its own forms and files, its rhythm, and the order of causes and symptoms."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from itertools import pairwise
from statistics import median

import pytest

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.parsing.forms import candidates
from core.simulate import INCIDENTS, Deployment, LogFormat, LogLayout, Role, Scenario, SimulatedRecord, simulate
from core.simulate.dialects import RELEASES
from core.simulate.foundations.daemons import DAEMONS, FOUNDATIONS, DaemonForm

ONSET = 120.0
BEGIN_BELOW = tuple(
    kind
    for kind, incident in INCIDENTS.items()
    if incident.needs & FOUNDATIONS and incident.repeats and not incident.silences
)
"""Kinds whose first line is one of a foundation."""

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)


@cache
def host_log(release: str = "antelope", seconds: float = 3600.0, kind: str = "") -> tuple[SimulatedRecord, ...]:
    """Return the log of one host that runs everything."""
    incidents = [(kind, ONSET)] if kind else []
    deployment = Deployment.typical(release).on_one_host()
    return tuple(simulate(Scenario(3, seconds, NOON, deployment, incidents=incidents)))


def idle(computes: int) -> Deployment:
    """Return a cloud in which only foundations run, with this many compute hosts."""
    names = tuple(f"cmp{number:02}" for number in range(computes))
    return replace(Deployment.typical(), computes=names, services=FOUNDATIONS)


def stamps(records: tuple[SimulatedRecord, ...], service: str, words: str) -> list[float]:
    return [record.timestamp for record in records if record.service == service and words in record.lines[0]]


def without_names(lines: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=:)[0-9a-f]{2}\b|\d+\.\d+\.\d+\.\d+", "", line) for line in lines
    )


@pytest.mark.parametrize("release", RELEASES)
def test_openstack_logs_the_same_with_foundations_and_without(release: str) -> None:
    typical = Deployment.typical(release)
    alone = [(r.timestamp, without_names(r.lines)) for r in simulate(Scenario(5, 600.0, deployment=typical))]
    together = simulate(Scenario(5, 600.0, deployment=typical.with_foundations()))
    assert alone == [(r.timestamp, without_names(r.lines)) for r in together if r.service not in DAEMONS]


def test_records_come_in_the_order_of_their_stamps() -> None:
    assert all(earlier.timestamp <= later.timestamp for earlier, later in pairwise(host_log()))


def test_a_healthy_hour_is_labelled_nowhere_and_nothing_is_down() -> None:
    records = host_log()
    assert not any(record.incident or record.hard_normal or record.role is not Role.NONE for record in records)
    assert not any(
        " is DOWN" in line or "oom-killer" in line or "Failed to start" in line for r in records for line in r.lines
    )


def test_every_daemon_is_heard_within_a_day() -> None:
    day = simulate(Scenario(3, 86_400.0, deployment=idle(1)))
    heard = {record.service for record in (*day, *host_log())}
    assert set(DAEMONS) - heard == {"systemd-networkd", "Keepalived_vrrp"}, "those speak only when something happens"


def test_the_load_balancer_logs_one_line_for_each_request() -> None:
    records = host_log()
    requests = [r for r in records if r.service == "haproxy"]
    replies = [r for r in records if r.service == "neutron-server" and "HTTP/1.1" in r.lines[0]]
    assert len([r for r in requests if " neutron_api/ctl01 " in r.lines[0]]) == len(replies)
    timers = [re.search(r" (\d+)/(-?\d+)/(-?\d+)/(-?\d+)/(\d+) (\d{3}) ", r.lines[0]) for r in requests]
    for found in timers:
        assert found
        idle, queued, connected, answered, whole = map(int, found.groups()[:5])
        assert 0 <= whole - (idle + queued + connected + answered) <= 1


@pytest.mark.parametrize(
    ("service", "words", "every", "tolerance"),
    [
        ("systemd", "Starting system activity accounting", 600.0, 1.0),
        ("CRON", "collect-queue-lengths", 300.0, 1.0),
        ("mariadb", "closed normally without authentication", 120.0, 5.0),
        ("ovs-vswitchd", "|memory|", 600.0, 15.0),
    ],
)
def test_what_runs_by_the_clock_keeps_its_period(service: str, words: str, every: float, tolerance: float) -> None:
    gaps = [later - earlier for earlier, later in pairwise(stamps(host_log(), service, words))]
    assert len(gaps) >= 3
    assert all(abs(gap - every) <= tolerance for gap in gaps)


def test_timers_of_cron_follow_the_clock_of_the_host() -> None:
    assert all(stamp % 300.0 < 3.0 for stamp in stamps(host_log(), "CRON", "collect-queue-lengths"))


def test_connections_come_with_the_size_of_the_cloud() -> None:
    def opened(computes: int) -> int:
        return len(stamps(tuple(simulate(Scenario(1, 14_400.0, deployment=idle(computes)))), "rabbitmq", "accepting"))

    small, large = opened(1), opened(12)
    assert 20 <= small <= 80
    assert large > 2.5 * small


def test_there_is_less_of_it_at_night() -> None:
    def opened(hour: int) -> int:
        start = datetime(2026, 3, 3, hour, tzinfo=UTC)
        return len(stamps(tuple(simulate(Scenario(1, 7200.0, start, idle(20)))), "rabbitmq", "accepting"))

    assert opened(13) > 1.5 * opened(1)


def test_a_guest_is_known_by_one_name_everywhere() -> None:
    text = "\n".join(line for record in host_log() for line in record.lines)
    domain, instance = next(iter(re.findall(r"guest=(instance-\w+),.*\n.* -uuid ([0-9a-f-]+)", text)))
    assert re.search(rf"\[instance: {instance}\] ", text)
    assert re.search(rf"Started Virtual Machine qemu-\d+-{domain}\.", text)
    assert f'name="libvirt-{instance}"' in text


def test_the_tap_of_a_port_bears_its_id() -> None:
    text = "\n".join(line for record in host_log() for line in record.lines)
    taps = set(re.findall(r"added interface tap(\S{11}) ", text))
    ports = {port[:11] for port in re.findall(r"Port ([0-9a-f-]{36}) updated", text)}
    assert taps
    assert taps <= ports


@pytest.mark.parametrize("kind", BEGIN_BELOW)
def test_an_incident_begins_in_a_foundation_and_openstack_follows(kind: str) -> None:
    labelled = [record for record in host_log(seconds=900.0, kind=kind) if record.incident]
    assert labelled[0].service in DAEMONS
    assert labelled[0].role is Role.CAUSE
    assert labelled[0].timestamp - NOON.timestamp() == pytest.approx(ONSET, abs=2.0)
    followed = [record for record in labelled if record.service not in DAEMONS]
    assert followed
    assert all(record.role in {Role.SYMPTOM, Role.RECOVERY} for record in followed)


def test_an_empty_backend_answers_503_and_its_service_is_silent() -> None:
    records = [r for r in host_log(seconds=900.0, kind="backend_down") if r.role in {Role.CAUSE, Role.SYMPTOM}]
    refused = [r for r in records if "<NOSRV> 0/0/-1/-1/0 503 " in r.lines[0]]
    assert refused
    assert "nova-api" not in {record.service for record in records}


def test_calls_to_a_blocked_broker_time_out_after_a_minute() -> None:
    labelled = [record for record in host_log(seconds=900.0, kind="broker_memory") if record.incident]
    timeouts = [r.timestamp for r in labelled if "Timeout" in r.lines[0] or "Timed out" in r.lines[0]]
    assert min(timeouts) - labelled[0].timestamp >= 55.0


def test_a_full_queue_shows_in_the_balancer_and_nowhere_else() -> None:
    labelled = [record for record in host_log(seconds=900.0, kind="balancer_queue") if record.incident]
    assert {record.service for record in labelled} == {"haproxy"}
    waits = [int(found[1]) for r in labelled if (found := re.search(r" 0/(\d+)/\d+/\d+/\d+ ", r.lines[0]))]
    assert median(waits) > 1000


@pytest.mark.parametrize(
    "name",
    [
        "haproxy",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("keystone", "nova-compute", "rabbitmq", "CRON")),
    ],
)
def test_a_service_that_stops_logs_nothing_until_it_goes_on(name: str) -> None:
    scenario = Scenario(3, 4000.0, NOON, Deployment.typical().on_one_host(), [(f"service_stopped:{name}", 1000.0)])
    header = simulate(scenario).describe()["incidents"][0]
    assert header["silent"] == [name]
    heard = [record.timestamp for record in simulate(scenario) if record.service == name]
    assert heard[0] < header["onset"]
    assert not any(header["onset"] <= stamp < header["end"] for stamp in heard)
    assert heard[-1] > header["end"]


def test_a_task_that_stops_leaves_its_service_alone() -> None:
    scenario = Scenario(
        3,
        3000.0,
        NOON,
        incidents=[("task_stopped:resource_audit", 600.0)],
        deployment=Deployment.typical().with_foundations(),
    )
    header = simulate(scenario).describe()["incidents"][0]
    during = [r for r in simulate(scenario) if header["onset"] + 3.0 <= r.timestamp < header["end"]]
    assert not any("Final resource view" in record.lines[0] for record in during)
    assert any(record.service == "nova-compute" for record in during)


def test_when_all_stops_nothing_is_logged() -> None:
    scenario = Scenario(3, 3600.0, NOON, Deployment.typical().on_one_host(), [("all_stopped", 600.0)])
    header = simulate(scenario).describe()["incidents"][0]
    assert not [r for r in simulate(scenario) if header["onset"] <= r.timestamp < header["end"]]


def test_a_foreign_cloud_has_other_versions_of_what_it_stands_on() -> None:
    styles = {Deployment.foreign(seed).dialect.foundations for seed in range(20)}
    groups = {Deployment.foreign(seed).with_foundations().services & FOUNDATIONS for seed in range(20)}
    assert len(styles) > 6
    assert len(groups) > 3


LEVELS = {
    "rabbitmq": {"INFO", "WARNING", "ERROR"},
    "mariadb": {"INFO", "WARNING", "ERROR"},
    "libvirtd": {"INFO", "WARNING", "ERROR"},
    "ovs-vswitchd": {"INFO", "WARNING", "ERROR", "CRITICAL"},
}


def everything(deployment: Deployment) -> tuple[SimulatedRecord, ...]:
    """Return what foundations can say in this cloud, an incident and a hard normal after the other; few requests."""
    kinds = [kind for kind, incident in INCIDENTS.items() if incident.needs & FOUNDATIONS and not incident.stops]
    kinds = [kind for kind in kinds if INCIDENTS[kind].needs <= deployment.services]
    incidents = [(kind, 100.0 + 250.0 * number) for number, kind in enumerate(kinds)]
    seconds = 250.0 * (len(kinds) + 2)
    morning = NOON.replace(hour=9)  # MariaDB pads such an hour with a space
    scenario = Scenario(7, seconds, morning, deployment, incidents, "random", hard_normals_per_hour=60.0)
    records = [record for record in simulate(scenario) if record.service in DAEMONS]
    return tuple(r for n, r in enumerate(records) if n % 20 == 0 or "HTTP/1.1" not in r.lines[0])


def first_form(line: str) -> str:
    """Return the name of the form that the parser's table finds first."""
    choices = candidates(None)
    found = (choices.get(line[:1]) or choices[""]).first(line)
    assert found is not None
    return found.form.name


HOSTS = {
    **{release: Deployment.typical(release).on_one_host() for release in RELEASES},
    **{f"foreign-{seed}": Deployment.foreign(seed).on_one_host() for seed in (1, 4, 6)},
}


@pytest.mark.parametrize(
    "name", [name if name == "antelope" else pytest.param(name, marks=pytest.mark.slow) for name in HOSTS]
)
def test_every_record_of_a_host_is_one_event_of_its_own_form(name: str) -> None:
    deployment = replace(HOSTS[name], log_format=LogFormat.OSLO)
    files: dict[str, list[SimulatedRecord]] = defaultdict(list)
    found: dict[DaemonForm, set[str]] = defaultdict(set)
    for record in everything(deployment):
        files[record.file].append(record)
    for file, records in files.items():
        events = parsed(f"/var/log/{file}", records)
        assert len(events) == len(records), file
        for event, record in zip(events, records, strict=True):
            assert event.known_format, record.lines
            found[DAEMONS[record.service].form].add(first_form(record.lines[0]))
            assert event.level in LEVELS.get(record.service, {"INFO", "WARNING", "ERROR", "CRITICAL", ""}), (
                record.lines[0]
            )
            assert event.timestamp is not None
            assert abs(event.timestamp - record.timestamp) <= 1.0, record.lines[0]
    names = [name for forms in found.values() for name in forms]
    assert len(names) == len(set(names)) == len(found), "each form of a daemon has one of the parser's to itself"


@pytest.mark.parametrize("log_format", [LogFormat.OSLO, pytest.param(LogFormat.SYSLOG, marks=pytest.mark.slow)])
def test_every_record_of_a_merged_log_is_one_event(log_format: LogFormat) -> None:
    deployment = replace(Deployment.typical().with_foundations(), log_format=log_format, layout=LogLayout.MERGED)
    records = everything(deployment)
    events = parsed("cloud.log", records)
    assert len(events) == len(records)
    assert all(event.known_format for event in events)


def parsed(source: str, records: list[SimulatedRecord] | tuple[SimulatedRecord, ...]) -> list[LogEvent]:
    lines = [line for record in records for line in record.lines]
    parser = Parser(source)
    log = [LogLine(source, number, 0, len(text) + 1, text) for number, text in enumerate(lines, 1)]
    return [event for event in (*parser.feed(log), *parser.close()) if isinstance(event, LogEvent)]
