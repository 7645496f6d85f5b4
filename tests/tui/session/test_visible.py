"""Which rows are visible as the history grows."""

from __future__ import annotations

import numpy as np

from core.history.history import History
from tests.helpers.screen import some_events
from tui.session.visible import VisibleRows


def test_visible_rows_are_the_matches_and_their_context_as_rows_come_and_go() -> None:
    history = History(20)
    view = VisibleRows(history)
    view.select(lambda start: np.flatnonzero(history.alerting(0.5)[start:]) + start, 1)
    for _ in range(10):
        history.extend(some_events(7, flagged_every=5))
        view.catch_up()
        picked = np.flatnonzero(history.alerting(0.5))
        wanted = sorted({row for place in picked for row in (place - 1, place, place + 1) if 0 <= row < len(history)})
        shown = [view.row_id(index) - history.first_row_id for index in range(len(view))]
        # A row whose anomaly is gone stays as long as it is held itself.
        assert shown[-len(wanted) :] == wanted or shown == wanted
        assert view.hidden == len(history) - len(view)
