"""The one place where the stations are joined: lines in, scored and explained events out.

`watch` is what every front end iterates, the app's worker as well as `--headless`: it loads the model, feeds what is
read, and closes events when the log is quiet.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from core.events import Continuation, Item, LogEvent, LogLine, Notice, ScoredEvent, State, Update
from core.features import FeatureExtractor
from core.parsing import Merger, Parser
from core.templates import MessageFacts, Templater

if TYPE_CHECKING:
    from core.baseline import Usual
    from core.explain import Explainer
    from core.reading import ReadBatch
    from core.scoring import Scorer

_FIT_EVENTS = 1_000
"""Events over which the model's fit is told."""


class HasIsSet(Protocol):
    """Anything that can say that it is time to stop; a `threading.Event` is one."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


class Pipeline:
    """All that one stream of log lines needs from parsing to reasons. One per stream, used by one thread."""

    def __init__(self, usual: Usual, scorer: Scorer, explainer: Explainer) -> None:
        self._parsers: dict[str, Parser] = {}
        self._merger = Merger()
        self._templater = Templater()
        self._extractor = FeatureExtractor(usual)
        self._scorer = scorer
        self._explainer = explainer
        self._seq = 0
        self._recent: deque[tuple[int, int]] = deque()
        self._known = 0
        self._total = 0

    @property
    def scored(self) -> int:
        """Events scored so far."""
        return self._seq

    @property
    def fit(self) -> float | None:
        """Share of the recent events whose template the baseline knows; None before any event."""
        return self._known / self._total if self._total else None

    def feed(self, items: Iterable[LogLine | Notice]) -> list[Item]:
        """Take what was read; give the events that it closes, scored, and the notices, in order."""
        parsed: list[LogEvent | Continuation | Notice] = []
        lines: list[LogLine] = []
        source = ""
        for item in items:
            if isinstance(item, LogLine):
                if item.source != source:
                    self._parse(source, lines, parsed)
                    source, lines = item.source, []
                lines.append(item)
            else:
                self._parse(source, lines, parsed)
                lines = []
                parsed.append(item)
        self._parse(source, lines, parsed)
        return self._score(self._merger.push(parsed))

    def quiet(self) -> list[Item]:
        """No line has come for a while: close what is open and give it."""
        closed = [event for parser in self._parsers.values() for event in parser.close()]
        return self._score([*self._merger.push(closed), *self._merger.flush()])

    def _parse(self, source: str, lines: list[LogLine], out: list[LogEvent | Continuation | Notice]) -> None:
        if lines:
            parser = self._parsers.get(source)
            if parser is None:
                parser = self._parsers[source] = Parser(source)
            out.extend(parser.feed(lines))

    def _score(self, items: Sequence[LogEvent | Continuation | Notice]) -> list[Item]:
        events = [item for item in items if isinstance(item, LogEvent) and item.known_format]
        facts = [self._templater.facts(event.logger, event.head) for event in events]
        scored = iter(self._score_events(events, facts)) if events else iter(())
        out: list[Item] = []
        for item in items:
            if not isinstance(item, LogEvent):
                out.append(item)
            elif item.known_format:
                out.append(next(scored))
            else:
                self._seq += 1
                out.append(ScoredEvent(self._seq, item, None, State.UNKNOWN_FORMAT, ""))
        return out

    def _score_events(self, events: list[LogEvent], facts: list[MessageFacts]) -> list[ScoredEvent]:
        raise NotImplementedError
