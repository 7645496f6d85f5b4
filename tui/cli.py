"""The command `tailsight`: finds the subcommand, and turns every error into one line and an exit code.

A subcommand returns its exit code: 0 nothing flagged, 1 something flagged. An error is 2, an interrupt 130.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Final

import click

from core.errors import TailsightError
from core.support.printable import escape
from tui.process.exiting import Exit, discard_output, exit_on_signals, leave
from tui.process.scheduling import limit_spinning
from tui.process.standard_streams import guard_standard_streams

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


class LazyGroup(click.Group):
    """A group that imports a subcommand when it is called."""

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
        return Exit.INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:
        _explain(error)
        # An uncaught exception would exit with 1, which says "something flagged".
        return Exit.ERROR
    return result if isinstance(result, int) else 0


def main() -> None:
    """Entry point of the console script."""
    guard_standard_streams()
    limit_spinning()
    exit_on_signals()
    leave(run(sys.argv[1:]))


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
    return escape(" ".join(message.split()))


def _reader_gone() -> int:
    discard_output()
    return Exit.BROKEN_PIPE
