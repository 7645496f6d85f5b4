"""The truth names every line: each line of the written log belongs to exactly one record."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import OutputError
from core.simulate import Deployment, LogFormat, LogLayout, Scenario, read_truth, simulate, truth_path, write_simulation

MERGED = Deployment.typical()
CLOUDS = {
    "merged": MERGED,
    "per_service": dataclasses.replace(MERGED, layout=LogLayout.PER_SERVICE),
    "json": dataclasses.replace(MERGED, log_format=LogFormat.JSON),
    "syslog": dataclasses.replace(MERGED, log_format=LogFormat.SYSLOG),
    "foundations": MERGED.with_foundations(),
    "host": MERGED.on_one_host(),
    "hosts": dataclasses.replace(MERGED.with_foundations(), layout=LogLayout.HOST),
    "shipped": dataclasses.replace(MERGED.with_foundations(), log_format=LogFormat.SYSLOG),
}
FOLDERS = {name for name, deployment in CLOUDS.items() if deployment.layout is not LogLayout.MERGED}


def scenario(deployment: Deployment) -> Scenario:
    return Scenario(
        seed=11,
        duration_s=900.0,
        start=datetime(2026, 1, 2, tzinfo=UTC),
        deployment=deployment,
        incidents=[("dead_agent", 120.0), ("disk_full", 200.0)],
        hard_normals=[("restart", 60.0), ("metadata_404", 400.0)],
    )


@pytest.mark.parametrize("name", CLOUDS)
def test_every_line_belongs_to_exactly_one_record(name: str, tmp_path: Path) -> None:
    here = scenario(CLOUDS[name])
    target = tmp_path / ("logs" if name in FOLDERS else "cloud.log")
    write_simulation(simulate(here), target)

    records = list(simulate(here))
    written: dict[str, list[str]] = {}
    expected: dict[str, list[tuple[int, object]]] = {}
    for record in records:
        file = record.file if name in FOLDERS else "cloud.log"
        lines = written.setdefault(file, [])
        if record.incident or record.hard_normal:
            expected.setdefault(file, []).append((len(lines) + 1, record))
        lines.extend(record.lines)
    for file, lines in written.items():
        path = target / file if name in FOLDERS else target
        assert path.read_text(encoding="utf-8").splitlines() == lines

    _, truths = read_truth(truth_path(target))
    assert truths
    for file, pairs in expected.items():
        rows = [truth for truth in truths if truth.file == file]
        assert [row.line for row in rows] == [line for line, _ in pairs]
        covered = [number for row in rows for number in range(row.line, row.line + row.lines)]
        assert len(covered) == len(set(covered))
        assert max(covered) <= len(written[file])


def test_the_header_has_the_scenario_and_its_incidents(tmp_path: Path) -> None:
    here = scenario(MERGED)
    write_simulation(simulate(here), tmp_path / "cloud.log")
    header, truths = read_truth(tmp_path / "cloud.truth.jsonl")
    assert header["seed"] == 11
    assert [incident["kind"] for incident in header["incidents"]] == ["dead_agent", "disk_full"]
    onset = here.start.timestamp() + 120.0
    first = header["incidents"][0]
    assert first["onset"] == onset < first["end"]
    assert first["channels"][0] == "new_template"
    assert [incident["silent"] for incident in header["incidents"]] == [["neutron-openvswitch-agent"], []]
    assert {truth.onset for truth in truths if truth.incident == first["id"]} == {onset}
    assert {truth.role for truth in truths if truth.incident} <= {"cause", "symptom", "recovery"}
    assert all(truth.onset is None for truth in truths if truth.hard_normal)


def test_a_host_has_the_folders_of_var_log(tmp_path: Path) -> None:
    write_simulation(simulate(scenario(CLOUDS["host"])), tmp_path / "log")
    files = {path.relative_to(tmp_path / "log").as_posix() for path in (tmp_path / "log").rglob("*") if path.is_file()}
    assert {
        *("nova/nova-compute.log", "neutron/neutron-server.log", "keystone/keystone.log", "kern.log", "syslog"),
        *("rabbitmq/rabbit@ctl01.log", "mysql/error.log", "haproxy.log", "apache2/keystone_access.log"),
        *("libvirt/libvirtd.log", "openvswitch/ovs-vswitchd.log"),
    } <= files
    assert any(file.startswith("libvirt/qemu/instance-") for file in files)
    _, truths = read_truth(tmp_path / "log.truth.jsonl")
    assert {truth.file for truth in truths} <= files


def test_several_hosts_have_a_folder_each(tmp_path: Path) -> None:
    write_simulation(simulate(scenario(CLOUDS["hosts"])), tmp_path / "logs")
    assert {path.name for path in (tmp_path / "logs").iterdir()} == {"ctl01", "cmp01", "cmp02", "cmp03"}
    assert (tmp_path / "logs" / "cmp02" / "nova" / "nova-compute.log").exists()
    assert not (tmp_path / "logs" / "cmp02" / "haproxy.log").exists()


def test_a_log_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="name another place"):
        write_simulation(simulate(scenario(MERGED)), tmp_path / "file" / "cloud.log")
