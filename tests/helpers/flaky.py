"""A log that is read, and a scoring, that fail where a test says; both note what the laws of the stream speak of."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.events import CalibratedBy, Continuation, Item, LogEvent, LogLine, Notice, Origin, ScoredEvent, State
from core.parsing import Parsed
from core.reading import ReadBatch

TOKEN = re.compile(r"token-\d+")
"""Every line of these tests holds one of its own."""


class BrokenError(Exception):
    """What fails in these tests fails with this."""


def tokens(item: Item | LogLine | LogEvent) -> list[str]:
    """Return the tokens of the lines that are in an item."""
    match item:
        case ScoredEvent():
            return TOKEN.findall(item.event.message)
        case LogEvent():
            return TOKEN.findall(item.message)
        case LogLine():
            return TOKEN.findall(item.text)
        case Continuation():
            return TOKEN.findall(item.line.text)
        case _:
            return []


@dataclass
class Failures:
    """Which calls fail, each counted from 0; the first opening and the first loading do not fail here."""

    openings: set[int] = field(default_factory=set)
    reads: dict[int, int] = field(default_factory=dict)
    """Opening -> batches that it gives before it fails."""
    commits: set[int] = field(default_factory=set)
    loads: set[int] = field(default_factory=set)
    scorings: set[int] = field(default_factory=set)
    poison: set[str] = field(default_factory=set)
    """Tokens of events that fail whenever they are scored."""


class FlakyLog:
    """Lines in the order in which they are read; opened again it gives those that are not committed."""

    def __init__(self, lines: Sequence[LogLine], failures: Failures, *, read_back: int = 0, size: int = 3) -> None:
        self.lines, self.read_back, self.size = lines, read_back, size
        self.quiet_after: set[int] = set()
        """Numbers of lines after which comes an empty batch."""
        self.failures = failures
        self.committed = 0
        self.taken: set[str] = set()
        """What the consumer of the stream has taken."""
        self.violations: list[str] = []
        """Of the law of the stream; not raised, as the stream would recover from it."""
        self.openings = 0
        self._commits = 0

    def open(self, _stop: threading.Event, resume: bool) -> FlakyOpening:
        """Open the log."""
        opening = self.openings
        self.openings += 1
        if opening and opening in self.failures.openings:
            raise BrokenError(f"opening {opening}")
        if not resume:
            self.committed = 0
        return FlakyOpening(self, self.committed, self.failures.reads.get(opening))

    def commit(self, end: int) -> None:
        """Note that all lines before `end` are said to have been dealt with."""
        number = self._commits
        self._commits += 1
        if number in self.failures.commits:
            raise BrokenError(f"commit {number}")
        if end < self.committed:
            self.violations.append("committed out of order")
        if lacking := {token for line in self.lines[:end] for token in tokens(line)} - self.taken:
            self.violations.append(f"committed before it was taken: {lacking}")
        self.committed = end


class FlakyOpening:
    """One opening of such a log."""

    def __init__(self, log: FlakyLog, start: int, batches: int | None) -> None:
        self._log, self._start, self._left = log, start, batches

    def __iter__(self) -> Iterator[ReadBatch]:
        at = self._start
        while at < len(self._log.lines):
            self._count()
            warm_up = at < self._log.read_back
            end = min(at + self._log.size, self._log.read_back if warm_up else len(self._log.lines))
            yield ReadBatch(tuple(self._log.lines[at:end]), warm_up=warm_up, positions=(end,))
            at = end
            if at in self._log.quiet_after and not warm_up:
                self._count()
                yield ReadBatch()

    def commit(self, batch: ReadBatch) -> None:
        """Note how far the stream has come."""
        if batch.positions:
            self._log.commit(*batch.positions)

    def skip_to_end(self) -> None:
        """Leave out what is there."""
        self._log.lines = self._log.lines[:0]

    def _count(self) -> None:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise BrokenError("reading")


class FlakyModel:
    """Scores each event with 0.1, and fails as planned."""

    def __init__(self, failures: Failures) -> None:
        self.failures = failures
        self.failed: Counter[str] = Counter()
        """Token -> failures that its event had part in."""
        self.violations: list[str] = []
        self.loads = 0
        self.scorings = 0

    def load(self) -> FlakyModel:
        """Load the model, or fail."""
        number = self.loads
        self.loads += 1
        if number and number in self.failures.loads:
            raise BrokenError(f"loading {number}")
        return self

    def __call__(self, after: int = 0) -> FlakyScoring:
        return FlakyScoring(self, after)

    def check(self, parsed: Sequence[Parsed]) -> None:
        """Fail, if it is time to."""
        number = self.scorings
        self.scorings += 1
        found = {token for item in parsed if isinstance(item, LogEvent) for token in tokens(item)}
        if number in self.failures.scorings or found & self.failures.poison:
            self.failed.update(found)
            raise BrokenError(f"scoring {number}\nin two lines")


class FlakyScoring:
    """One scoring of such a model; broken after its first failure."""

    fit = 1.0
    calibrated_by = CalibratedBy(Origin.SHIPPED)

    def __init__(self, model: FlakyModel, seq: int) -> None:
        self._model, self._seq = model, seq
        self._is_broken = False

    def score(self, parsed: Sequence[Parsed], /) -> list[Item]:
        """Score what was parsed."""
        if self._is_broken:
            self._model.violations.append("used again after a failure")
        self._is_broken = True
        self._model.check(parsed)
        self._is_broken = False
        return [item if isinstance(item, Continuation | Notice) else self._scored(item) for item in parsed]

    def tick(self, _seconds: float, /) -> list[Item]:
        """Say nothing of silence."""
        return []

    def _scored(self, event: LogEvent) -> ScoredEvent:
        self._seq += 1
        known = event.known_format
        return ScoredEvent(
            self._seq, event, 0.1 if known else None, State.SCORED if known else State.UNKNOWN_FORMAT, ""
        )
