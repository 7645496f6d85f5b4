"""`learn`: what is usual on a system, from its own logs; `--check` tries it on others."""

from __future__ import annotations

import socket
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from core.errors import ArtifactError, UsageError
from core.support import files
from tui.commands import bulk, options
from tui.commands.choice import ModelChoice, chosen_zone, own_baseline
from tui.process.bulk_mode import bulk_mode, network_threads

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import tzinfo

    from core.learning.site_log import SiteLog

_NO_REASONS: Final = 2.0
"""No score is as high: reasons take time, and nobody reads them here."""


@click.command(short_help="Learn what is usual from your own logs.")
@options.files("paths", "FILE...")
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Baseline file to write, or to check [default: the one that watch, score and export use].",
)
@click.option("--name", metavar="NAME", help="Name of the deployment [default: this host's name].")
@click.option("--add", is_flag=True, help="Add to what was learned under this name before, instead of replacing it.")
@click.option("--keep-flagged", is_flag=True, help="Learn flagged episodes and new errors too.")
@click.option("--check", is_flag=True, help="Write nothing: say what the baseline would flag in the FILEs.")
@options.timezone
@options.verdicts
@options.network
def learn(
    paths: tuple[Path, ...],
    target: Path | None,
    name: str | None,
    add: bool,
    keep_flagged: bool,
    check: bool,
    timezone: str | None,
    verdicts: Path | None,
    artifacts: Path | None,
    device: str,
    threads: int | None,
) -> int:
    """Learn what is usual from your own logs, without their incidents; no labels and no training are needed.

    The FILEs are read together, in the order of time, as `watch` would. What is flagged in them and errors that are not
    chronic are left out. Only hashes and numbers are kept, no log text.
    """
    sources, zone = bulk.check_sources(paths), chosen_zone(timezone)
    choice = ModelChoice(artifacts, device, threads or network_threads(), None, zone)
    choice.read()
    path = target or own_baseline()
    if check:
        if add or keep_flagged or name is not None:
            raise UsageError("--check learns nothing: --add, --keep-flagged and --name have no meaning with it")
        return _check(sources, choice, path, verdicts)
    return _learn(sources, choice, path, verdicts, name or socket.gethostname(), add=add, keep_flagged=keep_flagged)


def _learn(
    sources: list[bulk.Input],
    choice: ModelChoice,
    path: Path,
    verdicts: Path | None,
    name: str,
    *,
    add: bool,
    keep_flagged: bool,
) -> int:
    from core.baseline import Baseline
    from core.decision.verdicts import Verdicts
    from core.learning.from_logs import READINGS, keep_stats, kept_baseline, learn_site
    from core.pipeline import BeginPipeline
    from core.support.printable import escape
    from tui.commands.learned import say_learned

    files.make_folder(path.parent)
    files.check_file(path, inputs=sources)
    known, verdict_of = kept_baseline(path), Verdicts(verdicts).predicate()

    def load(site: Baseline | None) -> BeginPipeline:
        return replace(choice, baseline=site).load(explain_from=_NO_REASONS, follow=False)

    with _site_log("learning", sources, READINGS, choice.zone) as log:
        learned = learn_site(name, log, load, verdict_of=verdict_of, keep_flagged=keep_flagged)
    events = learned.stats.messages
    keep_stats(path, known, learned.stats, add=add, calibration=learned.calibration)
    say_learned(learned.report, keep_flagged=keep_flagged)
    total = f", {learned.stats.messages:,} with those before" if learned.stats.messages > events else ""
    click.echo(
        f"tailsight: learned from {_events(events)} of {escape(name)}{total}; written to {escape(str(path))}", err=True
    )
    return 0


def _check(sources: list[bulk.Input], choice: ModelChoice, path: Path, verdicts: Path | None) -> int:
    from core.decision.flagging import FlaggingPolicy
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.learning.check import check_log
    from core.learning.from_logs import THRESHOLD, kept_baseline
    from core.support.printable import escape
    from tui.commands.learned import say_checked

    if not path.is_file():
        raise ArtifactError(
            f"there is no baseline {escape(str(path))} to check with: run `tailsight learn` without --check"
        )
    site = kept_baseline(path)
    policy = FlaggingPolicy(THRESHOLD, Mutes().predicate(), Verdicts(verdicts).predicate())
    begin = replace(choice, baseline=site).load(explain_from=_NO_REASONS, follow=False)
    with _site_log("checking", sources, 1, choice.zone) as log:
        report = check_log(site, log, begin(), policy)
    say_checked(report)
    return 0


@contextmanager
def _site_log(description: str, sources: list[bulk.Input], readings: int, zone: tzinfo | None) -> Iterator[SiteLog]:
    from core.learning.site_log import SiteLog

    is_alone = len(sources) == 1
    with bulk.readable_again(sources) as kept, bulk.progress(description, list(kept.values()), readings) as advance:
        opened = {name: bulk.read_again(name, path, advance, is_alone=is_alone) for name, path in kept.items()}
        with bulk_mode():
            yield SiteLog(opened, zone)


def _events(count: int) -> str:
    from tui.look.text import plural

    return plural(count, "event")
