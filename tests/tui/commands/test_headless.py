"""`watch --headless`: the stream as JSON lines, ended by its end, a time or a signal."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.decision.mutes import Mutes
from core.errors import UsageError
from core.events import Item, Notice, NoticeKind, Phase, Update
from core.reading import Follower, Start
from tests.helpers.events import notice, scored_event
from tests.helpers.flaky import Failures, FlakyModel
from tests.helpers.lines import oslo
from tui import cli
from tui.commands.choice import ModelChoice
from tui.commands.headless import Until, print_events, print_stream
from tui.commands.tally import Tally

ROOT = Path(__file__).parents[3]


def update(*items: Item, phase: Phase = Phase.LIVE, behind: int = 1) -> Update:
    return Update(tuple(items), phase, 0, 0, behind, None)


@pytest.fixture
def printed() -> Callable[..., tuple[bool, list[dict[str, Any]]]]:
    """Print updates; returns whether something was flagged, and the records."""

    def print_all(updates: Iterable[Update], **options: Any) -> tuple[bool, list[dict[str, Any]]]:
        out = io.BytesIO()
        chosen: dict[str, Any] = {"threshold": 0.5, "flagged_only": False, "until": Until()} | options
        stop = chosen.pop("stop", threading.Event())
        tally = chosen.pop("tally", None) or Tally()
        flagged = print_events(updates, stop, out, mutes=Mutes(), tally=tally, **chosen)
        return flagged, [json.loads(line) for line in out.getvalue().splitlines()]

    return print_all


def test_each_event_is_one_line_and_the_flagged_are_told_apart(printed: Callable[..., Any]) -> None:
    flagged, records = printed([update(scored_event(0.2, seq=1), scored_event(0.9, seq=2))])
    assert flagged
    assert [(record["seq"], record["flagged"]) for record in records] == [(1, False), (2, True)]


def test_what_was_read_back_to_warm_up_is_not_printed(printed: Callable[..., Any]) -> None:
    flagged, records = printed([update(scored_event(0.9), phase=Phase.WARMING_UP), update(scored_event(0.1))])
    assert not flagged
    assert [record["score"] for record in records] == [0.1]


def test_only_flagged_events_when_asked_for(printed: Callable[..., Any]) -> None:
    _, records = printed([update(scored_event(0.2), scored_event(0.9))], flagged_only=True)
    assert [record["score"] for record in records] == [0.9]


def test_a_mute_that_is_added_meanwhile_counts_from_then_on(printed: Callable[..., Any]) -> None:
    def updates() -> Iterable[Update]:
        yield update(scored_event(0.9, seq=1, template="known"))
        Mutes().add("known")
        yield update(scored_event(0.9, seq=2, template="known"))

    _, records = printed(updates())
    assert [record["muted"] for record in records] == [False, True]


def test_a_mute_file_that_is_being_edited_costs_one_line_and_changes_nothing(
    printed: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    mutes = Mutes()
    mutes.add("known")

    def updates() -> Iterable[Update]:
        mutes.path.write_text("[[mute")
        yield update(scored_event(0.9, seq=1, template="known"))
        yield update(scored_event(0.9, seq=2, template="known"))

    _, records = printed(updates())
    assert [record["muted"] for record in records] == [True, True]
    assert capsys.readouterr().err.count("\n") == 1


def test_a_notice_goes_to_standard_error(printed: Callable[..., Any], capsys: pytest.CaptureFixture[str]) -> None:
    _, records = printed([update(notice(source="a.log", text="rotated"))])
    assert records == []
    assert capsys.readouterr().err == "tailsight: a.log: rotated\n"


def test_until_eof_stops_when_nothing_is_left_to_read(printed: Callable[..., Any]) -> None:
    stop = threading.Event()
    printed([update(scored_event(), behind=10)], until=Until.parse("EOF"), stop=stop)
    assert not stop.is_set()
    printed([update(scored_event(), behind=0, phase=Phase.WARMING_UP)], until=Until.parse("EOF"), stop=stop)
    assert not stop.is_set()
    printed([update(scored_event(), behind=0)], until=Until.parse("eof"), stop=stop)
    assert stop.is_set()


def test_the_event_that_was_open_at_the_end_is_printed_too(printed: Callable[..., Any]) -> None:
    _, records = printed(
        [update(scored_event(seq=1), behind=0), update(scored_event(seq=2), phase=Phase.ENDED)],
        until=Until.parse("EOF"),
    )
    assert [record["seq"] for record in records] == [1, 2]


def test_until_a_time_ends_before_the_first_event_of_that_time(printed: Callable[..., Any]) -> None:
    stop = threading.Event()
    events = [scored_event(timestamp=float(second), seq=second) for second in range(100, 200)]
    _, records = printed([update(*events), update(scored_event())], until=Until.parse("1970-01-01T00:02:10"), stop=stop)
    assert [record["seq"] for record in records] == list(range(100, 130))
    assert stop.is_set()


def test_the_last_line_counts_the_events_that_were_printed(
    printed: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    tally = Tally()
    before = update(scored_event(), Notice("a.log", NoticeKind.LOST, "cut off", 9), phase=Phase.WARMING_UP)
    events = [scored_event(timestamp=float(second), seq=second) for second in range(100, 200)]
    printed([before, update(*events)], until=Until.parse("1970-01-01T00:02:10"), tally=tally)

    tally.report()

    last = capsys.readouterr().err.splitlines()[-1]
    assert last == "tailsight: 30 events of 1 source; 9 bytes lost"


def test_a_time_is_read_as_the_stamps_of_the_log_are() -> None:
    assert Until.parse("2026-01-31T12:00") == Until.parse("2026-01-31T12:00:00+00:00")
    assert Until.parse("2026-01-31T13:00", ZoneInfo("Europe/Berlin")) == Until.parse("2026-01-31T12:00:00+00:00")
    with pytest.raises(UsageError, match="noon"):
        Until.parse("noon")


class FlakyChoice(ModelChoice):
    """Chooses a model that fails as planned."""

    flaky = FlakyModel(Failures(scorings={0}, poison={"token-3"}))

    def load(self, *, explain_from: float | None = None, follow: bool = True) -> Any:
        return self.flaky.load()


@pytest.mark.slow
@pytest.mark.timeout(60)
def test_headless_goes_on_after_failures_and_prints_what_always_fails_unscored(
    model: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    log = tmp_path / "a.log"
    stamps = (f"2026-03-03 09:00:{second:02}.000" for second in range(6))
    log.write_text("".join(f"{oslo(f'did token-{number}', stamp=stamp)}\n" for number, stamp in enumerate(stamps)))
    chosen = FlakyChoice(model, "auto", 1, None)
    code = print_stream(
        lambda stop, _: Follower([log], stop, start=Start.START),
        chosen,
        threshold=0.5,
        flagged_only=False,
        until=Until.parse("EOF"),
        strict=False,
        config=None,
    )
    out, err = capfd.readouterr()
    assert code == 0
    records = [json.loads(line) for line in out.splitlines()]
    assert [(record["seq"], record["line"]) for record in records] == [(number, number) for number in range(1, 7)]
    assert [record["state"] for record in records] == ["scored"] * 3 + ["failed"] + ["scored"] * 2
    assert records[3]["score"] is None
    assert err.splitlines()[0] == "tailsight: scoring 0; next try in 1 s"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_headless_to_the_end_of_a_file_prints_what_score_does(
    model: Path, log_lines: list[str], tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    log = tmp_path / "a.log"
    log.write_text("".join(f"{line}\n" for line in log_lines[:80]))
    options = ["--artifacts", str(model), "--threshold", "0.95"]
    cli.run(["score", str(log), *options])
    scored = capfdbinary.readouterr().out
    cli.run(["watch", "--headless", "--from", "start", "--until", "EOF", str(log), *options])
    assert capfdbinary.readouterr().out == scored


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("given", "number", "code"), [("logs/later.log", signal.SIGINT, 130), ("logs", signal.SIGTERM, 143)]
)
def test_a_log_that_comes_later_is_waited_for_and_a_signal_ends_it_in_order(
    model: Path, log_lines: list[str], tmp_path: Path, given: str, number: signal.Signals, code: int
) -> None:
    log = tmp_path / "logs" / "later.log"
    log.parent.mkdir()
    command = [sys.executable, "-m", "tui", "watch", "--headless", str(tmp_path / given), "--artifacts", str(model)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert "waiting" in process.stderr.readline()
        log.write_text("".join(f"{line}\n" for line in log_lines[:5]))
        assert [json.loads(process.stdout.readline())["line"] for _ in range(4)] == [1, 2, 3, 4]
        process.send_signal(number)
        assert [json.loads(line)["line"] for line in process.stdout.read().splitlines()] == [5]
        assert "Traceback" not in process.stderr.read()
    assert process.returncode == code
