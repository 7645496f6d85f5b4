"""What the README says of commands and keys is what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tui import cli
from tui.keys import KEY_COMMANDS, KeyCommand, key_name

README = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """The text under a heading."""
    return README.partition(f"## {title}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("command", KEY_COMMANDS, ids=lambda command: command.name)
def test_a_key_of_every_action_is_in_the_table(command: KeyCommand) -> None:
    shown = set(re.findall(r"`([^` ]+)`", section("Keys")))
    keys = {key_name(key) for key in command.keys.split(",")}
    assert keys & shown


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_subcommand_is_in_the_table(name: str) -> None:
    assert re.search(rf"`(?:tailsight )?{name}\b", section("Commands"))


def test_every_subcommand_that_is_named_exists() -> None:
    named = set(re.findall(r"\btailsight ([a-z]+)\b", "\n".join(re.findall(r"`[^`]+`|^    .*$", README, re.MULTILINE))))
    assert named <= set(cli.COMMANDS)
