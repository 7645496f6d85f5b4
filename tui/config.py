"""The configuration: one TOML file, in which every setting is optional."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

import platformdirs

from core.alerts.settings import AlertSettings, check_webhook
from core.errors import ConfigError, UsageError
from core.history.filters import parse_filter
from core.parsing.zones import read_zone
from core.support.printable import escape
from core.support.tomlfile import TomlFile, load_toml, quote
from tui.keys import KEY_COMMANDS, commands_by_key, key_name
from tui.look.themes import PALETTES

COLUMNS: Final = ("time", "level", "service", "trail")
"""Columns that can be hidden; the gutter, the score and the message are always shown."""

MAX_HISTORY: Final = 10_000_000

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """The settings, each with its default."""

    theme: str = "terminal"
    threshold: float | None = None
    """None for the shipped threshold, that of the model."""
    timezone: str = ""
    """The time of log lines that name no zone; empty for the host's."""
    history: int = 100_000
    """Events that the app keeps."""
    mouse: bool = True
    columns: tuple[str, ...] = COLUMNS
    filter: str = ""
    """The filter at start (see `core.history.filters`)."""
    filters: Mapping[str, str] = field(default_factory=dict)
    """Filters by name, for the command palette."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Keys by name of the command (see `tui.keys`), several separated by commas."""
    planned: Mapping[str, str] = field(default_factory=dict)
    """Service -> the time until which it may be silent (see `tui.commands.planned`)."""
    alerts: AlertSettings = field(default_factory=AlertSettings)


def default_config_path() -> Path:
    """Return the path of the configuration file unless another is given."""
    return platformdirs.user_config_path("tailsight") / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """Read the configuration. Raises ConfigError with file, line and column of what is invalid.

    The file at the default path may be missing.
    """
    try:
        file = load_toml(path or default_config_path())
    except FileNotFoundError:
        if path is None:
            return Config()
        raise ConfigError(f"there is no configuration file {escape(str(path))}; leave it out for defaults") from None
    return _ConfigReader(file).config()


def render_config(config: Config, path: Path | None = None) -> str:
    """Write the configuration as a commented file; the address of a webhook, which is a secret, is left out."""
    threshold = f"threshold = {config.threshold}" if config.threshold is not None else "# threshold = 0.5"
    lines = [
        f"# tailsight reads this file from {escape(str(path or default_config_path()))}.",
        "# Every setting is optional.",
        "",
        f"theme = {quote(config.theme)}  # {', '.join(PALETTES)}",
        f"{threshold}  # 0 to 1; default: the shipped threshold",
        f"timezone = {quote(config.timezone)}  # of stamps without a zone, such as Europe/Berlin; empty: the host's",
        f"history = {config.history}  # events that are kept",
        f"mouse = {_boolean(config.mouse)}",
        f"columns = [{', '.join(map(quote, config.columns))}]  # any of {', '.join(COLUMNS)}",
        f"filter = {quote(config.filter)}  # the filter at start, such as level>=WARNING service=nova-*",
        "",
        "[filters]  # by name, for the command palette",
        *(f"{quote(name)} = {quote(text)}" for name, text in config.filters.items()),
        "",
        "[keys]  # several keys are separated by commas",
    ]
    for command in KEY_COMMANDS:
        own = config.keys.get(command.name)
        prefix, keys = ("# ", command.keys) if own is None else ("", own)
        lines.append(f"{prefix}{command.name} = {quote(keys)}  # {command.text}")
    lines += [
        "",
        '[planned]  # until when a service may be silent, such as nova-compute = "2026-01-31T12:00"',
        *(f"{quote(service)} = {quote(until)}" for service, until in config.planned.items()),
        "",
        "[alerts]  # one message to Slack per episode",
        '# webhook = "https://hooks.slack.com/services/..."  # or in the environment: TAILSIGHT_SLACK_WEBHOOK',
        f"per_hour = {config.alerts.per_hour}  # messages at most",
        f"min_events = {config.alerts.min_events}  # flagged events before an episode is worth a message",
    ]
    return "\n".join(lines) + "\n"


class _ConfigReader:
    """Reads each setting from the file, and reports the position of an invalid one."""

    def __init__(self, file: TomlFile) -> None:
        self._file = file

    def config(self) -> Config:
        """Return all settings."""
        values = self._section(
            (),
            {
                "theme": self._theme,
                "threshold": self._score,
                "timezone": self._zone,
                "history": lambda keys, value: self._whole(keys, value, 1, MAX_HISTORY),
                "mouse": self._boolean,
                "columns": self._columns,
                "filter": self._filter,
                "filters": self._filters,
                "keys": self._keymap,
                "planned": lambda keys, value: {
                    name: self._text((*keys, name), text) for name, text in self._table(keys, value).items()
                },
                "alerts": self._alerts,
            },
            self._file.data,
        )
        return Config(**values)

    def _section(
        self, table: Keys, readers: Mapping[str, Callable[[Keys, Any], Any]], data: Mapping[str, Any]
    ) -> dict[str, Any]:
        values = {}
        for name, value in data.items():
            keys = (*table, name)
            if name not in readers:
                raise self._file.error(keys, f"unknown setting {name!r}{_meant(name, readers)}")
            values[name] = readers[name](keys, value)
        return values

    def _theme(self, keys: Keys, value: Any) -> str:
        if not isinstance(value, str) or value not in PALETTES:
            raise self._file.error(keys, f"theme must be one of {', '.join(PALETTES)}, not {value!r}")
        return value

    def _zone(self, keys: Keys, value: Any) -> str:
        text = self._text(keys, value)
        try:
            if text:
                read_zone(text)
        except UsageError as error:
            raise self._file.error(keys, str(error)) from None
        return text

    def _score(self, keys: Keys, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.0 <= value <= 1.0:
            raise self._file.error(keys, f"{keys[-1]} must be a number from 0 to 1, not {value!r}")
        return float(value)

    def _whole(self, keys: Keys, value: Any, low: int, high: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise self._file.error(keys, f"{keys[-1]} must be a whole number from {low} to {high}, not {value!r}")
        return value

    def _boolean(self, keys: Keys, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._file.error(keys, f"{keys[-1]} must be true or false, not {value!r}")
        return value

    def _text(self, keys: Keys, value: Any) -> str:
        if not isinstance(value, str):
            raise self._file.error(keys, f"{keys[-1]} must be a text in quotes, not {value!r}")
        return value

    def _table(self, keys: Keys, value: Any) -> Mapping[str, Any]:
        if not isinstance(value, dict):
            raise self._file.error(keys, f"{keys[-1]} must be a table: [{keys[-1]}]")
        return value

    def _columns(self, keys: Keys, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(one in COLUMNS for one in value):
            raise self._file.error(keys, f"columns must be a list of any of {', '.join(COLUMNS)}")
        return tuple(name for name in COLUMNS if name in value)

    def _filter(self, keys: Keys, value: Any) -> str:
        text = self._text(keys, value)
        try:
            parse_filter(text)
        except UsageError as error:
            raise self._file.error(keys, str(error)) from None
        return text

    def _filters(self, keys: Keys, value: Any) -> Mapping[str, str]:
        return {name: self._filter((*keys, name), text) for name, text in self._table(keys, value).items()}

    def _keymap(self, keys: Keys, value: Any) -> Mapping[str, str]:
        names = {command.name for command in KEY_COMMANDS}
        keymap = {}
        for name, wanted in self._table(keys, value).items():
            if name not in names:
                raise self._file.error((*keys, name), f"unknown command {name!r}{_meant(name, names)}")
            keymap[name] = self._text((*keys, name), wanted)
            if not all(re.fullmatch(r"\s*\S+\s*", key) for key in keymap[name].split(",")):
                raise self._file.error((*keys, name), "keys are separated by one comma, such as 'j,down'")
        self._refuse_shared_keys(keys, keymap)
        return keymap

    def _refuse_shared_keys(self, keys: Keys, keymap: Mapping[str, str]) -> None:
        """Raise ConfigError when a key of the file is bound to two commands."""
        for name in keymap:
            for key, users in commands_by_key(keymap).items():
                if name in users and len(users) > 1:
                    text = f"the key {key_name(key)} is bound to {' and '.join(users)}; bind one of them to another key"
                    raise self._file.error((*keys, name), text)

    def _alerts(self, keys: Keys, value: Any) -> AlertSettings:
        readers = {
            "webhook": self._webhook,
            "per_hour": lambda keys, value: self._whole(keys, value, 1, 3_600),
            "min_events": lambda keys, value: self._whole(keys, value, 1, 1_000_000),
        }
        return AlertSettings(**self._section(keys, readers, self._table(keys, value)))

    def _webhook(self, keys: Keys, value: Any) -> str:
        try:
            return check_webhook(self._text(keys, value))
        except UsageError as error:
            raise self._file.error(keys, str(error)) from None


def _meant(name: str, names: Any) -> str:
    near = get_close_matches(name, names, 1)
    return f"; did you mean {near[0]!r}?" if near else f"; known: {', '.join(sorted(names))}"


def _boolean(value: bool) -> str:  # noqa: FBT001 - it is the value that is written
    return "true" if value else "false"
