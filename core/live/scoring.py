"""Batches to scored events, from the first to the last, without recovery: what scores whole files."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from core.errors import SourceError
from core.events import Item
from core.pipeline import Pipeline, Prepared, Scores
from core.reading import ReadBatch


def score_batches(batches: Iterable[ReadBatch], pipeline: Pipeline, *, ahead: int = 0) -> Iterator[list[Item]]:
    """Score a log to its end; yield what each batch brings, and what the end closes.

    With `ahead`, the network works in a thread of its own while the next `ahead` batches are prepared: scores come
    later then, and more of them. What fails is raised, a SourceError after what was read before it.
    """
    if ahead:
        yield from _overlapping(batches, pipeline, ahead)
    else:
        for batch in batches:
            yield pipeline.score(pipeline.parse(batch.items or None))
    yield pipeline.quiet()


def _overlapping(batches: Iterable[ReadBatch], pipeline: Pipeline, ahead: int) -> Iterator[list[Item]]:
    waiting: deque[tuple[Prepared, Future[Scores | None]]] = deque()
    network = ThreadPoolExecutor(1, "network")

    def next_finished() -> list[Item]:
        prepared, scores = waiting.popleft()
        return pipeline.finish(prepared, scores.result())

    failure: SourceError | None = None
    try:
        try:
            for batch in batches:
                prepared = pipeline.prepare(pipeline.parse(batch.items or None))
                waiting.append((prepared, network.submit(pipeline.judge, prepared)))
                if len(waiting) > ahead:
                    yield next_finished()
        except SourceError as error:
            failure = error
        while waiting:
            yield next_finished()
    finally:
        network.shutdown(cancel_futures=True)
    if failure is not None:
        raise failure
