"""Doing something about it: copy, export, skip, retry."""

from __future__ import annotations

import os

from core.events import Notice
from tui.actions.looking import Looking
from tui.clipboard import osc52
from tui.text import plural


class Acting(Looking):
    """Actions of the keys that reach beyond the screen."""

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
        if self._driver is not None:
            self._driver.write(osc52(text, os.environ))
        self.say(f"copied {plural(text.count(chr(10)) + 1, 'line')}")
