"""The table of keys."""

from __future__ import annotations

from tui.keys import BINDINGS, KEY_COMMANDS, keys_of


def test_no_key_runs_two_commands() -> None:
    keys = [key for command in KEY_COMMANDS for key in command.keys.split(",")]
    assert len(keys) == len(set(keys))
    assert not {"ctrl+s", "ctrl+q", "ctrl+b"} & set(keys)


def test_every_command_has_its_binding_and_its_line_of_help() -> None:
    assert [binding.id for binding in BINDINGS] == [command.name for command in KEY_COMMANDS]
    assert all(command.text for command in KEY_COMMANDS)
    down = next(command for command in KEY_COMMANDS if command.name == "down")
    assert keys_of(down, {}) == "j ↓"
    assert keys_of(down, {"down": "ctrl+n"}) == "^N"
    assert keys_of(down, {}, only_ascii=True) == "j Down"
