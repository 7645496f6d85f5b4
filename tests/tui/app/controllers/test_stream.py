"""Skipping lines and retrying a stream, without a screen."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.events import Update
from tests.helpers.screen import update
from tests.helpers.view import FakeView, view_of
from tui.app.controllers.stream import StreamController
from tui.app.worker import StreamThread
from tui.session.session import Session


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
