"""Episodes: flagged events of the stream that follow each other in less than 60 s."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from core.events import ScoredEvent
from core.history import History
from core.timeline import span

GAP_SECONDS: Final = 60.0
"""Flagged events at least this far apart belong to two episodes."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Episode:
    """One incident as the scores show it."""

    start: float | None
    """Stamp of its first flagged event, seconds since 1970; None where no event of it has a stamp."""
    end: float | None
    """Stamp of its last flagged event."""
    first_row_id: int
    """`History.row_id` of its first flagged event."""
    worst_row_id: int
    """Of the flagged event with the highest score, the first of several."""
    last_row_id: int
    count: int
    """Flagged events in it."""
    score: float
    """The highest score."""
    services: tuple[str, ...]
    """Services of its flagged events, the most frequent first."""
    cause: str
    """Text of the strongest reason of its first flagged event that has one, else of that event's template."""


def starts(timestamps: Floats) -> npt.NDArray[np.bool_]:
    """Tell which of these flagged events, in stream order, begin an episode.

    An event without a stamp (nan) belongs to the episode of the one before it. A clock that steps back by a minute
    or more begins a new one too.
    """
    if not len(timestamps):
        return np.zeros(0, np.bool_)
    filled = _fill_forward(timestamps)
    begin = np.empty(len(filled), np.bool_)
    begin[0] = True
    # Not `>= GAP`: what has no stamp yet compares as False and so stays with what is before it.
    np.greater_equal(np.abs(np.diff(filled)), GAP_SECONDS, out=begin[1:])
    return begin


def episode_count(timestamps: Floats, scores: Floats, threshold: float) -> int:
    """Count the episodes of a stream at a threshold; nan scores are never flagged."""
    return int(np.count_nonzero(starts(timestamps[scores >= threshold])))


class Preview(NamedTuple):
    """What a threshold means for the history at hand."""

    flagged: int
    episodes: int
    per_hour: float | None
    """Episodes per hour of the log's own time; None for a history that spans less than a minute."""


def preview(history: History, threshold: float) -> Preview:
    """Say what this threshold would flag, without scoring or storing anything."""
    flagged = history.flagged(threshold)
    stamps = history.timestamps()
    count = int(np.count_nonzero(starts(stamps[flagged])))
    reach = span(history)
    seconds = reach[1] - reach[0] if reach else 0.0
    per_hour = count * 3600.0 / seconds if seconds >= GAP_SECONDS else None
    return Preview(int(np.count_nonzero(flagged)), count, per_hour)


def episodes(history: History, threshold: float) -> list[Episode]:
    """List the episodes of the history, oldest first."""
    rows = np.flatnonzero(history.flagged(threshold))
    if not len(rows):
        return []
    stamps, scores = history.timestamps()[rows], history.scores()[rows]
    first = np.flatnonzero(starts(stamps))
    last = np.append(first[1:], len(rows))
    found = []
    for begin, stop in zip(first.tolist(), last.tolist(), strict=True):
        events = [event for row in rows[begin:stop].tolist() if isinstance(event := history[row], ScoredEvent)]
        known = stamps[begin:stop][~np.isnan(stamps[begin:stop])]
        worst = begin + int(np.argmax(scores[begin:stop]))
        found.append(
            Episode(
                start=float(known[0]) if len(known) else None,
                end=float(known[-1]) if len(known) else None,
                first_row_id=history.row_id(int(rows[begin])),
                worst_row_id=history.row_id(int(rows[worst])),
                last_row_id=history.row_id(int(rows[stop - 1])),
                count=stop - begin,
                score=float(scores[worst]),
                services=_by_frequency(event.event.service for event in events),
                cause=first_cause(events),
            )
        )
    return found


def episode_at(history: History, row: int, threshold: float) -> Episode | None:
    """Find the episode that a row lies in: between its first and last flagged event; None outside of any."""
    wanted = history.row_id(row)
    return next((one for one in episodes(history, threshold) if one.first_row_id <= wanted <= one.last_row_id), None)


def first_cause(events: list[ScoredEvent]) -> str:
    """Name what these flagged events began with, in a few words."""
    for event in events:
        if event.reasons:
            return event.reasons[0].text
    return events[0].template if events else ""


class Change(StrEnum):
    """What happened to an episode."""

    OPENED = "opened"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Incident:
    """An episode as it is seen while the stream runs."""

    number: int
    """From 1, in order of opening."""
    first: ScoredEvent
    worst: ScoredEvent
    last: ScoredEvent
    count: int = 1
    services: tuple[str, ...] = ()
    """In order of appearance."""

    def joined_by(self, event: ScoredEvent) -> Incident:
        """Return this incident with one more flagged event."""
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
    on the wall clock without a flagged event.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._open: Incident | None = None
        self._stamp: float | None = None
        self._seen_at = 0.0
        self._number = 0

    @property
    def open(self) -> Incident | None:
        """The episode that is going on."""
        return self._open

    def feed(self, event: ScoredEvent, *, flagged: bool) -> list[tuple[Change, Incident]]:
        """Take the next event of the stream; return what changed, in order."""
        stamp = event.event.timestamp
        changes = self._close() if self._is_beyond(stamp, flagged=flagged) else []
        if not flagged:
            return changes
        self._seen_at = self._clock()
        self._stamp = self._stamp if stamp is None else stamp
        if self._open is not None:
            self._open = self._open.joined_by(event)
            return changes
        self._number += 1
        service = event.event.service
        self._open = Incident(self._number, event, event, event, services=(service,) if service else ())
        return [*changes, (Change.OPENED, self._open)]

    def expire(self) -> list[tuple[Change, Incident]]:
        """Close the episode when the wall clock says that it is over."""
        return self._close() if self._open and self._clock() - self._seen_at >= GAP_SECONDS else []

    def finish(self) -> list[tuple[Change, Incident]]:
        """Close the episode because the stream has ended."""
        return self._close()

    def _is_beyond(self, stamp: float | None, *, flagged: bool) -> bool:
        if stamp is None or self._stamp is None:
            return False
        gap = stamp - self._stamp
        # An event that is not flagged says how late it is, but a straggler from the past says nothing.
        return gap >= GAP_SECONDS or (flagged and gap <= -GAP_SECONDS)

    def _close(self) -> list[tuple[Change, Incident]]:
        closed, self._open = self._open, None
        return [(Change.CLOSED, closed)] if closed else []


def _by_frequency(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in Counter(filter(None, names)).most_common())


def _fill_forward(timestamps: Floats) -> Floats:
    known = ~np.isnan(timestamps)
    if known.all():
        return timestamps
    newest = np.maximum.accumulate(np.where(known, np.arange(len(timestamps)), -1))
    return np.where(newest < 0, np.nan, timestamps[newest])
