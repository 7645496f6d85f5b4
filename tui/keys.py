"""Every key of the app in one table, from which bindings, help, hints and command palette are made.

`tui.app.dispatch` says which method of which controller runs a command.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from textual.binding import Binding


class KeyCommand(NamedTuple):
    """A command and its keys."""

    name: str
    """By which the configuration rebinds it."""
    keys: str
    """Keys, separated by commas."""
    text: str
    """What it does, for help and palette."""
    group: str
    hint: str = ""
    """One word for the line of hints; empty leaves it out."""


KEY_COMMANDS: Final = (
    KeyCommand("down", "j,down", "next row", "move"),
    KeyCommand("up", "k,up", "previous row", "move"),
    KeyCommand("page_down", "space,pagedown", "page down", "move"),
    KeyCommand("page_up", "b,pageup", "page up", "move"),
    KeyCommand("half_down", "ctrl+d", "half a page down", "move"),
    KeyCommand("half_up", "ctrl+u", "half a page up", "move"),
    KeyCommand("top", "g,home", "first row", "move"),
    KeyCommand("end", "G,end", "last row, and follow", "move"),
    KeyCommand("follow", "F", "follow the end, or stop following", "move"),
    KeyCommand("freeze", "p", "freeze the view", "move"),
    KeyCommand("left", "left,h", "messages left; timeline: earlier", "move"),
    KeyCommand("right", "right,l", "messages right; timeline: later", "move"),
    KeyCommand("next_anomaly", "a", "next anomaly", "find", "anomaly"),
    KeyCommand("previous_anomaly", "A", "previous anomaly", "find"),
    KeyCommand("next_error", "e", "next error", "find"),
    KeyCommand("previous_error", "E", "previous error", "find"),
    KeyCommand("next_warning", "w", "next warning", "find"),
    KeyCommand("previous_warning", "W", "previous warning", "find"),
    KeyCommand("search", "/", "search by regular expression", "find", "search"),
    KeyCommand("next_match", "n", "next match", "find"),
    KeyCommand("previous_match", "N", "previous match", "find"),
    KeyCommand("goto_time", "t", "go to a time: 05:21 or -15m", "find"),
    KeyCommand("mark", "m", "mark, or unmark", "find"),
    KeyCommand("next_mark", "u", "next mark", "find"),
    KeyCommand("previous_mark", "U", "previous mark", "find"),
    KeyCommand("filter", "&", "filter: level>=WARNING, regex", "filter", "filter"),
    KeyCommand("only_anomalies", "o", "anomalies only, with context", "filter"),
    KeyCommand("more_context", "+", "more events around each match", "filter"),
    KeyCommand("less_context", "-", "fewer events around each match", "filter"),
    KeyCommand("request", "r", "the same request everywhere", "filter"),
    KeyCommand("timeline", "i", "timeline", "look", "timeline"),
    KeyCommand("zoom_in", "z", "zoom the timeline in", "look"),
    KeyCommand("zoom_out", "Z", "zoom the timeline out", "look"),
    KeyCommand("episodes", "I", "episodes", "look"),
    KeyCommand("detail", "enter", "why: reasons, context, raw line", "look", "why"),
    KeyCommand("threshold_down", "[", "threshold -0.01", "threshold"),
    KeyCommand("threshold_up", "]", "threshold +0.01", "threshold"),
    KeyCommand("threshold_much_down", "{", "threshold -0.10", "threshold"),
    KeyCommand("threshold_much_up", "}", "threshold +0.10", "threshold"),
    KeyCommand("threshold_type", "T", "type a threshold", "threshold", "threshold"),
    KeyCommand("threshold_reset", "=", "back to the shipped threshold", "threshold"),
    KeyCommand("mute", "x", "mute this template", "act"),
    KeyCommand("mutes", "X", "list of mutes: remove, undo", "act"),
    KeyCommand("copy", "y", "copy the raw line", "act"),
    KeyCommand("export", "s", "export", "act", "export"),
    KeyCommand("skip", ">", "skip to now", "act"),
    KeyCommand("retry", "R", "start scoring again after a failure", "act"),
    KeyCommand("help", "?", "this help", "app", "help"),
    KeyCommand("command_palette", ":", "command palette", "app"),
    KeyCommand("next_theme", "C", "next theme", "app"),
    KeyCommand("usage", "%", "processor and memory that tailsight uses", "app"),
    KeyCommand("redraw", "ctrl+l", "redraw the screen", "app"),
    KeyCommand("suspend_process", "ctrl+z", "suspend", "app"),
    KeyCommand("back", "escape", "go back", "app"),
    KeyCommand("close", "q", "close the top layer, then quit", "app", "quit"),
    KeyCommand("quit", "ctrl+c", "quit at once", "app"),
)

COMMAND_GROUPS: Final = {
    "move": "Move",
    "find": "Find",
    "filter": "Show only",
    "look": "Look",
    "threshold": "Threshold",
    "act": "Act",
    "app": "App",
}

ALWAYS: Final = frozenset({"quit", "suspend_process"})
"""Commands that also run while a prompt or a list is open."""

BINDINGS: Final = [
    # With priority, a key takes effect before the next one is looked at, so typing ahead works.
    Binding(command.keys, f"command('{command.name}')", command.text, id=command.name, show=False, priority=True)
    for command in KEY_COMMANDS
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
    """Write a key as it is printed on keyboards: `^D`, `Enter`, `↓`."""
    if key.startswith("ctrl+"):
        return f"^{key[5:].upper()}"
    name = _NAMES.get(key, key)
    return key.capitalize() if only_ascii and not name.isascii() else name


def effective_keys(command: KeyCommand, keymap: Mapping[str, str]) -> list[str]:
    """Return the keys of a command, those of the keymap where it rebinds the command."""
    return [key.strip() for key in keymap.get(command.name, command.keys).split(",")]


def commands_by_key(keymap: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the names of the commands that each key runs; a valid keymap leaves one for each."""
    names: dict[str, list[str]] = {}
    for command in KEY_COMMANDS:
        bindings = [Binding(key, command.name) for key in effective_keys(command, keymap)]
        # Textual writes a key in one form: `slash` for `/`.
        for key in dict.fromkeys(binding.key for binding in Binding.make_bindings(bindings)):
            names.setdefault(key, []).append(command.name)
    return names


def keys_of(command: KeyCommand, keymap: Mapping[str, str], *, only_ascii: bool = False) -> str:
    """Write all keys of a command, those of the keymap where it rebinds the command."""
    return " ".join(key_name(key, only_ascii=only_ascii) for key in effective_keys(command, keymap))
