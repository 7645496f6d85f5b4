from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import platformdirs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.alerts.settings import AlertSettings
from core.errors import ConfigError
from tui.config import COLUMNS, MAX_HISTORY, Config, load_config, render_config
from tui.keys import KEY_COMMANDS
from tui.look.themes import DEFAULT_THEME, PALETTES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def written(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_without_a_file_there_are_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_config_path", lambda _name: tmp_path)
    assert load_config() == Config()
    assert Config().theme == DEFAULT_THEME


def test_a_named_file_must_be_there(path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no configuration file"):
        load_config(path)


def test_every_setting_is_read(path: Path) -> None:
    text = """
        theme = "dark"
        threshold = 1
        history = 50_000
        mouse = false
        columns = ["level", "time"]
        filter = "level>=WARNING"
        [filters]
        "slow spawns" = "score>0.4 spawn"
        [keys]
        down = "v,down"
        [alerts]
        webhook = "https://hooks.slack.com/services/T/B/x"
        per_hour = 3
        min_events = 2
    """
    assert load_config(written(path, text)) == Config(
        theme="dark",
        threshold=1.0,
        history=50_000,
        mouse=False,
        columns=("time", "level"),
        filter="level>=WARNING",
        filters={"slow spawns": "score>0.4 spawn"},
        keys={"down": "v,down"},
        alerts=AlertSettings("https://hooks.slack.com/services/T/B/x", 3, 2),
    )


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('theme = "drak"', "1:9", "theme must be one of terminal, dark"),
        ("theme = ['dark']", "1:9", "theme must be one of"),
        ("\nthreshold = 1.5", "2:13", "threshold must be a number from 0 to 1"),
        ("threshold = true", "1:13", "threshold must be a number"),
        ("threshold = nan", "1:13", "threshold must be a number"),
        ("history = 0", "1:11", f"from 1 to {MAX_HISTORY}"),
        ("history = 1.5", "1:11", "whole number"),
        ("mouse = 1", "1:9", "true or false"),
        ('columns = ["colour"]', "1:11", "any of time, level"),
        ("columns = [[1]]", "1:11", "any of time, level"),
        ('filter = "level>=LOUD"', "1:10", "unknown level 'LOUD'"),
        ("filter = 3", "1:10", "text in quotes"),
        ('[filters]\n"a b" = "("', "2:9", "invalid regular expression"),
        ("filters = 3", "1:11", r"must be a table"),
        ('[keys]\ndwon = "n"', "2:8", "did you mean 'down'"),
        ('[keys]\ndown = "n"', "2:8", "the key n is bound to down and next_match"),
        ('[keys]\nfilter = "slash"', "2:10", "the key slash is bound to search and filter"),
        ('[keys]\nup = "v"\nfilter = "v"', "2:6", "the key v is bound to up and filter"),
        ('[keys]\ndown = "n,,x"', "2:8", "separated by one comma"),
        ("[keys]\ndown = 3", "2:8", "text in quotes"),
        ("keys.down = 3", "1:13", "text in quotes"),
        ('thresold = 1', "1:12", "did you mean 'threshold'"),
        ("[colours]\nred = 1", "1:1", "unknown setting 'colours'"),
        ('[alerts]\nwebhook = "http://example.org/s3cret"', "2:11", "begins with https"),
        ("[alerts]\nper_hour = 0", "2:12", "from 1 to"),
        ("[alerts]\nurl = 1", "2:7", "unknown setting 'url'"),
        ("theme = ", "1:9", "not valid TOML"),
        ('a = "\\u001b"\na = 1', "2:6", "not valid TOML"),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_one_line_with_its_position(path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what) as caught:
        load_config(written(path, text))
    assert str(caught.value).startswith(f"{path}:{where}: ")
    assert str(caught.value).isprintable()
    assert "s3cret" not in str(caught.value)


def test_a_file_of_nothing_but_brackets_is_refused(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"not valid TOML|nested too deeply"):
        load_config(written(path, f"a = {'[' * 100_000}"))


@given(st.text(alphabet="[]=.\"'\n #ab1{},", max_size=40))
def test_any_text_is_settings_or_an_error_of_one_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = written(tmp_path_factory.mktemp("config") / "config.toml", text)
    with suppress(ConfigError):
        assert load_config(path) == Config()


def test_what_is_printed_is_a_file_of_the_defaults(path: Path) -> None:
    assert load_config(written(path, render_config(Config()))) == Config()


@given(
    st.builds(
        Config,
        theme=st.sampled_from(sorted(PALETTES)),
        threshold=st.none() | st.floats(0, 1),
        history=st.integers(1, MAX_HISTORY),
        mouse=st.booleans(),
        columns=st.sets(st.sampled_from(COLUMNS)).map(lambda names: tuple(name for name in COLUMNS if name in names)),
        filter=st.sampled_from(("", 'level>=WARNING "a b" \\d+')),
        filters=st.dictionaries(st.text(min_size=1), st.just("score>0.5")),
        keys=st.permutations([command.name for command in KEY_COMMANDS]).map(
            lambda names: dict(zip(names, ["v", '"', "\\"], strict=False))
        ),
        alerts=st.builds(AlertSettings, st.just(""), st.integers(1, 3_600), st.integers(1, 99)),
    )
)
def test_any_settings_are_read_back_as_they_were_printed(
    tmp_path_factory: pytest.TempPathFactory, config: Config
) -> None:
    assert load_config(written(tmp_path_factory.mktemp("config") / "config.toml", render_config(config))) == config


def test_the_address_of_a_webhook_is_not_printed() -> None:
    assert "s3cret" not in render_config(Config(alerts=AlertSettings("https://example.org/s3cret")))


def test_every_action_is_listed_with_its_keys() -> None:
    text = render_config(Config(keys={"down": "v"}))
    assert '\ndown = "v"  # ' in text
    assert all(f"{command.name} = " in text for command in KEY_COMMANDS)
