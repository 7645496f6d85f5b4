"""Copying through the terminal."""

from __future__ import annotations

from tui.terminal.clipboard import osc52


def test_copying_reaches_the_terminal_through_tmux_too() -> None:
    assert osc52("hi", {}) == "\x1b]52;c;aGk=\x07"
    assert osc52("hi", {"TMUX": "1"}).endswith("\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\")
