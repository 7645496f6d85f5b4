"""The stream without a screen: one JSON line per event on standard output, notices on standard error."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

from core.alerts.alerting import with_alerts
from core.errors import ConfigError, UsageError
from core.events import Notice, ScoredEvent, Update
from tui.commands.choice import ModelChoice
from tui.process.signals import stops_on_signals

if TYPE_CHECKING:
    from core.decision.mutes import Mutes


@dataclass(frozen=True, slots=True)
class Until:
    """Where to end by oneself: never, when all there is has been read, or at a time of the log."""

    end_of_file: bool = False
    timestamp: float | None = None

    @classmethod
    def parse(cls, text: str | None) -> Until:
        """Read `EOF` or an ISO 8601 time; raises `UsageError`."""
        if text is None:
            return cls()
        if text.upper() == "EOF":
            return cls(end_of_file=True)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise UsageError(f"--until takes EOF or a time such as 2026-01-31T12:00, not {text}") from None
        # A stamp without a zone is read as the log's are: as if it were UTC.
        return cls(timestamp=(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())

    def reached_by(self, event: ScoredEvent) -> bool:
        """Whether this event, and what follows it, is no longer wanted."""
        return self.timestamp is not None and (event.event.timestamp or 0.0) >= self.timestamp


def run(
    stream: Callable[[threading.Event], Iterator[Update]],
    choice: ModelChoice,
    *,
    threshold: float | None,
    flagged_only: bool,
    until: Until,
    config: Path | None,
) -> int:
    """Print the stream until it ends or is told to; returns the exit code."""
    _, calibration = choice.read()
    from core.alerts.settings import with_environment
    from core.decision.mutes import Mutes
    from tui.config import load_config

    settings = load_config(config)
    if threshold is None:
        threshold = calibration.threshold if settings.threshold is None else settings.threshold
    alerts, mutes, stop = with_environment(settings.alerts), Mutes(), threading.Event()
    with stops_on_signals(stop) as received:
        updates = with_alerts(stream(stop), alerts, lambda: threshold, mutes, _tell)
        flagged = print_events(
            updates,
            stop,
            sys.stdout.buffer,
            threshold=threshold,
            mutes=mutes,
            flagged_only=flagged_only,
            until=until,
        )
    return 128 + received[0] if received else int(flagged)


def print_events(
    updates: Iterable[Update],
    stop: threading.Event,
    out: BinaryIO,
    *,
    threshold: float,
    mutes: Mutes,
    flagged_only: bool,
    until: Until,
) -> bool:
    """Write the events as they come, each batch at once; returns whether one was flagged."""
    from core.decision.flagging import FlaggingPolicy
    from core.export.eventjson import encode_batch

    any_alerting = False
    for update in updates:
        policy = FlaggingPolicy(threshold, _read_again(mutes))
        chosen: list[ScoredEvent] = []
        ended = False
        for item in update.items:
            if isinstance(item, Notice):
                _tell(f"{item.source}: {item.text}" if item.source else item.text)
            elif isinstance(item, ScoredEvent) and update.phase != "warming_up":
                ended = until.reached_by(item)
                if ended:
                    break
                alerting = policy.is_alerting(item)
                any_alerting |= alerting
                if alerting or not flagged_only:
                    chosen.append(item)
        if chosen:
            out.write(encode_batch(chosen, policy))
            out.flush()
        if ended:
            stop.set()
            break
        if until.end_of_file and update.phase == "live" and update.behind == 0:
            stop.set()
    return any_alerting


def _tell(text: str) -> None:
    """Say something that is no data."""
    click.echo(f"tailsight: {text}", err=True)


def _read_again(mutes: Mutes) -> Callable[[ScoredEvent], bool] | None:
    """Take in a mute file that has changed; one that somebody is in the middle of editing changes nothing."""
    try:
        mutes.reload()
    except ConfigError as error:
        _tell(str(error))
    return mutes.predicate()
