"""What an operator has said of templates: read from a file, and honoured by the flagging decision."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from core.decision.flagging import FlaggingPolicy
from core.decision.verdicts import VerdictKind, Verdicts, verdicts_path
from core.errors import ConfigError
from core.export.eventjson import event_record
from core.templates import stable_hash
from tests.helpers.events import scored_event

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "verdicts.toml"


def verdicts(path: Path, text: str) -> Verdicts:
    path.write_text(text)
    return Verdicts(path, clock=lambda: NOW)


def said(path: Path, text: str, *, template: str = "noise", service: str = "nova-api") -> VerdictKind | None:
    verdict_of = verdicts(path, text).predicate()
    return verdict_of(scored_event(0.9, template=template, service=service)) if verdict_of else None


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ('template = "noise"\nverdict = "normal"', VerdictKind.NORMAL),
        ('template = "noise"\nverdict = "real"', VerdictKind.REAL),
        ('template = "other"\nverdict = "real"', None),
        (f'hash = "{stable_hash("noise"):016x}"\nverdict = "real"', VerdictKind.REAL),
        ('template = "noise"\nverdict = "normal"\nservice = "nova-api"\nnote = "CHG-1"', VerdictKind.NORMAL),
        ('template = "noise"\nverdict = "normal"\nservice = "glance-api"', None),
        ('template = "noise"\nverdict = "normal"\nuntil = 2026-01-31T12:00:01Z', VerdictKind.NORMAL),
        ('template = "noise"\nverdict = "normal"\nuntil = 2026-01-31T12:00:00Z', None),
        ('template = "noise"\nverdict = "normal"\nuntil = 2026-01-31\nsince = 2026-01-01', VerdictKind.NORMAL),
        ('template = "noise"\nverdict = "normal"\nuntil = 2026-01-30', None),
    ],
)
def test_which_verdict_an_event_has(path: Path, text: str, verdict: VerdictKind | None) -> None:
    assert said(path, f"[[verdict]]\n{text}\n") == verdict


def test_that_of_the_service_comes_before_that_of_all(path: Path) -> None:
    text = '[[verdict]]\ntemplate = "noise"\nverdict = "{}"\n'
    both = text.format("real") + text.format("normal") + 'service = "nova-api"\n'
    assert said(path, both) == VerdictKind.NORMAL
    assert said(path, both, service="glance-api") == VerdictKind.REAL


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ('[[verdict]]\ntemplate = "noise"\n', "", 'must be "normal" or "real"'),
        ('[[verdict]]\ntemplate = "noise"\nverdict = "usual"\n', ":3:11", 'must be "normal" or "real"'),
        ('[[verdict]]\nverdict = "real"\n', ":1:1", "needs a template"),
        ('[[verdict]]\ntemplate = "a"\nhash = "0a"\nverdict = "real"\n', "", "or its hash instead"),
        ('[[verdict]]\nhash = "xyz"\nverdict = "real"\n', ":2:8", "hexadecimal"),
        ('[[verdict]]\ntemplate = 5\nverdict = "real"\n', ":2:12", "a text in quotes"),
        ('[[verdict]]\ntemplate = "a"\nverdict = "normal"\nuntil = "soon"\n', ":4:9", "must be a date"),
        ('[[verdict]]\ntemplate = "a"\nverdict = "real"\nuntil = 2026-01-01\n', ":4:9", 'only "normal"'),
        ('[[verdict]]\ntemplate = "a"\nverdict = "real"\nwhy = "x"\n', ":4:7", "has no 'why'"),
        ("verdict = 5\n", ":1:11", "[[verdict]]"),
        ("[[mute]]\n", ":1:1", "means nothing here"),
        ("[[verdict]\n", "", "not valid TOML"),
    ],
)
def test_a_file_with_an_error_is_one_line_that_says_where(path: Path, text: str, where: str, what: str) -> None:
    with pytest.raises(ConfigError) as caught:
        verdicts(path, text)
    assert str(caught.value).startswith(f"{path}{where}")
    assert what in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_named_has_to_exist(path: Path) -> None:
    with pytest.raises(ConfigError, match="--verdicts"):
        Verdicts(path)


def test_without_a_file_there_are_no_verdicts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert Verdicts().predicate() is None
    assert verdicts_path().parent == tmp_path / "tailsight"


def test_a_changed_file_is_read_again_and_a_bad_one_changes_nothing(path: Path) -> None:
    kept = verdicts(path, '[[verdict]]\ntemplate = "noise"\nverdict = "normal"\n')
    assert len(kept) == 1
    assert not kept.reload()
    path.write_text("[[verdict]\n")
    with pytest.raises(ConfigError):
        kept.reload()
    assert kept.predicate() is not None
    path.unlink()
    assert kept.reload()
    assert kept.all() == ()


def test_the_times_are_those_of_the_host_where_they_name_no_zone(path: Path) -> None:
    text = '[[verdict]]\ntemplate = "a"\nverdict = "normal"\nuntil = {}\nsince = 2026-01-01T10:00:00\n'
    (verdict,) = verdicts(path, text.format("2026-01-31")).all()
    assert verdict.until is not None
    assert verdict.since == datetime(2026, 1, 1, 10).astimezone()
    assert verdict.until.astimezone().date() == date(2026, 1, 31) + timedelta(days=1)


@pytest.mark.parametrize(("verdict", "alerting"), [(None, True), (VerdictKind.REAL, True), (VerdictKind.NORMAL, False)])
def test_what_is_normal_here_does_not_alert_and_is_not_called_muted(
    verdict: VerdictKind | None, alerting: bool
) -> None:
    policy, event = FlaggingPolicy(0.5, None, lambda _: verdict), scored_event(0.9)
    assert policy.is_alerting(event) == policy.flag(event).alerting == alerting
    record = event_record(event, policy)
    assert (record["flagged"], record["muted"]) == (True, False)
    assert record["verdict"] == (None if verdict is None else verdict.value)
