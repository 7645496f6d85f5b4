"""Which rows of the history the table shows: all of them, or those that a question picks, with context around them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from core.history.filters import with_context
from core.history.history import History, RowNumbers

Question = Callable[[int], RowNumbers]
"""Finds the wanted rows of the history from this row on, in order."""


class View:
    """An ordered selection of row ids that grows with the history and loses what the history evicts."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._question: Question | None = None
        self._context = 0
        self._ids: list[int] = []
        self._first_id = history.first_row_id
        self._next_id = history.first_row_id

    @property
    def everything(self) -> bool:
        """Whether no question narrows the view."""
        return self._question is None

    @property
    def unseen(self) -> int:
        """Rows of the history that came after the last look."""
        return self._history.row_id(len(self._history)) - self._next_id

    @property
    def hidden(self) -> int:
        """Rows of the history, as far as looked at, that the question leaves out."""
        return max(self._next_id - self._history.first_row_id, 0) - len(self)

    def __len__(self) -> int:
        if self.everything:
            return max(self._next_id - self._first_id, 0)
        return len(self._ids)

    def row_id(self, index: int) -> int:
        """Name the row at this place of the view."""
        return self._first_id + index if self.everything else self._ids[index]

    def ids(self, start: int, stop: int) -> Sequence[int]:
        """Name the rows at these places of the view."""
        if self.everything:
            return range(self._first_id + start, self._first_id + min(stop, len(self)))
        return self._ids[start:stop]

    def index(self, row_id: int) -> int:
        """Find the place of this row, or of the next one that is shown; the last place at most."""
        place = row_id - self._first_id if self.everything else bisect_left(self._ids, row_id)
        return max(min(place, len(self) - 1), 0)

    def shows(self, row_id: int) -> bool:
        """Tell whether this row is in the view."""
        return len(self) > 0 and self.row_id(self.index(row_id)) == row_id

    def ask(self, question: Question | None, context: int = 0) -> None:
        """Narrow the view to what the question picks and `context` rows around each; None widens it to everything."""
        self._question, self._context = question, context
        self._first_id = self._next_id = self._history.first_row_id
        self._ids = []
        self.catch_up()

    def drop_evicted(self) -> int:
        """Forget the rows that the history no longer has; return how many the view lost at its top."""
        before = len(self)
        first = self._history.first_row_id
        self._first_id = max(self._first_id, first)
        self._next_id = max(self._next_id, first)
        if self.everything:
            return before - len(self)
        lost = bisect_left(self._ids, first)
        del self._ids[:lost]
        return lost

    def catch_up(self) -> int:
        """Take in what the history has appended; return how many rows the view lost at its top."""
        lost = self.drop_evicted()
        history = self._history
        if self._question is not None and self.unseen:
            # A match just before the new rows may have some of them as its context.
            start = max(self._next_id - history.first_row_id - self._context, 0)
            rows = self._question(start)
            if self._context:
                rows = with_context(rows, self._context, self._context, len(history))
            last = self._ids[-1] if self._ids else -1
            self._ids += [row_id for row_id in (rows + history.first_row_id).tolist() if row_id > last]
        self._next_id = history.row_id(len(history))
        return lost
