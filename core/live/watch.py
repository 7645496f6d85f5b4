"""The loop that every front end iterates: batches in, scored updates out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from core.errors import SourceError
from core.events import Item, Update
from core.pipeline import Pipeline, Prepared, Scores
from core.reading import ReadBatch


def watch(
    batches: Iterable[ReadBatch],
    load: Callable[[], Callable[[], Pipeline]],
    *,
    done: Callable[[ReadBatch], None] = lambda _: None,
    ahead: int = 0,
) -> Iterator[Update]:
    """Score a stream as it is read: the loop that every front end iterates, in its worker thread.

    `load` is called after the first update has been taken, so that a screen can say what it waits for. `done` is told
    each batch whose events have been taken: only then has it been processed. Ends with the batches. While the network
    works on a batch, the next `ahead` are prepared: scores come later then, and more of them.
    """
    yield Update((), "loading", 0, 0, 0, None, "loading the model")
    pipeline = load()()
    lines = 0
    phase = "warming_up"
    yield Update((), phase, 0, 0, 0, None, "reading back")
    open_batch: ReadBatch | None = None
    for batch, items in _scored_batches(batches, pipeline, ahead):
        lines += batch.lines
        if not batch.warm_up:
            phase = "live"
        yield Update(tuple(items), phase, lines, pipeline.scored, batch.behind, pipeline.fit)
        # The last event of a batch is open until the next one brings a new record, or none for a while.
        if open_batch is not None:
            done(open_batch)
        open_batch = batch if batch.items else None
        if not batch.items:
            done(batch)
    yield Update(tuple(pipeline.quiet()), "ended", lines, pipeline.scored, 0, pipeline.fit)
    if open_batch is not None:
        done(open_batch)


def _scored_batches(
    batches: Iterable[ReadBatch], pipeline: Pipeline, ahead: int
) -> Iterator[tuple[ReadBatch, list[Item]]]:
    """Give each batch with what it brings; the network works in a thread of its own while the next are prepared."""
    waiting: deque[tuple[ReadBatch, Prepared, Future[Scores | None]]] = deque()
    network = ThreadPoolExecutor(1, "network")

    def next_finished() -> tuple[ReadBatch, list[Item]]:
        batch, prepared, scores = waiting.popleft()
        return batch, pipeline.finish(prepared, scores.result())

    failure: SourceError | None = None
    try:
        try:
            for batch in batches:
                prepared = pipeline.prepare(batch.items or None)
                waiting.append((batch, prepared, network.submit(pipeline.judge, prepared)))
                if len(waiting) > ahead:
                    yield next_finished()
        except SourceError as error:
            failure = error  # what was read before is given first
        while waiting:
            yield next_finished()
    finally:
        network.shutdown(cancel_futures=True)
    if failure is not None:
        raise failure
