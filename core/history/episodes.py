"""The episodes of a history, and the effect of a threshold on it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from core.episodes import GAP_SECONDS, episode_count, episode_starts, first_cause
from core.events import ScoredEvent
from core.history.history import History
from core.history.timeline import span


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode: flagged events less than two minutes apart."""

    start: float | None
    """Timestamp of its first flagged event, seconds since 1970; None where none of its events has one."""
    end: float | None
    """Timestamp of its last flagged event."""
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


class Preview(NamedTuple):
    """What a threshold would flag in the current history."""

    flagged: int
    episodes: int
    per_hour: float | None
    """Episodes per hour of the log's own time; None for a history that spans less than two minutes."""


def preview(history: History, threshold: float) -> Preview:
    """Return what this threshold would flag; nothing is scored or stored."""
    flagged = history.alerting(threshold)
    stamps = history.timestamps()
    count = episode_count(stamps[flagged])
    reach = span(history)
    seconds = reach[1] - reach[0] if reach else 0.0
    per_hour = count * 3600.0 / seconds if seconds >= GAP_SECONDS else None
    return Preview(int(np.count_nonzero(flagged)), count, per_hour)


def episodes(history: History, threshold: float) -> list[Episode]:
    """Return the episodes of the history, oldest first."""
    rows = np.flatnonzero(history.alerting(threshold))
    if not len(rows):
        return []
    stamps, scores = history.timestamps()[rows], history.scores()[rows]
    first = np.flatnonzero(episode_starts(stamps))
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
    """Return the episode that contains a row, from its first to its last flagged event; None outside of any."""
    wanted = history.row_id(row)
    return next((one for one in episodes(history, threshold) if one.first_row_id <= wanted <= one.last_row_id), None)


def _by_frequency(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name, _ in Counter(filter(None, names)).most_common())
