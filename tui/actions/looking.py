"""Panes: the detail of an event, and help."""

from __future__ import annotations

from tui.actions.narrowing import Narrowing
from tui.widgets.layers import Help


class Looking(Narrowing):
    """Actions of the keys that open and close panes."""

    def action_detail(self) -> None:
        """Open the detail, or close it again; Enter also keeps a threshold that is being tried."""
        if self.session.trying:
            self.keep_threshold()
        elif self.table.cursor >= 0:
            self.show_detail(shown=not self.detail_open)

    def action_help(self) -> None:
        """Show every key."""
        self.push_screen(Help(self.keys, self.palette, self.glyphs))

    def close_pane(self) -> bool:
        """Close the topmost pane; tell whether one was open."""
        if self.detail_open:
            self.show_detail(shown=False)
            return True
        return False
