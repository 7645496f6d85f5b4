"""What usually comes where an event came: by the baseline, or else by this log itself."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Final, NamedTuple

from core.events import ScoredEvent
from core.history.history import History

LOOKBACK_ROWS: Final = 5_000
"""Rows from which this log's own successions are counted, at a key press."""

MAX_SUCCESSORS: Final = 3
"""Successors that are named."""

TEXTS_KEPT: Final = 20_000


class Expectation(NamedTuple):
    """What usually follows the event before the one in question."""

    previous: str | None
    """Template of that event; empty at the start of a request, None where its text is not known."""
    usual: tuple[tuple[str | None, float], ...]
    """Templates that follow it and their shares, the most frequent first; None for a text that is not known."""
    share: float
    """Share of the template that came."""
    times: int = 0
    """Successions counted in this log; 0 where the baseline says it."""


class TemplateTexts:
    """Texts of the templates of a history, by the hashes that a baseline stores."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._texts: dict[int, str] = {}
        self._known: set[str] = set()
        self._next_id = history.first_row_id

    def of(self, template: int) -> str | None:
        """Return the text of a template; None for a hash that the history has not shown."""
        return self._texts.get(template)

    def catch_up(self) -> None:
        """Add the templates that the history has appended."""
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


def expectation_at(history: History, index: int, texts: TemplateTexts) -> Expectation | None:
    """Return what usually comes at this row of the history; None where nothing is known."""
    row = history[index]
    if not isinstance(row, ScoredEvent) or not row.template or not row.event.line:
        return None
    if row.expected is None:
        return _own_successions(history, index, row)
    texts.catch_up()
    previous, usual, share = row.expected
    return Expectation(
        texts.of(previous) if previous else "", tuple((texts.of(template), chance) for template, chance in usual), share
    )


def _own_successions(history: History, index: int, event: ScoredEvent) -> Expectation | None:
    """Count what followed the previous template of the same service in the rows before."""
    service = event.event.service
    templates = [
        row.template
        for row in history[max(index - LOOKBACK_ROWS, 0) : index]
        if isinstance(row, ScoredEvent) and row.template and row.event.line and row.event.service == service
    ]
    if not templates:
        return None
    previous = templates[-1]
    following = Counter(after for before, after in itertools.pairwise(templates) if before == previous)
    times = following.total()
    if not times:
        return None
    usual = tuple((template, count / times) for template, count in following.most_common(MAX_SUCCESSORS))
    return Expectation(previous, usual, following[event.template] / times, times)
