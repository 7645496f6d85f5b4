"""Textual's driver of a terminal, which writes no cell that shows already what it should."""

from __future__ import annotations

from typing import Any, Final

from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.picture import Picture

_BEGIN: Final = "\x1b[?2026h"
_END: Final = "\x1b[?2026l"
"""Around a frame, where the terminal can show all of it at once."""


class ThriftyDriver(LinuxDriver):
    """Writes frames as the difference to what the terminal shows."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._picture = Picture()
        self._began = False
        self.written = 0
        """Bytes written so far."""

    def forget(self) -> None:
        """Write every cell of what is drawn next."""
        self._picture.forget()

    def write(self, data: str) -> None:
        """Write what changes the terminal; nothing for a frame that shows what is shown."""
        if data == _BEGIN:
            self._began = True
            return
        if data == _END and self._began:
            self._began = False
            return
        data = self._picture.changes(data)
        if data:
            data = _BEGIN * self._began + data
            self._began = False
            self.written += len(data.encode())
            super().write(data)
