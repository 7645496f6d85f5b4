"""Figures of a log without labels: clusters of errors found, and what is flagged while all is quiet.

A cluster is three or more ERROR or CRITICAL events, chronic ones left out, each within 120 s of the one before. Quiet
time is at least ten minutes away from any ERROR, CRITICAL or 5xx reply: what is flagged there counts as false.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from core.decision.flagging import flagged_column
from core.episodes import PAUSE_SECONDS, episode_count
from core.evaluation.chronic import chronic_events
from core.evaluation.dial import DIAL_THRESHOLDS, DialRow
from core.evaluation.intervals import EpisodeRate, Share
from core.support.arrays import Float64, Int64, Mask

CLUSTER_EVENTS: Final = 3
"""Least events of a cluster."""
CLUSTER_GAP_SECONDS: Final = 120.0
"""Longest time from one event of a cluster to the next."""
FOUND_WITHIN_SECONDS: Final = 60.0
"""A cluster is found when an event is flagged within this time after its first line."""
QUIET_MARGIN_SECONDS: Final = 600.0
"""Quiet time is this far from trouble, before and after it."""
COUNTED_THRESHOLDS: Final = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
"""Thresholds at which flagged events are counted."""


@dataclass(frozen=True, slots=True)
class UnlabelledLog:
    """N events of a log in stream order."""

    timestamps: Float64
    """[N] seconds; nan for an event without a stamp."""
    scores: Float64
    """[N] nan for an event without a score."""
    severe: Mask
    """[N] level ERROR or CRITICAL."""
    server_error: Mask
    """[N] HTTP status 5xx."""
    templates: Int64
    """[N]"""
    services: Int64
    """[N] as codes."""
    learned: Mask
    """[N] the service's template is in the site's baseline."""
    judged: Mask
    """[N] False for what is past alone: it says what is chronic, and where trouble was."""

    def in_time_order(self) -> UnlabelledLog:
        """Return the same events in the order of time; one without a stamp takes the stamp of the one before it.

        A log of one source is in order already, but for clocks that step back.
        """
        stamps = _filled(self.timestamps)
        order = np.argsort(stamps, kind="stable")
        return UnlabelledLog(
            stamps[order],
            self.scores[order],
            self.severe[order],
            self.server_error[order],
            self.templates[order],
            self.services[order],
            self.learned[order],
            self.judged[order],
        )


@dataclass(frozen=True, slots=True)
class Ties:
    """The most frequent score but 0: a score that is assigned and not measured is one that many events share."""

    share: float
    """Share of the scored events that have it, 0 to 1."""
    score: float | None
    """None where every score is 0."""

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {"share": self.share, "score": self.score}


@dataclass(frozen=True, slots=True)
class LogFigures:
    """What is known of a log without labels, at one threshold."""

    events: int
    """Scored events."""
    clusters: Share
    """Clusters found."""
    flagged_before: int
    """Found ones where something was flagged in the minute before too: that they are found may be chance."""
    chronic: int
    """Chronic ERROR and CRITICAL events, in no cluster."""
    quiet: EpisodeRate
    """Episodes in quiet time."""
    ties: Ties
    flagged: dict[float, int]
    """Flagged events by threshold."""
    dial: tuple[DialRow, ...] = field(default=())
    """Episodes in quiet time, and clusters found, at each threshold."""

    def to_plain(self) -> dict[str, Any]:
        """As plain JSON values."""
        return {
            "events": self.events,
            "clusters": self.clusters.to_plain(),
            "found_but_flagged_before": self.flagged_before,
            "chronic_events": self.chronic,
            "quiet": self.quiet.to_plain(),
            "ties": self.ties.to_plain(),
            "flagged": {f"{threshold:.1f}": count for threshold, count in self.flagged.items()},
            "dial": [row.to_plain() for row in self.dial],
        }


def log_figures(given: UnlabelledLog, threshold: float, thresholds: Sequence[float] = DIAL_THRESHOLDS) -> LogFigures:
    """Judge one log: clusters and quiet time at `threshold`, and the dial at each of `thresholds`."""
    scores = given.scores[given.judged]
    scores = scores[~np.isnan(scores)]
    flagged = {each: int(flagged_column(scores, each).sum()) for each in COUNTED_THRESHOLDS}
    if not given.judged.any() or np.isnan(given.timestamps).all():
        return LogFigures(len(scores), Share(0, 0), 0, 0, EpisodeRate(0, 0.0), ties(scores), flagged)
    log = given.in_time_order()
    chronic = log.severe & chronic_events(log.timestamps, log.severe, log.templates, log.services, log.learned)
    starts = cluster_starts(log.timestamps[log.severe & ~chronic & log.judged])
    stamps, own = log.timestamps[log.judged], log.scores[log.judged]
    trouble = log.timestamps[log.severe | log.server_error]
    hours = quiet_hours(stamps, trouble)
    calm = is_quiet(stamps, trouble)

    def row(at: float) -> DialRow:
        hit = flagged_column(own, at)
        found = Share(int(_found(starts, stamps[hit]).sum()), len(starts))
        return DialRow(at, EpisodeRate(episode_count(stamps[hit & calm]), hours), found)

    here, hit = row(threshold), stamps[flagged_column(own, threshold)]
    return LogFigures(
        len(scores),
        here.found,
        int((_found(starts, hit) & _flagged_before(starts, hit)).sum()),
        int((chronic & log.judged).sum()),
        here.false,
        ties(scores),
        flagged,
        tuple(row(at) for at in thresholds),
    )


def cluster_starts(timestamps: Float64) -> Float64:
    """Return the first second of each cluster of these severe events [N], in the order of time."""
    if not len(timestamps):
        return np.zeros(0)
    begins = np.flatnonzero(np.diff(timestamps, prepend=-np.inf) > CLUSTER_GAP_SECONDS)
    sizes = np.diff(begins, append=len(timestamps))
    return timestamps[begins[sizes >= CLUSTER_EVENTS]]


def is_quiet(timestamps: Float64, trouble: Float64) -> Mask:
    """Tell which moments [N] are far from all trouble [K], which is in the order of time; all in seconds."""
    if not len(trouble):
        return np.ones(len(timestamps), np.bool_)
    after = np.searchsorted(trouble, timestamps)
    to_next = np.append(trouble, np.inf)[after] - timestamps
    since_last = timestamps - np.concatenate(([-np.inf], trouble))[after]
    quiet: Mask = np.minimum(to_next, since_last) >= QUIET_MARGIN_SECONDS
    return quiet


def quiet_hours(timestamps: Float64, trouble: Float64) -> float:
    """Return the hours of quiet time of a log with these stamps [N], far from trouble [K]; both in the order of time.

    A pause counts five minutes at most, those that follow the event before it.
    """
    begins = timestamps[:-1]
    ends = np.minimum(timestamps[1:], begins + PAUSE_SECONDS)
    if not len(trouble):
        return float((ends - begins).sum()) / 3600.0
    first = np.diff(trouble, prepend=-np.inf) > 2 * QUIET_MARGIN_SECONDS
    last = np.append(first[1:], True)
    lows, highs = trouble[first] - QUIET_MARGIN_SECONDS, trouble[last] + QUIET_MARGIN_SECONDS
    # Seconds of trouble before each bound of a stretch of trouble; straight lines between the bounds.
    bounds = np.stack((lows, highs), axis=1).ravel()
    before = np.concatenate(([0.0], np.cumsum(highs - lows)))
    troubled = np.stack((before[:-1], before[1:]), axis=1).ravel()
    seconds = (ends - begins) - (np.interp(ends, bounds, troubled) - np.interp(begins, bounds, troubled))
    return float(seconds.sum()) / 3600.0


def ties(scores: Float64) -> Ties:
    """Find the score but 0 that most of these events [N] share; of several, the highest."""
    values, counts = np.unique(scores[scores > 0], return_counts=True)
    if not len(values):
        return Ties(0.0, None)
    most = len(counts) - 1 - int(np.argmax(counts[::-1]))
    return Ties(float(counts[most]) / len(scores), float(values[most]))


def _found(starts: Float64, flagged: Float64) -> Mask:
    """Tell which clusters have a flagged event, in the order of time, soon after their first line."""
    following = np.append(flagged, np.inf)[np.searchsorted(flagged, starts)]
    found: Mask = following - starts <= FOUND_WITHIN_SECONDS
    return found


def _flagged_before(starts: Float64, flagged: Float64) -> Mask:
    """Tell which clusters have a flagged event soon before their first line."""
    last = np.concatenate(([-np.inf], flagged))[np.searchsorted(flagged, starts)]
    before: Mask = starts - last <= FOUND_WITHIN_SECONDS
    return before


def _filled(timestamps: Float64) -> Float64:
    """Give an event without a stamp the stamp of the one before it, or of the first one that has one."""
    known = ~np.isnan(timestamps)
    newest = np.maximum.accumulate(np.where(known, np.arange(len(timestamps)), -1))
    filled: Float64 = timestamps[np.where(newest < 0, int(np.argmax(known)), newest)]
    return filled
