"""Which ERROR events are chronic: known trouble that comes again and again, and is no news."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.features.template import CHRONIC_HOURS
from core.support.arrays import Float64, Int64, Mask

LEAST_AGE_SECONDS: Final = 24 * 3600.0
"""Nothing younger is chronic."""
RUNS_APART_SECONDS: Final = 3600.0
"""Normal service for this long ends a run of errors of a service."""
RECENT_HOURS: Final = 24
"""Hours of log that are looked back on; the running one counts."""


def chronic_events(timestamps: Float64, severe: Mask, templates: Int64, services: Int64, learned: Mask) -> Mask:
    """Tell which severe events [N] are chronic where they come; what comes later plays no part.

    `timestamps` in seconds, rising, without nan; `services` as codes; `learned` tells whose template is in the site's
    baseline. A severe template of a service is chronic when it is at least 24 hours old, by its first occurrence, and
    came in at least 12 of the last 24 hours of log (hours in which anything was logged), or in two earlier runs, or is
    learned. A run is the severe events of a service with no hour of normal service between them: an hour in which it
    logs, and nothing severe. The running run does not count: it is what is being judged.
    """
    chronic = np.zeros(len(timestamps), np.bool_)
    rows = np.flatnonzero(severe)
    if not len(rows):
        return chronic
    hours = _hours_of_log(timestamps)
    runs = _runs(timestamps, severe, services)
    _, kinds = np.unique(np.stack((services[rows], templates[rows])), axis=1, return_inverse=True)
    for own in np.split(rows[np.argsort(kinds, kind="stable")], np.cumsum(np.bincount(kinds.ravel()))[:-1]):
        old = timestamps[own] - timestamps[own[0]] >= LEAST_AGE_SECONDS
        chronic[own] = old & (_comes_often(hours[own]) | (_rank(runs[own]) >= 2) | learned[own])
    return chronic


def _hours_of_log(timestamps: Float64) -> Int64:
    """Number the hours in which anything was logged: [N] the hour of each event."""
    return _rank(np.floor(timestamps / 3600.0))


def _rank(values: Float64 | Int64) -> Int64:
    """Number the different values of a rising column from 0."""
    return np.cumsum(np.diff(values, prepend=values[:1]) != 0).astype(np.int64)


def _comes_often(hours: Int64) -> Mask:
    """Tell for each event of one template whether enough of the last hours of log, up to its own, have one."""
    different = np.unique(hours)
    last = np.searchsorted(different, hours, side="right")
    first = np.searchsorted(different, hours - RECENT_HOURS, side="right")
    often: Mask = last - first >= CHRONIC_HOURS
    return often


def _runs(timestamps: Float64, severe: Mask, services: Int64) -> Int64:
    """Number the runs of severe events of each service: [N], of use for severe events alone."""
    runs = np.zeros(len(timestamps), np.int64)
    for service in np.unique(services[severe]):
        own = np.flatnonzero(services == service)
        places = np.flatnonzero(severe[own])
        bad = own[places]
        apart = np.diff(timestamps[bad]) >= RUNS_APART_SECONDS
        between = np.diff(places) > 1  # the service logged something that is not severe
        runs[bad] = np.concatenate(([0], np.cumsum(apart & between)))
    return runs
