"""Which events of a site's log are usual: all but flagged episodes, and errors that are not chronic.

SiteColumns are [N], one row an event, in the order of the stream.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from core.episodes import episode_starts
from core.features.template import CHRONIC_HOURS
from core.support.arrays import Float64, Int64, Mask

HOUR: Final = 3_600.0
DAY: Final = 24 * HOUR
NO_KEY: Final = -1
"""The error key of what is no error."""


class SiteColumns(NamedTuple):
    """What is kept of N events: their text is not."""

    times: Float64
    """Seconds since 1970, that of the event before where an event has none."""
    services: Int64
    """Number of the service."""
    errors: Int64
    """Number of service and template of an ERROR or CRITICAL record; `NO_KEY` for other levels."""
    normal: Mask
    """A verdict says that it is normal here."""
    real: Mask
    """A verdict says that it is a real fault."""


class Kept(NamedTuple):
    """Why which of N events are left out; an event may be in several."""

    learned: Mask
    flagged_episodes: Mask
    """In an episode, and in no verdict that says it is normal."""
    new_errors: Mask
    """ERROR and CRITICAL that are not chronic, and in no verdict that says they are normal."""
    real: Mask
    """In an episode that a verdict says is a real fault, or such an event itself."""


def select(columns: SiteColumns, flagged: Mask, chronic: Int64, *, keep_flagged: bool = False) -> Kept:
    """Tell which events are learned; `chronic` are the error keys that are usual, whatever their score."""
    is_error = columns.errors != NO_KEY
    usual_error = is_error & np.isin(columns.errors, chronic)
    # What is usual for certain neither is nor makes an episode.
    episodes = service_episodes(columns, flagged & ~usual_error & ~columns.normal)
    episodes &= ~usual_error & ~columns.normal
    new_errors = is_error & ~usual_error & ~columns.normal
    real = columns.real | service_episodes(columns, in_real_episode(columns, flagged))
    learned = ~real if keep_flagged else ~(real | episodes | new_errors)
    return Kept(learned, episodes, new_errors, real)


def service_episodes(columns: SiteColumns, marked: Mask) -> Mask:
    """Return the marked events, and all of their service between those of one service less than 120 s apart."""
    inside = marked.copy()
    order = np.argsort(columns.services, kind="stable")
    hits = np.flatnonzero(marked[order])
    if not len(hits):
        return inside
    services = columns.services[order][hits]
    begins = episode_starts(columns.times[order][hits])
    begins[1:] |= services[1:] != services[:-1]
    first = np.flatnonzero(begins)
    last = np.append(first[1:], len(hits)) - 1
    depth = np.zeros(len(marked) + 1, np.int64)
    depth[hits[first]] += 1
    depth[hits[last] + 1] -= 1
    inside[order] |= np.cumsum(depth)[:-1] > 0
    return inside


def in_real_episode(columns: SiteColumns, flagged: Mask) -> Mask:
    """Return the flagged events of the stream's episodes that have an event of the verdict `real`, and these."""
    found = columns.real.copy()
    hits = np.flatnonzero(flagged | columns.real)
    if len(hits):
        episodes = np.cumsum(episode_starts(columns.times[hits]))
        found[hits] = np.isin(episodes, episodes[columns.real[hits]])
    return found


def chronic_errors(columns: SiteColumns) -> Int64:
    """Return the error keys that are chronic at the end of the log.

    One came first 24 hours before the end or earlier, and in 12 of the last 24 hours, or in two runs with an hour of
    normal service between: its service wrote something then, and no error but those that come in 12 of 24 hours.
    """
    is_error = columns.errors != NO_KEY
    if not is_error.any():
        return np.empty(0, np.int64)
    errors, times = columns.errors[is_error], columns.times[is_error]
    end, count = np.nanmax(columns.times), int(errors.max()) + 1
    first = np.full(count, np.inf)
    np.minimum.at(first, errors, times)
    is_old = end - first >= DAY
    recent = times > end - DAY
    hours = np.floor((end - times[recent]) / HOUR).astype(np.int64)
    is_steady = is_old & (np.bincount(np.unique(errors[recent] * 24 + hours) // 24, minlength=count) >= CHRONIC_HOURS)
    return np.flatnonzero(is_steady | (is_old & _comes_again(columns, is_steady)))


def _comes_again(columns: SiteColumns, is_steady: Mask) -> Mask:
    """Tell of each error key whether normal service lies between its first event and its last."""
    order = np.argsort(columns.services, kind="stable")
    times, services, errors = columns.times[order], columns.services[order], columns.errors[order]
    is_error = errors != NO_KEY
    breaks = np.flatnonzero(is_error & ~is_steady[errors])
    again = np.zeros(len(is_steady), np.bool_)
    if not len(breaks):
        return again
    healthy = np.cumsum(~is_error)[breaks]
    calm = np.zeros(len(breaks), np.int64)
    same = services[breaks][1:] == services[breaks][:-1]
    calm[1:] = same & (np.diff(times[breaks]) >= HOUR) & (np.diff(healthy) > 0)
    calms = np.cumsum(calm)
    lowest, highest = np.full(len(is_steady), len(order)), np.full(len(is_steady), -1)
    np.minimum.at(lowest, errors[breaks], calms)
    np.maximum.at(highest, errors[breaks], calms)
    return highest > lowest
