"""The running stream: delivery, commit, restart after a failure, alerts and the end, in one object."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from datetime import tzinfo
from typing import Final, NamedTuple, Protocol

from core.events import CalibratedBy, Item, LogLine, Phase, ScoredEvent, Update
from core.live.backoff import PAUSES, Backoff
from core.live.parts import Part
from core.live.quiet import QuietClock
from core.live.reader import OpenSource, ReaderThread
from core.live.uncommitted import Uncommitted
from core.parsing import EventStream, Parsed
from core.reading import ReadBatch, last_written
from core.support.printable import duration

_MAX_FAILURES: Final = 20
"""Failures in a row after which nothing is expected to work any more, where the stream is to stop: finding the one
event of 2,000 that fails alone takes 14."""


class Scoring(Protocol):
    """What scores the events of one stream; `core.pipeline.Pipeline` is one. It is not used again after a failure."""

    @property
    def fit(self) -> float | None:
        """Share of the recent events whose template is known; None before any event."""
        ...

    @property
    def calibrated_by(self) -> CalibratedBy:
        """Whose calibration makes the scores."""
        ...

    def score(self, parsed: Sequence[Parsed], /) -> list[Item]:
        """Score the next events of the stream, and give them and the rest in order."""
        ...

    def tick(self, seconds: float, /) -> list[Item]:
        """So many seconds have gone by since the last line, and all is read: give what has fallen silent."""
        ...


class BeginScoring(Protocol):
    """Begins to score with a loaded model."""

    def __call__(self, after: int = 0) -> Scoring:
        """Know nothing of the past; number events from `after` + 1."""
        ...


class Listener(Protocol):
    """What follows the stream beside its consumer, such as alerts. It raises nothing."""

    def take(self, update: Update, /) -> None:
        """Take an update, just before the consumer does."""
        ...

    def close(self) -> None:
        """Take note that no update follows."""
        ...


class RunningStream:
    """One stream from its source to its consumer, which goes on after failures. Iterate `updates`.

    The law: whatever fails (the source, the model, the scoring of an event), wherever and however often,

    - every line that the source gives is delivered, in exactly one event or as one late line of an event, and in the
      order in which it would have been delivered without the failure; events are numbered from 1 without a gap;
    - a batch is committed only when the consumer has taken every event that its lines are in, and not before the
      batches that precede it. Taken means that the consumer has asked for the next update;
    - an event that fails whenever it is scored is delivered unscored, in state `failed`. Every other event is scored,
      unless it had part in `ATTEMPTS` failures.

    What failed is tried again after a pause that grows; an update of phase `failed` says why and for how long. A
    scoring that failed is replaced by a new one, which has to warm up. The events that wait stay in memory, so that a
    failure of scoring does not touch the source. A source that failed is opened again after what was committed to it,
    and the lines that it gives once more are left out. Events that fail together `ATTEMPTS` times are taken apart until
    those are found that fail alone. The first opening of the source and the first loading of the model are not tried
    again: their errors are raised, as nothing is lost by that and no pause repairs a path or a file.
    """

    def __init__(
        self,
        open_source: OpenSource,
        load: Callable[[], BeginScoring],
        *,
        listen: Callable[[], Listener] | None = None,
        pauses: tuple[float, ...] = PAUSES,
        zone: tzinfo | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Touch nothing yet.

        `load` loads the model, after the first update has been taken, so that a screen can say what it waits for.
        `listen` makes the listener. Both are called in the thread that iterates. `zone` is the time of stamps without
        one, the host's unless given; `clock` gives the seconds in which silence is counted.
        """
        self._open_source = open_source
        self._load = load
        self._listen = listen
        self._backoff = Backoff(pauses)
        self._reader: ReaderThread | None = None
        self._begin: BeginScoring | None = None
        self._scoring: Scoring | None = None
        self._events = EventStream(zone, last_written)
        self._uncommitted = Uncommitted()
        self._quiet = QuietClock(clock)
        self._parts: deque[Part] = deque()
        """Read and not taken yet, in order."""
        self._is_live = False
        self._has_ended = False
        self._lines = 0
        self._seq = 0
        self._behind = 0
        self._fit: float | None = None
        self._calibrated_by: CalibratedBy | None = None

    def updates(self, stop: threading.Event) -> Generator[Update, None, None]:
        """Follow and score; ends with the source, or soon after `stop` is set, with an update of phase `ended`.

        What was read until then is delivered first, without pauses. After an error another iteration goes on where
        this one broke off.
        """
        if self._listen is None:
            yield from self._iterate(stop)
            return
        with closing(self._listen()) as listener:
            for update in self._iterate(stop):
                listener.take(update)
                yield update

    def skip_to_end(self) -> None:
        """Leave out what has not been read yet, and go on with what comes. From any thread."""
        reader = self._reader
        if reader is not None:
            reader.source.skip_to_end()

    def retry_now(self) -> None:
        """End the pause after a failure. From any thread."""
        self._backoff.retry_now()

    def _iterate(self, stop: threading.Event) -> Iterator[Update]:
        try:
            self._opened(stop)
            yield self._update(Phase.LOADING, detail="loading the model")
            self._begin = self._load()
            yield self._update(Phase.WARMING_UP, detail="reading back")
            while (step := self._step(stop)) is not None:
                if isinstance(step, _Scored):
                    yield self._update_of(step)
                    self._note_taken(step)
                elif not stop.is_set():
                    yield self._update(Phase.FAILED, detail=f"{step.reason}; next try in {duration(step.pause)}")
                    self._backoff.wait(step.pause, stop)
        finally:
            self._scoring = None
            self._close_reader()

    # A step is one attempt: where it fails, the next one finds all that it needs

    def _step(self, stop: threading.Event) -> _Scored | _Failed | None:
        """Read and score the next part; None at the end."""
        while True:
            try:
                part = self._next_part(stop)
            except Exception as error:
                return self._source_failed(error, stop)
            if part is None:
                return None
            if part.is_given_up or part.has_nothing_to_score:
                return _Scored(part, list(part.unscored(self._seq)))
            if (attempt := self._attempt(part, stop)) is not None:
                return attempt

    def _attempt(self, part: Part, stop: threading.Event) -> _Scored | _Failed | None:
        """Score the part; None where it has been taken apart, or given up, for the next attempt."""
        try:
            scoring = self._ready()
        except Exception as error:
            part.is_given_up = stop.is_set()
            return self._failed(error)
        try:
            return _Scored(part, part.scored(scoring.score, scoring.tick))
        except Exception as error:
            self._scoring = None
            if not part.fail():
                return self._failed(error)
        self._backoff.failed()
        if len(part.items) <= 1 or (stop.is_set() and self._backoff.failures > _MAX_FAILURES):
            part.is_given_up = True
        else:
            self._parts.popleft()
            self._parts.extendleft(reversed(part.halves()))
        return None

    def _source_failed(self, error: Exception, stop: threading.Event) -> _Failed | None:
        self._close_reader()
        if self._has_ended:
            return None
        if stop.is_set():
            self._end()
        return self._failed(error)

    def _next_part(self, stop: threading.Event) -> Part | None:
        if not self._parts:
            if self._reader is not None:
                self._uncommitted.commit(self._reader.source, self._events.waiting())
            if self._has_ended:
                return None
            batch = self._opened(stop).next()
            if batch is None:
                self._end()
            else:
                self._parse(batch)
        return self._parts[0]

    def _parse(self, batch: ReadBatch) -> None:
        if not (batch.warm_up or self._is_live):
            self._end_reading_back(batch.behind)
            self._is_live = True
        items = self._uncommitted.add(batch, is_live=self._is_live)
        parsed = self._events.feed(items) if batch.items else self._events.quiet()
        phase = Phase.LIVE if self._is_live else Phase.WARMING_UP
        lines = sum(isinstance(item, LogLine) for item in items)
        quiet_s = self._quiet.sign(lines=len(batch.items), behind=batch.behind) if self._is_live else None
        self._parts.append(Part(parsed, phase, lines, batch.behind, quiet_s))

    def _end(self) -> None:
        self._has_ended = True
        if not self._is_live:
            self._end_reading_back(0)
        self._parts.append(Part(self._events.quiet(), Phase.ENDED))

    def _end_reading_back(self, behind: int) -> None:
        """Close what was read back and is still open, so that it does not pass for new."""
        left = self._events.quiet()
        if left:
            self._parts.append(Part(left, Phase.WARMING_UP, behind=behind))

    def _ready(self) -> Scoring:
        if self._scoring is None:
            self._begin = self._begin or self._load()
            self._scoring = self._begin(self._seq)
        return self._scoring

    def _failed(self, error: Exception) -> _Failed:
        # The model is loaded again: it may be the device that failed.
        self._begin = None
        return _Failed(str(error).partition("\n")[0] or type(error).__name__, self._backoff.failed())

    def _update_of(self, step: _Scored) -> Update:
        part = step.part
        return self._made(tuple(step.items), part.phase, self._lines + part.lines, step.seq(self._seq), part.behind, "")

    def _note_taken(self, step: _Scored) -> None:
        part = step.part
        self._parts.popleft()
        self._lines += part.lines
        self._behind = part.behind
        self._seq = step.seq(self._seq)
        if part.items and not part.is_given_up:
            part.succeed()
            self._backoff.succeeded()

    def _update(self, phase: Phase, *, detail: str) -> Update:
        return self._made((), phase, self._lines, self._seq, self._behind, detail)

    def _made(self, items: tuple[Item, ...], phase: Phase, lines: int, scored: int, behind: int, detail: str) -> Update:
        # Between two scorings the last one's word holds.
        if self._scoring is not None:
            self._fit, self._calibrated_by = self._scoring.fit, self._scoring.calibrated_by
        return Update(items, phase, lines, scored, behind, self._fit, detail, self._calibrated_by)

    def _opened(self, stop: threading.Event) -> ReaderThread:
        if self._reader is None:
            self._reader = ReaderThread(self._open_source(stop, self._is_live))
        return self._reader

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
            self._uncommitted.source_closed()


class _Scored(NamedTuple):
    part: Part
    items: list[Item]

    def seq(self, before: int) -> int:
        """Return the number of its last event; `before` where it has none."""
        return next((item.seq for item in reversed(self.items) if isinstance(item, ScoredEvent)), before)


class _Failed(NamedTuple):
    reason: str
    pause: float
