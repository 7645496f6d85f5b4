"""What should have come in the place of an event: by the baseline, and where it knows nothing, by the log itself."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Final, NamedTuple

from core.events import ScoredEvent
from core.history.history import History

REACH: Final = 5_000
"""Rows looked back on for a habit of the log: enough to know one, few enough to do it at a key press."""

MOST: Final = 3
"""Habits that are named."""

TEXTS_KEPT: Final = 20_000


class Expectation(NamedTuple):
    """What usually comes after the event before the one in question."""

    previous: str | None
    """Template of that event; empty at the start of a request, None where its text is not known."""
    usual: tuple[tuple[str | None, float], ...]
    """Templates that follow it and their shares, the most frequent first; None for a text that is not known."""
    share: float
    """Share of the template that came."""
    times: int = 0
    """How often the log at hand has shown what follows; 0 where the baseline says it."""


class Texts:
    """Texts of the templates that a history has shown, by the hashes that a baseline has in their place."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._texts: dict[int, str] = {}
        self._known: set[str] = set()
        self._next_id = history.first_row_id

    def of(self, template: int) -> str | None:
        """Return the text of a template; None where none that was shown has this hash."""
        return self._texts.get(template)

    def catch_up(self) -> None:
        """Take in what the history has appended."""
        from core.templates import stable_hash  # noqa: PLC0415 (the app is imported before its first paint)

        history = self._history
        new = history[max(self._next_id - history.first_row_id, 0) :]
        texts = {row.template for row in new if isinstance(row, ScoredEvent)} - self._known
        if len(texts) + len(self._known) > TEXTS_KEPT:
            self._known.clear()
            self._texts.clear()
        self._known |= texts
        self._texts |= {stable_hash(text): text for text in texts}
        self._next_id = history.row_id(len(history))


def expectation_at(history: History, place: int, texts: Texts) -> Expectation | None:
    """Tell what should have come at this row; None where nothing can be told."""
    row = history[place]
    if not isinstance(row, ScoredEvent) or not row.template:
        return None
    if row.expected is None:
        return _habit(history, place, row)
    texts.catch_up()
    previous, usual, share = row.expected
    return Expectation(
        texts.of(previous) if previous else "", tuple((texts.of(template), chance) for template, chance in usual), share
    )


def _habit(history: History, place: int, event: ScoredEvent) -> Expectation | None:
    """Tell what has followed the service's last event before this one, by the rows before it."""
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
    usual = tuple((template, count / times) for template, count in following.most_common(MOST))
    return Expectation(previous, usual, following[event.template] / times, times)
