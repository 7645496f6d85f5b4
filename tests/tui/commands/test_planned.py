"""`--planned`: who may be silent, and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import UsageError
from tui.commands.choice import chosen_planned
from tui.commands.planned import read_planned


def test_a_time_without_a_zone_is_in_the_zone_of_the_log() -> None:
    until = datetime(2026, 3, 3, 12, 0, tzinfo=UTC).timestamp()
    assert read_planned(["nova-compute=2026-03-03T12:00"], UTC) == {"nova-compute": until}
    assert read_planned(["all=2026-03-03T13:00+01:00"]) == {"all": until}


@pytest.mark.parametrize(("text", "seconds"), [("+90m", 5_400.0), ("+2h", 7_200.0), ("+1d", 86_400.0)])
def test_a_time_from_now_is_in_minutes_hours_or_days(text: str, seconds: float) -> None:
    until = read_planned([f"keystone={text}"])["keystone"]
    assert until - datetime.now(UTC).timestamp() == pytest.approx(seconds, abs=60.0)


@pytest.mark.parametrize("text", ["", "nova-compute", "=+2h", "nova-compute=", "nova-compute=soon", "nova-compute=+2w"])
def test_what_is_no_time_is_refused_with_what_would_be(text: str) -> None:
    with pytest.raises(UsageError, match="--planned"):
        read_planned([text])


def test_an_option_goes_before_the_configuration(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[planned]\nnova-compute = "2026-03-03T12:00"\nkeystone = "2026-03-03T12:00"\n')
    found = chosen_planned(["keystone=2026-03-03T13:00"], UTC, config)
    assert found["keystone"] - found["nova-compute"] == 3_600.0
