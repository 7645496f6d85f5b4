"""Reading in a thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.errors import SourceError
from core.reading import ReadBatch, in_thread


def test_all_batches_come_in_order() -> None:
    batches = [ReadBatch(behind=number) for number in range(50)]
    assert list(in_thread(batches)) == batches


def test_reading_waits_for_a_slow_consumer() -> None:
    read: list[int] = []

    def batches() -> Iterator[ReadBatch]:
        for number in range(100):
            read.append(number)
            yield ReadBatch(behind=number)

    reader = in_thread(batches(), depth=2)
    next(reader)
    # What was taken, what waits, what is being handed over, and what the generator had begun.
    assert len(read) <= 5
    assert len(list(reader)) == 99


def test_an_error_of_the_reader_is_raised_after_what_it_had_read() -> None:
    def batches() -> Iterator[ReadBatch]:
        yield ReadBatch(behind=1)
        raise SourceError("gone")

    reader = in_thread(batches())
    assert next(reader).behind == 1
    with pytest.raises(SourceError, match="gone"):
        next(reader)


def test_the_reader_is_closed_when_the_consumer_leaves() -> None:
    closed = threading.Event()

    def batches() -> Iterator[ReadBatch]:
        try:
            while True:
                yield ReadBatch()
        finally:
            closed.set()

    reader = in_thread(batches())
    next(reader)
    reader.close()
    assert closed.wait(5)
