"""Copy, export, stream and usage without a screen."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import OutputError, UsageError
from core.events import Update
from core.export.document import Model
from tests.helpers.events import notice, scored_event
from tests.helpers.screen import some_events, update
from tests.helpers.view import FakeView, view_of
from tui.app.controllers.clipboard import ClipboardController
from tui.app.controllers.export import ExportController
from tui.app.controllers.stream import StreamController
from tui.app.controllers.usage import UsageController
from tui.app.worker import StreamThread
from tui.process.usage import Usage, UsageMeter
from tui.session.session import Session


def test_an_event_is_copied_with_all_its_lines_and_without_controls() -> None:
    session, view = view_of([scored_event(message="first\n  second\x1b[2J"), notice("/l/a.log", "rotated")])
    clipboard = ClipboardController(session, view)
    clipboard.copy()
    assert (view.copied, view.message) == ("/l/a.log: rotated", "copied 1 line")
    view.table.move_to(0)
    clipboard.copy()
    assert view.copied.split("\n")[1:] == ["  second\\x1b[2J"]
    assert view.message == "copied 2 lines"


def test_an_empty_table_has_nothing_to_copy() -> None:
    session, view = view_of([])
    ClipboardController(session, view).copy()
    assert (view.copied, view.message) == ("", "")


def test_an_export_writes_the_selection_to_a_new_file_only(tmp_path: Path) -> None:
    session, view = view_of(some_events(50))
    ExportController(session, view, Model("abc", 7)).ask()
    assert view.question is not None
    assert view.question.label == "export flagged (5) to"
    view.answer(str(tmp_path / "out.json"))
    assert len(json.loads((tmp_path / "out.json").read_text())["events"]) == 5
    assert view.notification == f"exported: 5 events in {tmp_path / 'out.json'}"
    with pytest.raises(OutputError, match="exists already"):
        view.answer(str(tmp_path / "out.json"))
    with pytest.raises(UsageError, match="type the name of a file"):
        view.answer("  ")


def test_tab_goes_through_the_selections(tmp_path: Path) -> None:
    session, view = view_of(some_events(50))
    ExportController(session, view, Model("", 0)).ask()
    labels = []
    for _ in range(5):
        assert view.question is not None
        assert view.question.alternative is not None
        view.ask(view.question.alternative())
        labels.append(view.question.label)
    assert labels[3] == "export flagged (5) to"
    assert len(set(labels)) == 4
    with pytest.raises(UsageError, match="nothing to export: no event is"):
        view.answer(str(tmp_path / "out.json"))


def test_usage_is_measured_only_while_it_is_shown() -> None:
    _, view = view_of([])
    clock = iter(range(100))
    meter = UsageMeter(lambda: float(next(clock)), lambda: 0.0, lambda: 5)
    controller = UsageController(view, meter)
    controller.toggle()
    assert [view.usage] == [Usage(0.0, 5)]
    controller.toggle()
    assert view.usage is None
    assert view.timers[0].stopped


class Streams:
    """Makes threads of a stream that fails at once."""

    def __init__(self) -> None:
        self.made = 0

    def make(self) -> StreamThread:
        self.made += 1
        return StreamThread(self.updates, lambda _message: None, lambda: 0)

    def updates(self, stop: threading.Event) -> Iterator[Update]:
        yield update([])
        raise ValueError("the model is broken")


@pytest.fixture
def parts() -> tuple[Session, FakeView]:
    return view_of([])


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_failed_stream_is_replaced_by_a_retry(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    streams = Streams()
    stream = StreamController(session, view, streams.make)
    stream.start()
    stream.retry()
    assert (streams.made, view.message) == (1, "scoring has not stopped; there is nothing to retry")
    stream.join()
    session.stop("ValueError: the model is broken")
    stream.retry()
    assert (streams.made, session.failure) == (2, "")
    stream.join()


def test_a_stream_that_recovers_by_itself_retries_at_once(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    retried: list[bool] = []
    going = threading.Event()

    def updates(stop: threading.Event) -> Iterator[Update]:
        yield update([])
        going.set()
        stop.wait()

    def make() -> StreamThread:
        return StreamThread(updates, lambda _message: None, lambda: 0)

    stream = StreamController(session, view, make, retry_now=lambda: retried.append(True))
    stream.start()
    going.wait()
    session.failure = "the device is gone; next try in 15 s"
    stream.retry()
    assert (retried, view.message) == ([True], "trying again")
    stream.join()


def test_an_input_that_cannot_be_skipped_says_so(parts: tuple[Session, FakeView]) -> None:
    session, view = parts
    StreamController(session, view, Streams().make).skip()
    assert view.message == "this input cannot be skipped"
