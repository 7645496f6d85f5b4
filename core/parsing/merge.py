"""Several sources into one stream, ordered by their own stamps."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from functools import partial
from itertools import groupby
from typing import Final

from core.events import Continuation, LogEvent, LogLine, Notice
from core.parsing.grouping import Parsed, Parser

HOLD_SECONDS: Final = 0.25

_MAX_ARRIVALS: Final = 10_000
"""Items that may arrive while one is held, whatever its stamp says."""

Merged = LogEvent | Continuation | Notice


class Merger:
    """Holds items of several sources until none older is to be expected, at most `hold` seconds of log time.

    The hold is measured on the stamps, not on a clock, so that the order depends on the items alone. When the log
    is quiet nothing moves its time on: call `flush` then. Items of one source never overtake each other, and equal
    stamps are ordered by source. What comes later than the hold allows follows at once; a source that goes back in
    time has all that is held given first.
    """

    def __init__(self, hold: float = HOLD_SECONDS) -> None:
        if not 0 <= hold <= HOLD_SECONDS:
            raise ValueError(f"hold must be from 0 to {HOLD_SECONDS} s, not {hold}")
        self._hold = hold
        self._waiting: list[tuple[float, str, int, Merged]] = []
        self._latest: dict[str, float] = {}
        self._newest = float("-inf")
        self._arrived = 0

    def push(self, items: Iterable[Merged]) -> list[Merged]:
        """Take items in order of arrival; give those that no other source can come before any more."""
        out: list[Merged] = []
        for item in items:
            stamp = item.timestamp if isinstance(item, LogEvent) else None
            if stamp is not None:
                self._advance(item.source, stamp, out)
            moment = self._latest.get(item.source, self._newest)
            self._arrived += 1
            heapq.heappush(self._waiting, (moment, item.source, self._arrived, item))
            if self._arrived % _MAX_ARRIVALS == 0 and self._is_stuck():
                out += self.flush()
            while self._waiting and (len(self._latest) <= 1 or self._waiting[0][0] <= self._newest - self._hold):
                out.append(heapq.heappop(self._waiting)[3])
        return out

    def push_alone(self, items: Sequence[Merged], source: str) -> Sequence[Merged]:
        """Do what `push` does with items of the only source so far, with less work: nothing can come before them."""
        if self._waiting or not self._latest.keys() <= {source}:
            return self.push(items)
        latest = self._latest.get(source, float("-inf"))
        for item in items:
            stamp = item.timestamp if isinstance(item, LogEvent) else None
            if stamp is not None and not latest - self._hold <= stamp <= latest:
                latest = stamp
        if latest > float("-inf"):
            self._latest[source] = self._newest = latest
        self._arrived += len(items)
        return items

    @property
    def waiting(self) -> Iterator[Merged]:
        """What is held, in no order."""
        return (item for _, _, _, item in self._waiting)

    def flush(self) -> list[Merged]:
        """Give everything that is held: the log has been quiet for the hold, or has ended."""
        return [heapq.heappop(self._waiting)[3] for _ in range(len(self._waiting))]

    def _advance(self, source: str, stamp: float, out: list[Merged]) -> None:
        latest = self._latest.get(source, stamp)
        if stamp < latest - self._hold:
            out += self.flush()
            self._newest = latest = stamp
        self._latest[source] = max(latest, stamp)
        self._newest = max(self._newest, stamp)

    def _is_stuck(self) -> bool:
        """Tell whether an item waits for a time that does not come: its stamp lies in the future of all others."""
        return any(arrived <= self._arrived - _MAX_ARRIVALS for _, _, arrived, _ in self._waiting)


class EventStream:
    """Turns the lines of any number of sources into one stream of events, ordered by their stamps.

    What comes out, and in which order, depends on the order of the lines alone, not on how they are split into calls.
    An event that waits for the next line of its source waits no longer than the hold when other sources go on.
    """

    def __init__(self, zone: tzinfo | None = None, written: Callable[[str], float] | None = None) -> None:
        """Begin a stream; `zone` is the time of stamps without one, the host's unless given.

        `written` says when a source was last written, in seconds since 1970: stamps without a year are no later.
        """
        self._zone, self._written = zone, written
        self._parsers: dict[str, Parser] = {}
        self._merger = Merger()
        self._opened: list[tuple[float, str]] = []
        self._unfinished: set[str] = set()

    def feed(self, items: Iterable[LogLine | Notice]) -> list[Merged]:
        """Take what was read; give what is complete."""
        out: list[Merged] = []
        for (source, is_line), run in groupby(items, lambda item: (item.source, isinstance(item, LogLine))):
            if not is_line:
                out += self._merger.push(item for item in run if isinstance(item, Notice))
                continue
            parser = self._parsers.get(source) or self._begin(source)
            found = parser.feed(item for item in run if isinstance(item, LogLine))
            self._note(source, parser)
            if len(self._parsers) == 1:
                out += self._merger.push_alone(found, source)
                continue
            for item in found:
                if isinstance(item, LogEvent) and item.timestamp is not None:
                    out += self._merger.push(self._overdue(item.timestamp - HOLD_SECONDS, source))
                out += self._merger.push((item,))
            self._remember(source, parser)
        return out

    def quiet(self) -> list[Merged]:
        """Give everything: no line has come for the hold, or none will."""
        self._opened.clear()
        self._unfinished.clear()
        parsers = sorted(self._parsers.values(), key=lambda parser: parser.opened or float("-inf"))
        closed = [event for parser in parsers for event in parser.close()]
        return [*self._merger.push(closed), *self._merger.flush()]

    def waiting(self) -> Iterator[LogEvent | Continuation]:
        """Give what was fed and has not been given yet, in no order: an event may still lack later lines."""
        for source in self._unfinished:
            yield from self._parsers[source].waiting
        yield from (item for item in self._merger.waiting if not isinstance(item, Notice))

    def _begin(self, source: str) -> Parser:
        if len(self._parsers) == 1:
            # alone, the first source had nobody who could overtake it
            for first, parser in self._parsers.items():
                self._remember(first, parser)
        written = None if self._written is None else partial(self._written, source)
        parser = self._parsers[source] = Parser(source, self._zone, written)
        return parser

    def _note(self, source: str, parser: Parser) -> None:
        """Note whether a source has open events: of thousands of sources few have."""
        if parser.waiting:
            self._unfinished.add(source)
        else:
            self._unfinished.discard(source)

    def _remember(self, source: str, parser: Parser) -> None:
        if parser.opened is not None:
            heapq.heappush(self._opened, (parser.opened, source))

    def _overdue(self, moment: float, going_on: str) -> list[Parsed]:
        """Close what was opened at that moment or before by any source but the one that goes on."""
        closed: list[Parsed] = []
        while self._opened and self._opened[0][0] <= moment:
            opened, source = heapq.heappop(self._opened)
            parser = self._parsers[source]
            if parser.opened == opened and source != going_on:
                closed += parser.close()
                self._unfinished.discard(source)
        return closed
