"""What usually follows what in the history at hand: the answer to "what should have come here?"."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Final, NamedTuple

from core.events import ScoredEvent
from core.history import History

REACH: Final = 5_000
"""Rows looked back on: enough to know a habit, few enough to do it at a key press."""


class Expected(NamedTuple):
    """What came after the same event before."""

    previous: str
    """Template of the service's event before the one in question."""
    times: int
    """How often that one was seen before, with something after it."""
    usual: tuple[tuple[str, float], ...]
    """Templates that followed it and their shares, the most frequent first."""
    share: float
    """Share of the template in question among them."""


def expected_at(history: History, place: int, most: int = 3) -> Expected | None:
    """Tell what usually comes in the service at this row, by the rows before it; None where nothing can be told."""
    event = history[place]
    if not isinstance(event, ScoredEvent) or not event.template:
        return None
    service = event.event.service
    templates = [
        row.template
        for row in history[max(place - REACH, 0) : place]
        if isinstance(row, ScoredEvent) and row.template and row.event.service == service
    ]
    if not templates:
        return None
    previous = templates[-1]
    following = Counter(after for before, after in itertools.pairwise(templates) if before == previous)
    times = following.total()
    if not times:
        return None
    usual = tuple((template, count / times) for template, count in following.most_common(most))
    return Expected(previous, times, usual, following[event.template] / times)
