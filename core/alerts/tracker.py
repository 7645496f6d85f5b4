"""Follows the episodes of a running stream: when one opens, grows and closes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from core.episodes import GAP_SECONDS
from core.events import ScoredEvent


class EpisodeChange(StrEnum):
    """What happened to an episode."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class RunningEpisode:
    """An episode as it is seen while the stream runs."""

    number: int
    """From 1, in order of opening."""
    first: ScoredEvent
    worst: ScoredEvent
    last: ScoredEvent
    count: int = 1
    services: tuple[str, ...] = ()
    """In order of appearance."""

    def joined_by(self, event: ScoredEvent) -> RunningEpisode:
        """Return this episode with one more event."""
        service = event.event.service
        return replace(
            self,
            worst=event if (event.score or 0.0) > (self.worst.score or 0.0) else self.worst,
            last=event,
            count=self.count + 1,
            services=self.services if not service or service in self.services else (*self.services, service),
        )


class EpisodeTracker:
    """Finds the episodes of a running stream: where stamps are in order, those that `episodes` lists afterwards.

    An episode closes with the first event that is too late to belong to it, or by `expire` when a minute has passed
    on the wall clock without an alerting event.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: RunningEpisode | None = None
        self._stamp: float | None = None
        self._seen_at = 0.0
        self._number = 0

    @property
    def open(self) -> RunningEpisode | None:
        """The episode that is going on."""
        return self._open

    def feed(self, event: ScoredEvent, *, alerting: bool) -> list[tuple[EpisodeChange, RunningEpisode]]:
        """Take the next event of the stream; return what changed, in order. `alerting` events make episodes."""
        stamp = event.event.timestamp
        changes = self._close() if self._is_beyond(stamp, alerting=alerting) else []
        if not alerting:
            return changes
        self._seen_at = self._clock()
        self._stamp = self._stamp if stamp is None else stamp
        if self._open is not None:
            self._open = self._open.joined_by(event)
            return changes
        self._number += 1
        service = event.event.service
        self._open = RunningEpisode(self._number, event, event, event, services=(service,) if service else ())
        return [*changes, (EpisodeChange.OPENED, self._open)]

    def expire(self) -> list[tuple[EpisodeChange, RunningEpisode]]:
        """Close the episode when the wall clock says that it is over."""
        return self._close() if self._open and self._clock() - self._seen_at >= GAP_SECONDS else []

    def finish(self) -> list[tuple[EpisodeChange, RunningEpisode]]:
        """Close the episode because the stream has ended."""
        return self._close()

    def _is_beyond(self, stamp: float | None, *, alerting: bool) -> bool:
        if stamp is None or self._stamp is None:
            return False
        gap = stamp - self._stamp
        # Any event says how late it is, but a straggler from the past says nothing.
        return gap >= GAP_SECONDS or (alerting and gap <= -GAP_SECONDS)

    def _close(self) -> list[tuple[EpisodeChange, RunningEpisode]]:
        closed, self._open = self._open, None
        return [(EpisodeChange.CLOSED, closed)] if closed else []
