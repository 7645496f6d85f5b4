"""Doing something about it: copy, export, skip to now."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.errors import UsageError
from core.events import Notice
from core.export.document import Model, Selection, propose_path
from core.support.printable import escape
from tui.app.actions.muting import Muting
from tui.look.text import draw, plural
from tui.session.exporting import export, rows_selected
from tui.terminal.clipboard import osc52
from tui.widgets.prompts import Question


class Acting(Muting):
    """Actions of the keys that reach beyond the screen."""

    model: Model
    skip: Callable[[], None] | None

    def action_copy(self) -> None:
        """Copy the raw line at the cursor, a traceback with all its lines."""
        row = self.session.row(self.table.cursor)
        if row is None:
            return
        if isinstance(row, Notice):
            text = f"{row.source}: {row.text}"
        else:
            _, _, rest = row.event.message.partition("\n")
            text = "\n".join(filter(None, (row.event.raw, rest)))
        text = "\n".join(map(escape, text.split("\n")))
        if self._driver is not None:
            self._driver.write(osc52(text, os.environ))
        self.say(f"copied {plural(text.count(chr(10)) + 1, 'line')}")

    def action_export(self) -> None:
        """Ask what to export, and to where."""
        self.ask(self._export_question(Selection.FLAGGED))

    def _export_question(self, selection: Selection) -> Question:
        order = list(Selection)
        following = order[(order.index(selection) + 1) % len(order)]
        number = len(rows_selected(self.session, self.table.cursor, selection))
        return Question(
            "export",
            f"export {selection.value} ({number:,}) to",
            partial(self._export, selection),
            value=str(propose_path(Path(), selection)),
            placeholder="a new file, .json or .jsonl",
            note=f"Tab: {following.value}",
            turn=lambda: self._export_question(following),
        )

    def _export(self, selection: Selection, name: str) -> None:
        if not name.strip():
            raise UsageError("name a file")
        rows = rows_selected(self.session, self.table.cursor, selection)
        if not len(rows):
            raise UsageError(f"nothing to export: no event is {_WITHOUT[selection]}; Tab chooses others")
        path = Path(name.strip()).expanduser()
        number = export(self.session, rows, selection, path, self.model)
        text = f"{plural(number, 'event')} in {path.resolve()}"
        self.notify(draw(text, self.glyphs), title="exported", markup=False)

    def action_skip(self) -> None:
        """Let the reader jump to now."""
        if self.skip is None:
            self.say("this input cannot be skipped", wrong=True)
            return
        self.skip()
        self.say("skipping to now; a row will say how much was left out")


_WITHOUT = {
    Selection.FLAGGED: "flagged",
    Selection.MARKED: "marked",
    Selection.FILTERED: "picked by a filter",
    Selection.EPISODE: "part of an episode at the cursor",
}
