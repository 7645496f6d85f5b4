"""The rows of the history that the table shows: all of them, or those that filters select, with their context."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence

from core.history.filters import with_context
from core.history.history import History, RowNumbers

Selector = Callable[[int], RowNumbers]
"""Finds the matching rows of the history from this row on, in order."""


class VisibleRows:
    """An ordered selection of row ids that grows with the history and loses what the history evicts."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._selector: Selector | None = None
        self._context = 0
        self._ids: list[int] = []
        self._first_id = history.first_row_id
        self._next_id = history.first_row_id

    @property
    def is_everything(self) -> bool:
        """Whether every row of the history is visible."""
        return self._selector is None

    @property
    def unseen(self) -> int:
        """Rows of the history that came after the last `catch_up`."""
        return self._history.row_id(len(self._history)) - self._next_id

    @property
    def hidden(self) -> int:
        """Rows of the history up to the last `catch_up` that are not visible."""
        return max(self._next_id - self._history.first_row_id, 0) - len(self)

    def __len__(self) -> int:
        if self.is_everything:
            return max(self._next_id - self._first_id, 0)
        return len(self._ids)

    def row_id(self, index: int) -> int:
        """Return the id of the row at this position."""
        return self._first_id + index if self.is_everything else self._ids[index]

    def ids(self, start: int, stop: int) -> Sequence[int]:
        """Return the ids of the rows at these positions."""
        if self.is_everything:
            return range(self._first_id + start, self._first_id + min(stop, len(self)))
        return self._ids[start:stop]

    def index(self, row_id: int) -> int:
        """Find the position of this row, or of the next visible one; at most the last position."""
        position = row_id - self._first_id if self.is_everything else bisect_left(self._ids, row_id)
        return max(min(position, len(self) - 1), 0)

    def shows(self, row_id: int) -> bool:
        """Tell whether this row is visible."""
        return len(self) > 0 and self.row_id(self.index(row_id)) == row_id

    def select(self, selector: Selector | None, context: int = 0) -> None:
        """Show the matching rows and `context` rows around each; None shows every row."""
        self._selector, self._context = selector, context
        self._first_id = self._next_id = self._history.first_row_id
        self._ids = []
        self.catch_up()

    def drop_evicted(self) -> int:
        """Forget the rows that the history has evicted; return how many visible ones were lost at the top."""
        before = len(self)
        first = self._history.first_row_id
        self._first_id = max(self._first_id, first)
        self._next_id = max(self._next_id, first)
        if self.is_everything:
            return before - len(self)
        lost = bisect_left(self._ids, first)
        del self._ids[:lost]
        return lost

    def catch_up(self) -> int:
        """Add what the history has appended; return how many visible rows were lost at the top."""
        lost = self.drop_evicted()
        history = self._history
        if self._selector is not None and self.unseen:
            # New rows may be the context of a match before them.
            start = max(self._next_id - history.first_row_id - self._context, 0)
            rows = self._selector(start)
            if self._context:
                rows = with_context(rows, self._context, self._context, len(history))
            last = self._ids[-1] if self._ids else -1
            self._ids += [row_id for row_id in (rows + history.first_row_id).tolist() if row_id > last]
        self._next_id = history.row_id(len(history))
        return lost
