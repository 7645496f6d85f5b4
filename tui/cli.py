"""The command `tailsight`: finds the subcommand, and turns every error into one line and an exit code.

A subcommand returns its exit code: 0 nothing flagged, 1 something flagged. An error is 2, an interrupt 130.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Final, NoReturn

import click

from core.errors import TailsightError

COMMANDS: Final = {
    "watch": "watch",
    "demo": "demo",
    "score": "score",
    "export": "export",
    "simulate": "simulate",
    "train": "train",
    "learn": "learn",
    "evaluate": "evaluate",
    "info": "show",
    "config": "show",
}
"""Each subcommand and the module of `tui.commands` that has it, in the order in which help lists them."""

EXIT_ERROR: Final = 2
EXIT_INTERRUPTED: Final = 128 + 2
EXIT_BROKEN_PIPE: Final = 128 + 13


class LazyGroup(click.Group):
    """A group whose subcommands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """All subcommands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import the subcommand of this name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(import_module(f"tui.commands.{COMMANDS[cmd_name]}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the subcommand; click itself would exit with 1 when the pipe breaks, which says "something flagged"."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            return _reader_gone()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 nothing flagged; 1 something flagged, by score and watch --headless; 2 an error.",
)
@click.version_option(package_name="tailsight", prog_name="tailsight", message="%(prog)s %(version)s")
def tailsight() -> None:
    """Watch OpenStack logs live, with every event scored and explained."""


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; nothing that a user can cause leaves as a traceback."""
    try:
        result = tailsight.main(args=list(arguments), prog_name="tailsight", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, click.Abort):
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        _explain(error)
        # An uncaught exception would exit with 1, which says "something flagged".
        return EXIT_ERROR
    return result if isinstance(result, int) else 0


def main() -> None:
    """Entry point of the console script."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    _leave(run(sys.argv[1:]))


def _leave(code: int) -> NoReturn:
    """Exit, and at once where torch was loaded: to take apart what it has made takes up to half a second."""
    if "torch" in sys.modules:
        with suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def _end(number: int, _frame: object) -> None:
    """End as the signal wants it, but by an exception, so that half-written files are taken away."""
    sys.exit(128 + number)


def _explain(error: Exception) -> None:
    """Say on standard error what went wrong: one line, or the traceback where it is our own mistake."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return
        case click.ClickException():
            message = error.format_message()
        case TailsightError():
            message = str(error)
        case _:
            traceback.print_exception(error)
            message = "this is a bug in tailsight; please report it with the lines above"
    click.echo(f"tailsight: {_one_line(message)}", err=True)


def _one_line(message: str) -> str:
    """Take newlines and controls out of the message: a file name may carry both."""
    line = " ".join(message.split())
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in line)


def _reader_gone() -> int:
    """Let the interpreter's last flush go nowhere: the reader of the pipe has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    return EXIT_BROKEN_PIPE
