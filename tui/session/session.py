"""The state of the app that does not depend on a screen: history, threshold, filters, search pattern, marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from core.decision.flagging import NO_FLAG, Flag, IsMuted, VerdictOf
from core.events import CalibratedBy, LogEvent, Phase, ScoredEvent, State, Update
from core.history.episodes import Preview, preview
from core.history.filters import Filter
from core.history.history import Extended, History, Row, RowNumbers
from core.history.search import row_test
from core.support.arrays import Mask
from tui.session.expected import TemplateTexts
from tui.session.line_rate import LineRate
from tui.session.visible import VisibleRows

ANOMALY_CONTEXT: Final = 2
"""Rows shown before and after each anomaly when only anomalies are shown."""

MAX_CONTEXT: Final = 50

SEARCH_SLICE: Final = 500
"""Rows searched at a time: some milliseconds, for which keys wait."""

POOR_FIT: Final = 0.6
"""Below this share of known templates, scores are unreliable."""

FIT_EVENTS: Final = 500
"""Events after which the share of known templates is meaningful."""


class Session:
    """Owns the state; controllers change it and widgets draw it."""

    def __init__(
        self,
        *,
        threshold: float,
        shipped: float,
        capacity: int = 100_000,
        muted: IsMuted | None = None,
        verdict_of: VerdictOf | None = None,
    ) -> None:
        self.history = History(capacity, muted=muted, verdict_of=verdict_of)
        self.visible = VisibleRows(self.history)
        self.texts = TemplateTexts(self.history)
        self.shipped = shipped
        self.threshold = threshold
        self.committed = threshold
        """What Esc returns to while another threshold is on trial."""
        self.update: Update | None = None
        self.had_good_fit = False
        """The model knew most of this log at some time, so unknown templates are a change of the log."""
        self.ended = False
        """The input has ended."""
        self.failure = ""
        """Why scoring stopped; empty while it goes on."""
        self.line_rate = LineRate()
        self.unread = 0
        """Lines of a form that no reader knows."""
        self.frozen = False
        self.pattern: re.Pattern[str] | None = None
        self.filter: Filter | None = None
        self.only_flagged = False
        self._context = {"anomalies": ANOMALY_CONTEXT, "filter": 0}
        self.request: LogEvent | None = None
        """Only the request (or else the instance) of this event is shown."""
        self.marks: set[int] = set()

    def take(self, update: Update, moment: float) -> Extended:
        """Add one update, received at this moment of a monotonic clock; visible rows change with `catch_up`."""
        self.update = update
        self.ended = update.phase is Phase.ENDED
        self.failure = update.detail if update.phase is Phase.FAILED else ""
        if update.fit is not None and update.scored >= FIT_EVENTS:
            self.had_good_fit = self.had_good_fit or update.fit >= POOR_FIT
        self.line_rate.add(moment, update.lines)
        self.unread += sum(
            item.event.extra_lines + 1
            for item in update.items
            if isinstance(item, ScoredEvent) and item.state is State.UNKNOWN_FORMAT
        )
        extended = self.history.extend(update.items)
        if extended.evicted:
            self.marks = {row_id for row_id in self.marks if row_id >= self.history.first_row_id}
        return extended

    def stop(self, failure: str) -> None:
        """Note that no more updates come: because of a failure, or of the end of the input when it is empty."""
        self.ended = not failure
        self.failure = failure

    def catch_up(self) -> int:
        """Update the visible rows, unless they are frozen; return how many were lost at the top."""
        return self.visible.drop_evicted() if self.frozen else self.visible.catch_up()

    @property
    def calibrated_by(self) -> CalibratedBy | None:
        """Whose calibration makes the scores; None before that is known."""
        return None if self.update is None else self.update.calibrated_by

    def row(self, row_id: int) -> Row | None:
        """Return the row of this id; None when it was evicted."""
        index = self.history.row_of(row_id)
        return None if index is None else self.history[index]

    def flag(self, row_id: int) -> Flag:
        """Decide on this row; a notice and an evicted row are neither flagged nor muted."""
        index = self.history.row_of(row_id)
        return NO_FLAG if index is None else self.history.flag(index, self.threshold)

    @property
    def on_trial(self) -> bool:
        """Whether the threshold is on trial: moved and not yet committed."""
        return self.threshold != self.committed

    def try_threshold(self, threshold: float) -> None:
        """Apply another threshold, rounded to two decimals within 0 to 1, without committing it."""
        self.threshold = round(min(max(threshold, 0.0), 1.0), 2)
        self._threshold_moved()

    def commit_threshold(self) -> None:
        """Keep the threshold on trial."""
        self.committed = self.threshold

    def revert_threshold(self) -> None:
        """Return to the threshold committed last."""
        self.threshold = self.committed
        self._threshold_moved()

    def threshold_previews(self) -> tuple[Preview, Preview]:
        """Say what the committed threshold flags in the history, and what the one on trial does."""
        return preview(self.history, self.committed), preview(self.history, self.threshold)

    def _threshold_moved(self) -> None:
        if self.only_flagged:
            self.apply_filters()

    @property
    def is_filtered(self) -> bool:
        """Whether a filter hides rows."""
        return self.filter is not None or self.only_flagged or self.request is not None

    @property
    def context(self) -> int:
        """Rows shown before and after each match."""
        if self.request is not None:
            return 0
        return self._context["anomalies" if self.only_flagged else "filter"]

    def change_context(self, rows: int) -> bool:
        """Show so many rows more or fewer around each match; tell whether there are matches."""
        if not self.is_filtered or self.request is not None:
            return False
        kind = "anomalies" if self.only_flagged else "filter"
        self._context[kind] = min(max(self._context[kind] + rows, 0), MAX_CONTEXT)
        self.apply_filters()
        return True

    def apply_filters(self) -> None:
        """Select the visible rows by `filter`, `only_flagged` and `request`."""
        self.visible.select(self._matches if self.is_filtered else None, self.context)

    def remove_filter(self) -> bool:
        """Remove the narrowest filter; tell whether there was any."""
        if self.request is not None:
            self.request = None
        elif self.only_flagged:
            self.only_flagged = False
        elif self.filter is not None:
            self.filter = None
        else:
            return False
        self.apply_filters()
        return True

    def is_context(self, row_id: int) -> bool:
        """Tell whether this row is visible only because it is near a match."""
        if not self.context or not self.is_filtered:
            return False
        row = self.row(row_id)
        if row is None or (self.filter is not None and not self.filter.matches(row)):
            return True
        return self.only_flagged and not self.flag(row_id).alerting

    def _matches(self, start: int) -> RowNumbers:
        stop = len(self.history)
        rows = np.arange(start, stop) if self.filter is None else self.filter.rows(self.history, start, stop)
        if self.only_flagged:
            rows = rows[self.history.alerting(self.threshold)[rows]]
        if self.request is not None:
            rows = rows[np.isin(rows, self._rows_of_request(self.request))]
        return rows

    def _rows_of_request(self, event: LogEvent) -> RowNumbers:
        if event.request_id:
            return self.history.rows_of_request(event.request_id)
        return self.history.rows_of_instance(event.instance_id)

    def seek(self, row_id: int, where: Mask, direction: int) -> int | None:
        """Find the nearest visible row of the mask before (-1) or after (1) this one; return its id."""
        mask = where & self._visible_mask()
        found = self.history.next(row_id - self.history.first_row_id, mask, direction)
        return None if found is None else self.history.row_id(found)

    def search(self, row_id: int, direction: int) -> Iterator[int | None]:
        """Search for the nearest visible row before (-1) or after (1) this one that the pattern matches, by slices.

        Yields None after a slice without a match, and at last the id of the row that matches, if any. The history may
        grow between two slices; when the pattern changes, the search ends.
        """
        pattern, visible = self.pattern, self.visible
        if pattern is None or not len(visible):
            return
        test = row_test(pattern)
        position = visible.index(row_id) + (direction if direction < 0 or visible.shows(row_id) else 0)
        while 0 <= position < len(visible) and self.pattern is pattern:
            if direction > 0:
                ids = visible.ids(position, position + SEARCH_SLICE)
            else:
                ids = visible.ids(max(position + 1 - SEARCH_SLICE, 0), position + 1)[::-1]
            for one in ids:
                row = self.row(one)
                if row is not None and test(row):
                    yield one
                    return
            last = ids[-1]
            if visible.index(last) + direction in range(len(visible)):
                yield None
            position = visible.index(last) + (direction if direction < 0 or visible.shows(last) else 0)

    def seek_mark(self, row_id: int, direction: int) -> int | None:
        """Find the nearest mark before (-1) or after (1) this row."""
        if direction > 0:
            return min((mark for mark in self.marks if mark > row_id), default=None)
        return max((mark for mark in self.marks if mark < row_id), default=None)

    def toggle_mark(self, row_id: int) -> bool:
        """Mark or unmark a row; tell whether it is marked now."""
        self.marks ^= {row_id}
        return row_id in self.marks

    def _visible_mask(self) -> Mask:
        shown = np.zeros(len(self.history), np.bool_)
        if self.visible.is_everything:
            shown[: len(self.visible)] = True
        else:
            first = self.history.first_row_id
            shown[[self.visible.row_id(index) - first for index in range(len(self.visible))]] = True
        return shown
