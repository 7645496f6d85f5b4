"""Every key of the app: one table, from which bindings, help, hints and command palette are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from textual.binding import Binding


class Command(NamedTuple):
    """Something a key does."""

    action: str
    """Action of the app, and the name by which a keymap rebinds it."""
    keys: str
    """Keys, parted by commas."""
    text: str
    """What it does, for help and palette."""
    group: str
    hint: str = ""
    """One word for the line of hints; empty keeps it out."""


COMMANDS: Final = (
    Command("down", "j,down", "next row", "move"),
    Command("up", "k,up", "previous row", "move"),
    Command("page_down", "space,pagedown", "page down", "move"),
    Command("page_up", "b,pageup", "page up", "move"),
    Command("half_down", "ctrl+d", "half a page down", "move"),
    Command("half_up", "ctrl+u", "half a page up", "move"),
    Command("top", "g,home", "first row", "move"),
    Command("end", "G,end", "last row, and follow", "move"),
    Command("follow", "F", "follow the end, or stop following", "move"),
    Command("freeze", "p", "freeze the view", "move"),
    Command("left", "left,h", "messages left; timeline: earlier", "move"),
    Command("right", "right,l", "messages right; timeline: later", "move"),
    Command("next_anomaly", "a", "next anomaly", "find", "anomaly"),
    Command("previous_anomaly", "A", "previous anomaly", "find"),
    Command("next_error", "e", "next error", "find"),
    Command("previous_error", "E", "previous error", "find"),
    Command("next_warning", "w", "next warning", "find"),
    Command("previous_warning", "W", "previous warning", "find"),
    Command("search", "/", "search by regular expression", "find", "search"),
    Command("next_match", "n", "next match", "find"),
    Command("previous_match", "N", "previous match", "find"),
    Command("goto_time", "t", "go to a time: 05:21 or -15m", "find"),
    Command("mark", "m", "mark, or unmark", "find"),
    Command("next_mark", "u", "next mark", "find"),
    Command("previous_mark", "U", "previous mark", "find"),
    Command("filter", "&", "filter: level>=WARNING, regex", "narrow", "filter"),
    Command("only_anomalies", "o", "anomalies only, with context", "narrow"),
    Command("more_context", "+", "more events around each match", "narrow"),
    Command("less_context", "-", "fewer events around each match", "narrow"),
    Command("request", "r", "the same request everywhere", "narrow"),
    Command("timeline", "i", "timeline", "look", "timeline"),
    Command("zoom_in", "z", "zoom the timeline in", "look"),
    Command("zoom_out", "Z", "zoom the timeline out", "look"),
    Command("episodes", "I", "episodes", "look"),
    Command("detail", "enter", "why: reasons, context, raw line", "look", "why"),
    Command("threshold_down", "[", "threshold -0.01", "threshold"),
    Command("threshold_up", "]", "threshold +0.01", "threshold"),
    Command("threshold_much_down", "{", "threshold -0.10", "threshold"),
    Command("threshold_much_up", "}", "threshold +0.10", "threshold"),
    Command("threshold_type", "T", "type a threshold", "threshold", "threshold"),
    Command("threshold_reset", "=", "back to the calibrated threshold", "threshold"),
    Command("mute", "x", "mute this template", "act"),
    Command("mutes", "X", "list of mutes; undo", "act"),
    Command("copy", "y", "copy the raw line", "act"),
    Command("export", "s", "export", "act", "export"),
    Command("skip", ">", "skip to now", "act"),
    Command("retry", "R", "start scoring again after a failure", "act"),
    Command("help", "?", "this help", "app", "help"),
    Command("command_palette", ":", "command palette", "app"),
    Command("next_theme", "C", "next theme", "app"),
    Command("usage", "%", "processor and memory that tailsight takes", "app"),
    Command("redraw", "ctrl+l", "draw the screen anew", "app"),
    Command("suspend_process", "ctrl+z", "suspend", "app"),
    Command("back", "escape", "back out", "app"),
    Command("close", "q", "close the top layer, then quit", "app", "quit"),
    Command("quit", "ctrl+c", "quit at once", "app"),
)

GROUPS: Final = {
    "move": "Move",
    "find": "Find",
    "narrow": "Show only",
    "look": "Look",
    "threshold": "Threshold",
    "act": "Act",
    "app": "App",
}

ALWAYS: Final = frozenset({"quit", "suspend_process"})
"""Actions that act while something is typed or chosen, too."""

BINDINGS: Final = [
    # With priority, a key has acted before the next one is looked at: what is typed ahead goes where it belongs.
    Binding(command.keys, command.action, command.text, id=command.action, show=False, priority=True)
    for command in COMMANDS
]

_NAMES: Final = {
    "down": "↓",
    "up": "↑",
    "left": "←",
    "right": "→",
    "space": "Space",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
}


def key_name(key: str, *, only_ascii: bool = False) -> str:
    """Write a key as people know it: `^D`, `Enter`, `↓`."""
    if key.startswith("ctrl+"):
        return f"^{key[5:].upper()}"
    name = _NAMES.get(key, key)
    return key.capitalize() if only_ascii and not name.isascii() else name


def keys_of(command: Command, keymap: Mapping[str, str], *, only_ascii: bool = False) -> str:
    """Write all keys of a command, as the keymap has them."""
    keys = keymap.get(command.action, command.keys).split(",")
    return " ".join(key_name(key.strip(), only_ascii=only_ascii) for key in keys)
