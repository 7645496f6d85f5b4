"""Exporting events to a file."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from core.errors import UsageError
from core.export.document import Model, Selection, propose_path
from tui.app.view import View
from tui.look.text import plural
from tui.session.exporting import export_rows, rows_selected
from tui.session.session import Session
from tui.widgets.prompts import Question


class ExportController:
    """Asks what to export and where to; `model` is named in the file."""

    def __init__(self, session: Session, view: View, model: Model) -> None:
        self._session, self._view, self._model = session, view, model

    def ask(self) -> None:
        """Ask for a file; Tab changes what is exported."""
        self._view.ask(self._question(Selection.FLAGGED))

    def _question(self, selection: Selection) -> Question:
        order = list(Selection)
        following = order[(order.index(selection) + 1) % len(order)]
        number = len(rows_selected(self._session, self._view.table.cursor, selection))
        return Question(
            "export",
            f"export {selection.value} ({number:,}) to",
            partial(self._export, selection),
            value=str(propose_path(Path(), selection)),
            placeholder="a new file, .json or .jsonl",
            note=f"Tab: {following.value}",
            alternative=lambda: self._question(following),
        )

    def _export(self, selection: Selection, name: str) -> None:
        if not name.strip():
            raise UsageError("type the name of a file")
        rows = rows_selected(self._session, self._view.table.cursor, selection)
        if not len(rows):
            raise UsageError(f"nothing to export: no event is {_PARTICIPLES[selection]}; Tab selects others")
        path = Path(name.strip()).expanduser()
        number = export_rows(self._session, rows, selection, path, self._model)
        self._view.show_notification(f"{plural(number, 'event')} in {path.resolve()}", title="exported")


_PARTICIPLES: Final = {
    Selection.FLAGGED: "flagged",
    Selection.MARKED: "marked",
    Selection.FILTERED: "selected by a filter",
    Selection.EPISODE: "part of an episode at the cursor",
}
