from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.decision.mutes import Mutes
from core.errors import ConfigError, OutputError
from tests.helpers.events import notice, scored_event

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tailsight" / "mutes.toml"


def test_without_a_file_nothing_is_muted(path: Path) -> None:
    mutes = Mutes(path)
    assert len(mutes) == 0
    assert not mutes.muted("noise", "nova-api")
    assert mutes.predicate() is None
    assert not path.exists()


def test_a_mute_holds_in_every_run(path: Path) -> None:
    Mutes(path).add("noise", reason="known, CHG-1")
    again = Mutes(path)
    assert again.muted("noise", "nova-api")
    assert not again.muted("other", "nova-api")
    assert [mute.reason for mute in again.all()] == ["known, CHG-1"]


def test_a_mute_can_be_for_one_service(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("noise", service="nova-api")
    assert mutes.muted("noise", "nova-api")
    assert not mutes.muted("noise", "nova-compute")


def test_a_mute_ends_when_it_expires(path: Path) -> None:
    clock = Clock()
    mutes = Mutes(path, clock=clock)
    mutes.add("noise", expires=NOW + HOUR)
    assert mutes.muted("noise", "")
    assert mutes.next_expiry() == NOW + HOUR
    clock.now = NOW + HOUR
    assert not mutes.muted("noise", "")
    assert mutes.muted("noise", "", now=NOW)
    assert mutes.predicate() is None
    assert mutes.next_expiry() is None
    assert len(mutes) == 1


def test_an_expired_mute_of_a_service_leaves_the_one_for_all(path: Path) -> None:
    clock = Clock()
    mutes = Mutes(path, clock=clock)
    mutes.add("noise")
    mutes.add("noise", service="nova-api", expires=NOW + HOUR)
    clock.now = NOW + 2 * HOUR
    assert mutes.muted("noise", "nova-api")


def test_the_predicate_says_what_muted_says(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("a")
    mutes.add("b", service="nova-api")
    is_muted = mutes.predicate()
    assert is_muted is not None
    for template in "abc":
        for service in ("nova-api", "nova-compute"):
            event = scored_event(template=template, service=service)
            assert is_muted(event) == mutes.muted(template, service)


def test_events_are_counted_by_the_mute_that_covers_them(path: Path) -> None:
    mutes = Mutes(path)
    everywhere = mutes.add("a")
    here = mutes.add("a", service="nova-api")
    rows = [scored_event(template="a", service=service) for service in ("nova-api", "nova-api", "heat")]
    assert mutes.count([*rows, scored_event(template="b"), notice()]) == {here: 2, everywhere: 1}


def test_undo_takes_back_one_change_after_the_other(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("a")
    mutes.add("b")
    mutes.remove("a")
    seen = [[mute.template for mute in mutes.all()]]
    while mutes.undo():
        seen.append([mute.template for mute in Mutes(path).all()])
    assert seen == [["b"], ["a", "b"], ["a"], []]


def test_a_mute_of_the_same_template_and_service_is_replaced(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("a", reason="old")
    mutes.add("a", reason="new")
    assert [mute.reason for mute in mutes.all()] == ["new"]


def test_removing_what_is_not_there_changes_nothing(path: Path) -> None:
    mutes = Mutes(path)
    assert not mutes.remove("a")
    assert not mutes.undo()
    assert not path.exists()


def test_what_somebody_else_wrote_meanwhile_is_kept(path: Path) -> None:
    mine, theirs = Mutes(path), Mutes(path)
    mine.add("mine")
    theirs.add("theirs")
    mine.add("mine too")
    assert [mute.template for mute in Mutes(path).all()] == ["mine", "theirs", "mine too"]
    while mine.undo():
        pass
    assert [mute.template for mute in Mutes(path).all()] == ["theirs"]


def test_undo_brings_back_the_mute_that_was_replaced(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("a", reason="old")
    mutes.add("a", reason="new")
    mutes.undo()
    assert [mute.reason for mute in Mutes(path).all()] == ["old"]


def test_a_changed_file_is_read_again(path: Path) -> None:
    mutes = Mutes(path)
    assert not mutes.reload()
    Mutes(path).add("a")
    assert mutes.reload()
    assert not mutes.reload()
    assert mutes.muted("a", "")
    path.unlink()
    assert mutes.reload()
    assert len(mutes) == 0


@settings(max_examples=30)
@given(
    template=st.text(min_size=1),
    service=st.text(),
    reason=st.text(),
    expires=st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_any_text_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, template: str, service: str, reason: str, expires: datetime | None
) -> None:
    path = tmp_path_factory.mktemp("mutes") / "mutes.toml"
    mutes = Mutes(path)
    mutes.add(template, service=service, reason=reason, expires=expires)
    assert Mutes(path).all() == mutes.all()


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[[mute]]\ntemplate = 3\n", "2:12", "template must be a text in quotes"),
        ('[[mute]]\ntemplate = "a"\n\n[[mute]]\ntemplate = "b"\nexpires = "soon"\n', "6:11", "expires must be a time"),
        ('[[mute]]\nservice = "a"\n', "1:1", "a mute needs a template"),
        ('[[mute]]\ntemplate = "a"\nuntil = 3\n', "3:9", "a mute has no 'until'"),
        ("mute = 3\n", "1:8", r"written as \[\[mute\]\] tables"),
        ('[[mutes]]\ntemplate = "a"\n', "1:1", "'mutes' means nothing here"),
        ("[[mute]]\ntemplate = ", "2:12", "not valid TOML"),
    ],
)
def test_a_bad_file_is_one_line_with_its_position(path: Path, text: str, where: str, what: str) -> None:
    path.parent.mkdir()
    path.write_text(text)
    with pytest.raises(ConfigError, match=what) as caught:
        Mutes(path)
    assert str(caught.value).startswith(f"{path}:{where}: ")
    assert "\n" not in str(caught.value)


def test_a_file_that_goes_bad_meanwhile_is_said_once_and_mutes_stay(path: Path) -> None:
    mutes = Mutes(path)
    mutes.add("a")
    path.write_text("[[mute]]\ntempl")
    with pytest.raises(ConfigError, match="not valid TOML"):
        mutes.reload()
    assert not mutes.reload()
    assert mutes.muted("a", "")
    for change in (lambda: mutes.add("b"), lambda: mutes.remove("a"), mutes.undo):
        with pytest.raises(ConfigError, match="not valid TOML"):
            change()
    assert path.read_text() == "[[mute]]\ntempl"
    path.write_text("")
    mutes.add("b")
    assert mutes.muted("b", "")


def test_a_time_without_a_zone_is_local(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('[[mute]]\ntemplate = "a"\nexpires = 2026-01-31T12:00:00\n')
    (mute,) = Mutes(path).all()
    assert mute.expires is not None
    assert mute.expires.tzinfo is not None


def test_a_file_that_is_no_text_is_said(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        Mutes(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigError, match="cannot read"):
        Mutes(path)


def test_a_folder_that_cannot_be_made_is_said_and_nothing_changes(tmp_path: Path) -> None:
    mutes = Mutes(tmp_path / "taken" / "mutes.toml")
    (tmp_path / "taken").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*taken: it is not a folder"):
        mutes.add("a")
    assert len(mutes) == 0
    assert not mutes.undo()
