"""The clock of a running stream: silence is told without a further line, and only where it was one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence

import pytest

from core.decision.silences import SilenceFinder, told
from core.events import CalibratedBy, Item, LogEvent, LogLine, Origin, Phase, ScoredEvent, State
from core.features.watches import Silence
from core.live.quiet import QuietClock
from core.live.stream import RunningStream
from core.parsing import Parsed
from core.reading import ReadBatch
from core.templates import Templater
from tests.helpers.lines import oslo


class Clock:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("signs", "quiet"),
    [
        pytest.param([(1, 0, 0), (1, 1, 0), (1, 0, 0), (1, 0, 0)], [1.0, 2.0], id="counts from the last line"),
        pytest.param([(1, 1, 0), (1, 0, 0), (9, 0, 0)], [], id="nothing before a line came to what had been read"),
        pytest.param([(1, 0, 0), (1, 1, 0), (1, 0, 50), (1, 0, 0)], [1.0], id="nothing while something is behind"),
        pytest.param([(1, 0, 0), (1, 1, 0), (3_600, 0, 0)], [2.0], id="nothing while the reader stood still"),
    ],
)
def test_quiet_time(signs: Sequence[tuple[float, int, int]], quiet: list[float]) -> None:
    clock = Clock()
    counted = QuietClock(clock)
    found = []
    for seconds, lines, behind in signs:
        clock.now += seconds
        found.append(counted.sign(lines=lines, behind=behind))
    assert [one for one in found if one is not None] == quiet


class Scoring:
    """Scores nothing but silences."""

    fit = 1.0
    calibrated_by = CalibratedBy(Origin.SHIPPED)

    def __init__(self, after: int = 0) -> None:
        self._seq, self._templater, self._finder = after, Templater(), SilenceFinder()

    def score(self, parsed: Sequence[Parsed], /) -> list[Item]:
        """Score what was parsed."""
        events = [item for item in parsed if isinstance(item, LogEvent)]
        found = self._finder.follow(events, [self._templater.facts(one.logger, one.head) for one in events])
        out: list[Item] = []
        for place, event in enumerate(events):
            out += [self._told(one) for one in found.get(place, ())]
            self._seq += 1
            out.append(ScoredEvent(self._seq, event, 0.1, State.SCORED, ""))
        return out

    def tick(self, seconds: float, /) -> list[Item]:
        """Give what has fallen silent."""
        return [self._told(one) for one in self._finder.quiet(seconds)]

    def _told(self, one: object) -> Item:
        assert isinstance(one, Silence)
        self._seq += 1
        return told(one, self._seq)


def lines_of(count: int) -> list[LogLine]:
    texts = [oslo("Auditing resources", stamp=f"2026-03-03 09:{number:02}:00.000") for number in range(count)]
    return [LogLine("nova-compute.log", number, 0, len(text) + 1, text) for number, text in enumerate(texts, 1)]


class Log:
    """A log that is read to its end, goes on for a while, and then is quiet for some seconds of a clock."""

    def __init__(self, clock: Clock, lines: list[LogLine], live: int, quiet_s: int, *, behind: int = 0) -> None:
        self._clock, self._lines, self._live, self._quiet_s, self._behind = clock, lines, live, quiet_s, behind

    def __iter__(self) -> Iterator[ReadBatch]:
        old, new = (self._lines[: -self._live], self._lines[-self._live :]) if self._live else (self._lines, [])
        yield ReadBatch(tuple(old))
        yield ReadBatch()
        for line in new:
            yield ReadBatch((line,))
        for _ in range(self._quiet_s):
            yield ReadBatch(behind=self._behind)

    def commit(self, batch: ReadBatch) -> None:
        """Commit nothing."""

    def skip_to_end(self) -> None:
        """Skip nothing."""


def watched(log: Log, clock: Callable[[], float]) -> list[ScoredEvent]:
    """What a running stream says that no line said."""
    stream = RunningStream(lambda _stop, _resume: log, lambda: Scoring, clock=clock)
    found = []
    for update in stream.updates(threading.Event()):
        items = [item for item in update.items if isinstance(item, ScoredEvent) and not item.event.line]
        assert not items or update.phase is Phase.LIVE
        found += items
    return found


class Ticking(Clock):
    """A second goes by at each look."""

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def test_what_stays_away_is_told_while_nothing_is_read() -> None:
    clock = Ticking()
    (silence,) = watched(Log(clock, lines_of(40), live=1, quiet_s=300), clock)
    assert silence.event.message.startswith("nova-compute: no line for ")
    assert silence.seq == 41
    assert (silence.event.timestamp or 0.0) - 1_772_530_740.0 < 300.0


@pytest.mark.parametrize(
    "log",
    [
        pytest.param({"live": 1, "quiet_s": 60}, id="for a period"),
        pytest.param({"live": 0, "quiet_s": 300}, id="of a file that nobody writes to"),
        pytest.param({"live": 1, "quiet_s": 300, "behind": 7}, id="while something is behind"),
    ],
)
def test_nothing_is_silent(log: dict[str, int]) -> None:
    clock = Ticking()
    assert watched(Log(clock, lines_of(40), **log), clock) == []
