"""The frame of the command line: finding subcommands, one line for an error, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from core.errors import SourceError
from tui import cli

ROOT = Path(__file__).parents[3]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> click.Command:
    """A subcommand `probe` of the real group whose body a test sets."""
    probe = click.Command("probe", callback=lambda: None)
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda self, ctx, name: probe)
    return probe


def raising(error: BaseException) -> object:
    """A command body that raises."""

    def body() -> None:
        raise error

    return body


def test_what_a_command_returns_is_the_exit_code(command: click.Command) -> None:
    command.callback = lambda: 1
    assert cli.run(["probe"]) == 1


def test_a_command_that_returns_nothing_has_succeeded(command: click.Command) -> None:
    assert cli.run(["probe"]) == 0


def test_an_error_is_one_line_and_exit_code_2(command: click.Command, capsys: pytest.CaptureFixture[str]) -> None:
    command.callback = raising(SourceError("no log in /var/log/nova"))  # type: ignore[assignment]
    assert cli.run(["probe"]) == 2
    assert capsys.readouterr() == ("", "tailsight: no log in /var/log/nova\n")


def test_an_error_line_carries_no_control_of_a_file_name(
    command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    command.callback = raising(SourceError("no such file: a\x1b]0;x\x07\nb\u202ec"))  # type: ignore[assignment]
    assert cli.run(["probe"]) == 2
    assert capsys.readouterr().err == "tailsight: no such file: a\\x1b]0;x\\x07 b\\u202ec\n"


def test_our_own_mistake_shows_where_and_does_not_look_like_flagged_events(
    command: click.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    command.callback = raising(ZeroDivisionError("oops"))  # type: ignore[assignment]
    assert cli.run(["probe"]) == 2
    error = capsys.readouterr().err
    assert "ZeroDivisionError: oops" in error
    assert error.splitlines()[-1].startswith("tailsight: this is a bug")


@pytest.mark.parametrize("error", [KeyboardInterrupt(), click.Abort()])
def test_an_interrupt_is_130(command: click.Command, error: BaseException) -> None:
    command.callback = raising(error)  # type: ignore[assignment]
    assert cli.run(["probe"]) == 130


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["wach"], "No such command 'wach'"),
        (["--colour"], "No such option"),
        (["score", "--threshold"], "requires an argument"),
    ],
)
def test_a_usage_error_is_one_line_and_exit_code_2(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert says in captured.err


def test_without_a_command_the_help_is_shown_as_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([]) == 2
    assert "Commands:" in capsys.readouterr().err


def test_help_lists_every_command_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["--help"]) == 0
    listed = capsys.readouterr().out.partition("Commands:")[2].splitlines()
    assert [line.split()[0] for line in listed if line.startswith("  ") and line[2] != " "][
        : len(cli.COMMANDS)
    ] == list(cli.COMMANDS)


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run([name, "--help"]) == 0
    output = capsys.readouterr().out
    assert output.startswith(f"Usage: tailsight {name}")


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_option_of_a_command_is_explained(name: str) -> None:
    found = cli.tailsight.get_command(click.Context(cli.tailsight), name)
    assert found is not None
    unexplained = [p.opts for p in found.params if isinstance(p, click.Option) and not (p.help or "").strip()]
    assert unexplained == []


def test_a_reader_that_goes_away_is_no_error() -> None:
    program = (
        "import sys, click; from tui import cli;"
        "cli.LazyGroup.get_command = lambda *a: click.Command('p', callback=lambda:"
        " [print('x' * 4096) for _ in range(100)] and None);"
        "sys.exit(cli.run(['p']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.read(10)
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode == 141
