"""What the README says of commands, keys, filters and settings is what there is."""

from __future__ import annotations

import re
from pathlib import Path
from textwrap import dedent

import pytest

from core.history.filters import FIELDS, parse_filter
from tui import cli
from tui.config import Config, load_config
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


@pytest.mark.parametrize("example", re.findall(r"^    (.*?) +# ", section("Filters"), re.MULTILINE))
def test_an_example_of_a_filter_is_one_of_two_terms(example: str) -> None:
    assert len(parse_filter(example).terms) == 2


def test_the_table_of_fields_has_every_field_of_filters() -> None:
    assert set(FIELDS) <= set(re.findall(r"`(\w+)`", section("Filters")))


def test_the_settings_of_alerts_that_are_shown_are_accepted(tmp_path: Path) -> None:
    (block,) = re.findall(r"^    \[alerts\]\n(?:    .*\n)+", section("Alerts and mutes"), re.MULTILINE)
    path = tmp_path / "config.toml"
    path.write_text(dedent(block), encoding="utf-8")
    alerts = load_config(path).alerts
    assert (alerts.per_hour, alerts.min_events) == (Config().alerts.per_hour, Config().alerts.min_events)
    assert alerts.webhook.startswith("https://")
