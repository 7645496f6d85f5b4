"""Textual's driver of a terminal, which writes only the cells that change."""

from __future__ import annotations

import select
import sys
from typing import Any, Final

from textual.drivers.linux_driver import LinuxDriver

from tui.terminal.cells import CellBuffer

_BEGIN: Final = "\x1b[?2026h"
_END: Final = "\x1b[?2026l"
"""Around a frame: the terminal shows it at once (synchronized output)."""


class DiffDriver(LinuxDriver):
    """Writes each frame as the difference to the frame before."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        super().__init__(*args, **keywords)
        self._cells = CellBuffer()
        self._pending_begin = False
        self.written = 0
        """Bytes written so far."""

    def forget(self) -> None:
        """Write every cell of the next frame."""
        self._cells.forget()

    def write(self, data: str) -> None:
        """Write what changes the terminal; nothing for a frame without a change."""
        if data == _BEGIN:
            self._pending_begin = True
            return
        if data == _END and self._pending_begin:
            self._pending_begin = False
            return
        data = self._cells.changes(data)
        if data:
            data = _BEGIN * self._pending_begin + data
            self._pending_begin = False
            self.written += len(data.encode())
            super().write(data)


def accepts_output() -> bool:
    """Tell whether the terminal has taken what was written before."""
    if sys.__stderr__ is None:
        return True
    return bool(select.select([], [sys.__stderr__.fileno()], [], 0)[1])
