"""`simulate`: what is written, and that it can be written again."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from core.simulate import read_truth
from core.simulate.deployment import LogLayout
from core.simulate.dialects import RELEASES
from tui import cli
from tui.commands.simulate import simulate as command


def simulate(*arguments: str) -> int:
    return cli.run(["simulate", *arguments, "--hours", "0.2"])


def test_the_same_seed_writes_the_same_log(tmp_path: Path) -> None:
    for name in ("one.log", "two.log"):
        assert simulate(str(tmp_path / name), "--seed", "4", "--per-hour", "9") == 0
    assert (tmp_path / "one.log").read_bytes() == (tmp_path / "two.log").read_bytes()


def test_the_truth_lies_beside_the_log(tmp_path: Path) -> None:
    assert simulate(str(tmp_path / "a.log"), "--incident", "amqp_unreachable@200") == 0
    header, rows = read_truth(tmp_path / "a.truth.jsonl")
    assert [incident["kind"] for incident in header["incidents"]] == ["amqp_unreachable"]
    lines = (tmp_path / "a.log").read_text().splitlines()
    assert rows
    assert all(1 <= row.line <= len(lines) for row in rows)


def test_a_file_for_each_service(tmp_path: Path) -> None:
    assert simulate(str(tmp_path / "logs"), "--per-service") == 0
    assert {"nova-compute.log", "neutron-server.log"} <= {path.name for path in (tmp_path / "logs").iterdir()}


def test_a_folder_like_that_of_a_host(tmp_path: Path) -> None:
    arguments = ("--layout", "host", "--release", "antelope", "--incident", "broker_memory@60")
    assert simulate(str(tmp_path / "log"), *arguments) == 0
    assert (tmp_path / "log" / "rabbitmq" / "rabbit@ctl01.log").exists()
    _, rows = read_truth(tmp_path / "log.truth.jsonl")
    assert rows[0].file == "rabbitmq/rabbit@ctl01.log"


def test_foundations_are_logged_only_when_asked_for(tmp_path: Path) -> None:
    assert simulate(str(tmp_path / "a.log"), "--foundations") == 0
    assert simulate(str(tmp_path / "b.log")) == 0
    assert "haproxy.log " in (tmp_path / "a.log").read_text()
    assert "haproxy.log " not in (tmp_path / "b.log").read_text()


def test_the_kinds_of_incident_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert simulate("--list") == 0
    assert "amqp_unreachable" in capsys.readouterr().out.splitlines()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ([], "simulate TARGET"),
        (["x.log", "--incident", "gremlins@5"], "gremlins"),
        (["x.log", "--incident", "slow_spawn"], "slow_spawn@600"),
        (["x.log", "--incident", "slow_spawn@5", "--per-hour", "2"], "give one of the two"),
        (["x", "--per-service", "--live"], "--per-service"),
        (["x", "--layout", "host", "--live"], "--layout"),
        (["x.log", "--incident", "broker_partition@5"], "needs rabbitmq"),
    ],
)
def test_what_cannot_be_meant_is_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert simulate(*arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_the_choices_are_what_there_is() -> None:
    choices = {
        option.name: set(option.type.choices) for option in command.params if isinstance(option.type, click.Choice)
    }
    assert choices["release"] == set(RELEASES)
    assert choices["layout"] == set(LogLayout)
