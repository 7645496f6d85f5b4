"""What the operator looks at and how: history, threshold, view, search, marks. It knows no screen."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from core.decision.flagging import NO_FLAG, Flag, Mask
from core.events import LogEvent, ScoredEvent, Update
from core.history.episodes import Preview, preview
from core.history.filters import Filter
from core.history.history import Extended, History, Row, RowNumbers
from core.history.search import row_test
from tui.session.expected import Texts
from tui.session.rate import Rate
from tui.session.view import View

ANOMALY_CONTEXT: Final = 2
"""Events shown before and after each anomaly when only anomalies are shown."""

MOST_CONTEXT: Final = 50

SEARCH_SLICE: Final = 500
"""Rows searched at a stretch: some milliseconds, in which no key acts."""

POOR_FIT: Final = 0.6
"""Below this share of known templates, scores mean little."""

FIT_EVENTS: Final = 500
"""Events after which the share of known templates says something about a log."""

Muted = Callable[[ScoredEvent], bool] | None


class Session:
    """Owns all state of the app that would be the same without a screen."""

    def __init__(self, *, threshold: float, calibrated: float, capacity: int = 100_000, muted: Muted = None) -> None:
        self.history = History(capacity, muted=muted)
        self.view = View(self.history)
        self.texts = Texts(self.history)
        self.calibrated = calibrated
        self.threshold = threshold
        self.committed = threshold
        """What Esc goes back to while the threshold is being moved."""
        self.update: Update | None = None
        self.has_fitted = False
        """Whether the model has known most of this log at some time: what it does not know came after that."""
        self.ended = False
        """Whether the input has come to its end."""
        self.rate = Rate()
        self.frozen = False
        self.pattern: re.Pattern[str] | None = None
        self.filter: Filter | None = None
        self.only_flagged = False
        self._context = {"anomalies": ANOMALY_CONTEXT, "filter": 0}
        self.thread: LogEvent | None = None
        """The event whose request, or else instance, alone is shown."""
        self.marks: set[int] = set()

    def take(self, update: Update, moment: float) -> Extended:
        """Take in one update at this moment of a monotonic clock; the view is left for `catch_up`."""
        self.update = update
        self.ended = update.phase == "ended"
        if update.fit is not None and update.scored >= FIT_EVENTS:
            self.has_fitted = self.has_fitted or update.fit >= POOR_FIT
        self.rate.add(moment, update.lines)
        extended = self.history.extend(update.items)
        if extended.evicted:
            self.marks = {row_id for row_id in self.marks if row_id >= self.history.first_row_id}
        return extended

    def catch_up(self) -> int:
        """Bring the view up to date, unless it is frozen; return how many rows it lost at its top."""
        return self.view.drop_evicted() if self.frozen else self.view.catch_up()

    def row(self, row_id: int) -> Row | None:
        """Return the row of this id; None when it was evicted."""
        row = self.history.row_of(row_id)
        return None if row is None else self.history[row]

    def flag(self, row_id: int) -> Flag:
        """Decide on this row; a notice, and a row that was evicted, is neither flagged nor muted."""
        row = self.history.row_of(row_id)
        return NO_FLAG if row is None else self.history.flag(row, self.threshold)

    @property
    def trying(self) -> bool:
        """Whether the threshold is being moved and not yet kept."""
        return self.threshold != self.committed

    def try_threshold(self, threshold: float) -> None:
        """Look at the history with another threshold, without keeping it; a third decimal is rounded away."""
        self.threshold = min(max(round(threshold, 2), 0.0), 1.0)
        self._threshold_moved()

    def keep_threshold(self) -> None:
        """Keep the threshold that is being tried."""
        self.committed = self.threshold

    def drop_threshold(self) -> None:
        """Go back to the threshold that was kept last."""
        self.threshold = self.committed
        self._threshold_moved()

    def consequence(self) -> tuple[Preview, Preview]:
        """Say what the kept threshold flags in the history, and what the tried one would."""
        return preview(self.history, self.committed), preview(self.history, self.threshold)

    def _threshold_moved(self) -> None:
        if self.only_flagged:
            self.narrow()

    @property
    def narrowed(self) -> bool:
        """Whether something hides rows."""
        return self.filter is not None or self.only_flagged or self.thread is not None

    @property
    def context(self) -> int:
        """Rows shown around each match."""
        if self.thread is not None:
            return 0
        return self._context["anomalies" if self.only_flagged else "filter"]

    def widen_context(self, rows: int) -> bool:
        """Show more or fewer rows around each match; tell whether there are matches to show rows around."""
        if not self.narrowed or self.thread is not None:
            return False
        kind = "anomalies" if self.only_flagged else "filter"
        self._context[kind] = min(max(self._context[kind] + rows, 0), MOST_CONTEXT)
        self.narrow()
        return True

    def narrow(self) -> None:
        """Apply what `filter`, `only_flagged` and `thread` say now."""
        self.view.ask(self._wanted if self.narrowed else None, self.context)

    def widen(self) -> bool:
        """Take back the narrowest of what hides rows; tell whether there was any."""
        if self.thread is not None:
            self.thread = None
        elif self.only_flagged:
            self.only_flagged = False
        elif self.filter is not None:
            self.filter = None
        else:
            return False
        self.narrow()
        return True

    def is_context(self, row_id: int) -> bool:
        """Tell whether this row is shown only because it stands near a match."""
        if not self.context or not self.narrowed:
            return False
        row = self.row(row_id)
        if row is None or (self.filter is not None and not self.filter.matches(row)):
            return True
        return self.only_flagged and not self.flag(row_id).alerting

    def _wanted(self, start: int) -> RowNumbers:
        stop = len(self.history)
        rows = np.arange(start, stop) if self.filter is None else self.filter.rows(self.history, start, stop)
        if self.only_flagged:
            rows = rows[self.history.alerting(self.threshold)[rows]]
        if self.thread is not None:
            rows = rows[np.isin(rows, self.rows_of_thread(self.thread))]
        return rows

    def rows_of_thread(self, event: LogEvent) -> RowNumbers:
        """Find the rows of the event's request, or of its instance where it names no request."""
        if event.request_id:
            return self.history.rows_of_request(event.request_id)
        return self.history.rows_of_instance(event.instance_id)

    def seek(self, row_id: int, where: Mask, direction: int) -> int | None:
        """Find the nearest shown row before or after this one for which the mask holds; return its id."""
        mask = where & self._shown()
        found = self.history.next(row_id - self.history.first_row_id, mask, direction)
        return None if found is None else self.history.row_id(found)

    def search(self, row_id: int, direction: int) -> Iterator[int | None]:
        """Look for the nearest shown row before or after this one that the pattern matches, a slice at a time.

        Yields the id of the row and ends, or None after each slice that has none while there are more. The history may
        grow between two slices, and the pattern change, which ends the search.
        """
        pattern, view = self.pattern, self.view
        if pattern is None or not len(view):
            return
        test = row_test(pattern)
        place = view.index(row_id) + (direction if direction < 0 or view.shows(row_id) else 0)
        while 0 <= place < len(view) and self.pattern is pattern:
            if direction > 0:
                ids = view.ids(place, place + SEARCH_SLICE)
            else:
                ids = view.ids(max(place + 1 - SEARCH_SLICE, 0), place + 1)[::-1]
            for one in ids:
                row = self.row(one)
                if row is not None and test(row):
                    yield one
                    return
            last = ids[-1]
            if view.index(last) + direction in range(len(view)):
                yield None
            place = view.index(last) + (direction if direction < 0 or view.shows(last) else 0)

    def seek_mark(self, row_id: int, direction: int) -> int | None:
        """Find the nearest mark before or after this row."""
        if direction > 0:
            return min((mark for mark in self.marks if mark > row_id), default=None)
        return max((mark for mark in self.marks if mark < row_id), default=None)

    def toggle_mark(self, row_id: int) -> bool:
        """Mark a row or take its mark away; tell whether it is marked now."""
        self.marks ^= {row_id}
        return row_id in self.marks

    def _shown(self) -> Mask:
        shown = np.zeros(len(self.history), np.bool_)
        if self.view.everything:
            shown[: len(self.view)] = True
        else:
            first = self.history.first_row_id
            shown[[self.view.row_id(index) - first for index in range(len(self.view))]] = True
        return shown
