"""Writes selected rows to a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.export.document import Format, Model, Selection, extract_rows, write_document
from core.history.episodes import episode_at
from core.history.history import RowNumbers
from tui.session.session import Session


def rows_selected(session: Session, cursor: int, selection: Selection) -> RowNumbers:
    """Find the rows of a selection; none where nothing is selected."""
    history, first = session.history, session.history.first_row_id
    flagged = history.alerting(session.threshold)
    if selection is Selection.FLAGGED:
        return np.flatnonzero(flagged)
    if selection is Selection.MARKED:
        return np.array(sorted(mark - first for mark in session.marks), np.intp)
    if selection is Selection.FILTERED:
        if not session.is_filtered:
            return np.empty(0, np.intp)
        return np.array([session.visible.row_id(index) - first for index in range(len(session.visible))], np.intp)
    row = history.row_of(cursor)
    episode = None if row is None else episode_at(history, row, session.threshold)
    if episode is None:
        return np.empty(0, np.intp)
    rows = np.arange(episode.first_row_id - first, episode.last_row_id - first + 1)
    return rows[flagged[rows]]


def export_rows(session: Session, rows: RowNumbers, selection: Selection, path: Path, model: Model) -> int:
    """Write these rows, secrets redacted, in the format of the file's suffix; return the number of events.

    Raises OutputError when the file cannot be written or exists.
    """
    form = Format.JSON_LINES if path.suffix == ".jsonl" else Format.JSON
    document = extract_rows(session.history, rows, session.threshold).document(model, selection=selection)
    return write_document(path, document, form)
