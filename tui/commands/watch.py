"""`watch`: the app on logs that grow, or the same stream as JSON lines."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.errors import SourceError, UsageError
from core.support import files
from tui.commands import headless as headless_mode
from tui.commands import options
from tui.commands.choice import ModelChoice, chosen_planned, chosen_zone
from tui.commands.launch import open_app, require_terminal
from tui.process.live_mode import enter_live_mode

if TYPE_CHECKING:
    from core.reading import Follower


@click.command(short_help="The app on logs as they grow; --headless for JSON lines.")
@options.files("paths", "PATH...")
@options.threshold
@click.option(
    "--from",
    "start",
    type=click.Choice(["start", "end", "resume"]),
    default="end",
    show_default=True,
    help="Where to start: at the first line, at new lines, or where the last run ended.",
)
@click.option("--include", multiple=True, metavar="GLOB", help="In a directory, follow only files with such a name.")
@click.option("--exclude", multiple=True, metavar="GLOB", help="In a directory, skip files with such a name.")
@click.option(
    "--checkpoint",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="File that keeps how far reading has come [default: in your state folder].",
)
@options.timezone
@options.model
@options.config
@click.option("--headless", is_flag=True, help="Print one JSON line per event instead of opening the app.")
@click.option("--flagged-only", is_flag=True, help="With --headless: print flagged events only.")
@click.option("--until", metavar="EOF|TIME", help="With --headless: end when all is read, or at a time of the log.")
@options.planned
@options.strict
@options.verdicts
def watch(
    paths: tuple[Path, ...],
    threshold: float | None,
    start: str,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    checkpoint: Path | None,
    timezone: str | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
    baseline: Path | None,
    config: Path | None,
    headless: bool,
    flagged_only: bool,
    until: str | None,
    planned: tuple[str, ...],
    strict: bool,
    verdicts: Path | None,
) -> int:
    """Follow logs: files, or directories with all their log files, now and later."""
    enter_live_mode()
    if not headless:
        if flagged_only or until is not None or strict:
            raise UsageError(
                "--flagged-only, --until and --strict need --headless; in the app, press o for flagged ones"
            )
        require_terminal("--headless prints JSON lines")
    zone = chosen_zone(timezone, config)
    end = headless_mode.Until.parse(until, zone)
    _check_paths(paths, include, exclude, is_awaited=not end.end_of_file)
    if checkpoint is not None:
        files.make_folder(checkpoint.parent)
        files.check_file(checkpoint, inputs=paths)

    def follow(stop: threading.Event, resume: bool) -> Follower:
        from core.reading import Follower, Start
        from core.reading.checkpoint import checkpoint_path
        from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE

        return Follower(
            paths,
            stop,
            start=Start.RESUME if resume else Start(start),
            include=include or DEFAULT_INCLUDE,
            exclude=(*DEFAULT_EXCLUDE, *exclude),
            checkpoint=checkpoint or checkpoint_path(paths),
            until_end=end.end_of_file,
        )

    choice = ModelChoice(artifacts, device, threads or 1, baseline, zone, chosen_planned(planned, zone, config))
    if headless:
        return headless_mode.print_stream(
            follow,
            choice,
            threshold=threshold,
            flagged_only=flagged_only,
            until=end,
            strict=strict,
            config=config,
            verdicts_file=verdicts,
        )
    return open_app(follow, choice, sources=_named(paths), threshold=threshold, config=config, verdicts_file=verdicts)


def _check_paths(paths: Sequence[Path], include: Sequence[str], exclude: Sequence[str], *, is_awaited: bool) -> None:
    """Raise for what can never be followed; a file that does not exist yet is refused unless it `is_awaited`."""
    from core.reading.directory import DEFAULT_EXCLUDE, DEFAULT_INCLUDE, check_directory
    from core.reading.follower import check_followable
    from core.support.printable import escape

    for path in paths:
        if str(path) == "-":
            raise UsageError("watch cannot follow standard input; to score it: tailsight score -")
        if path.is_dir():
            check_directory(path, include=include or DEFAULT_INCLUDE, exclude=(*DEFAULT_EXCLUDE, *exclude))
        elif path.exists():
            check_followable(path)
        elif not path.parent.is_dir():
            raise SourceError(f"{escape(str(path.parent))} does not exist: check the path")
        elif not is_awaited:
            raise SourceError(f"{escape(str(path))} does not exist: check the path")


def _named(paths: Sequence[Path]) -> str:
    """Return the name of the paths that the app shows."""
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} +{len(paths) - 1}"
