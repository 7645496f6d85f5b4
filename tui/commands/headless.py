"""The stream without a screen: one JSON line per event on standard output, notices on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from core.errors import ConfigError, UsageError
from core.events import Item, Notice, Phase, ScoredEvent, Update
from tui.commands.choice import ModelChoice
from tui.commands.tally import Tally
from tui.process.exiting import Exit, exit_code_of
from tui.process.signals import stops_on_signals

if TYPE_CHECKING:
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.live.reader import OpenSource


@dataclass(frozen=True, slots=True)
class Until:
    """Where to end without a signal: nowhere, when all there is has been read, or at a time of the log."""

    end_of_file: bool = False
    timestamp: float | None = None

    @classmethod
    def parse(cls, text: str | None, zone: tzinfo | None = None) -> Until:
        """Read `EOF` or an ISO 8601 time, which without a zone of its own is in `zone` (None: the host's).

        Raises `UsageError`.
        """
        if text is None:
            return cls()
        if text.upper() == "EOF":
            return cls(end_of_file=True)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"invalid --until '{text}' (EOF or a time such as 2026-01-31T12:00)") from None
        return cls(timestamp=(moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())

    def reached_by(self, item: Item) -> bool:
        """Tell whether this is an event at or after the time."""
        if self.timestamp is None or not isinstance(item, ScoredEvent):
            return False
        return (item.event.timestamp or 0.0) >= self.timestamp


def print_stream(
    open_source: OpenSource,
    choice: ModelChoice,
    *,
    threshold: float | None,
    flagged_only: bool,
    until: Until,
    strict: bool,
    config: Path | None,
    verdicts_file: Path | None = None,
) -> int:
    """Print the stream until it ends or a signal comes; return the exit code."""
    _, calibration = choice.read()
    from core.alerts.alerting import alerting
    from core.alerts.settings import with_environment
    from core.decision.flagging import FlaggingPolicy
    from core.decision.mutes import Mutes
    from core.decision.verdicts import Verdicts
    from core.live.stream import RunningStream
    from tui.config import load_config

    settings, mutes, verdicts, tally = load_config(config), Mutes(), Verdicts(verdicts_file), Tally()
    if threshold is None:
        threshold = calibration.threshold if settings.threshold is None else settings.threshold
    at = threshold

    def policy() -> FlaggingPolicy:
        return FlaggingPolicy(at, mutes.predicate(), verdicts.predicate())

    listen = alerting(with_environment(settings.alerts), policy, _tell)
    stream, stop = RunningStream(open_source, choice.load, listen=listen, zone=choice.zone), threading.Event()
    with stops_on_signals(stop) as received, closing(stream.updates(stop)) as updates:
        any_alerting = print_events(
            updates,
            stop,
            sys.stdout.buffer,
            threshold=threshold,
            mutes=mutes,
            verdicts=verdicts,
            flagged_only=flagged_only,
            until=until,
            tally=tally,
        )
    tally.report()
    if received:
        return exit_code_of(received[0])
    if strict:
        tally.refuse_unread()
    return Exit.FLAGGED if any_alerting else Exit.NOTHING_FLAGGED


def print_events(
    updates: Iterable[Update],
    stop: threading.Event,
    out: BinaryIO,
    *,
    threshold: float,
    mutes: Mutes,
    verdicts: Verdicts | None = None,
    flagged_only: bool,
    until: Until,
    tally: Tally,
) -> bool:
    """Write the events as they come, each batch at once; return whether one was flagged and not muted."""
    from core.decision.flagging import FlaggingPolicy
    from core.export.eventjson import encode_batch

    any_alerting = False
    for update in updates:
        _read_again(mutes)
        if verdicts is not None:
            _read_again(verdicts)
        policy = FlaggingPolicy(threshold, mutes.predicate(), None if verdicts is None else verdicts.predicate())
        _report(update)
        if update.phase is Phase.WARMING_UP:
            # What was read back is before the start: it is in no line, and in no count of events.
            tally.take(item for item in update.items if isinstance(item, Notice))
            continue
        wanted = list(takewhile(lambda item: not until.reached_by(item), update.items))
        events = tally.take(wanted)
        flags = list(map(policy.flag, events))
        alerting = [event for event, flag in zip(events, flags, strict=True) if flag.alerting]
        tally.take_flags(flags)
        any_alerting |= bool(alerting)
        if chosen := alerting if flagged_only else events:
            out.write(encode_batch(chosen, policy))
            out.flush()
        if len(wanted) < len(update.items):
            stop.set()
            break
        if until.end_of_file and update.phase is Phase.LIVE and update.behind == 0:
            stop.set()
    return any_alerting


def _report(update: Update) -> None:
    """Print what happened to the sources, and what failed, to standard error."""
    if update.phase is Phase.FAILED:
        _tell(update.detail)
    for item in update.items:
        if isinstance(item, Notice):
            _tell(f"{item.source}: {item.text}" if item.source else item.text)


def _tell(text: str) -> None:
    """Print a line to standard error."""
    click.echo(f"tailsight: {text}", err=True)


def _read_again(kept: Mutes | Verdicts) -> None:
    """Read the file where it has changed; one that cannot be read, as it is being edited, changes nothing."""
    try:
        kept.reload()
    except ConfigError as error:
        _tell(str(error))
