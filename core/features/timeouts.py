"""Requests and instances after which no event came in time, where one always does."""

from __future__ import annotations

from collections import deque
from functools import partial
from heapq import heappop, heappush
from math import expm1, log1p, nan
from typing import Final, NamedTuple

from core import schema
from core.baseline import Chains, CompiledBaseline
from core.baseline.chains import LastEvent
from core.events import LogEvent
from core.features.wording import ReasonText, requests, three_digits
from core.schema import WINDOW_SECONDS
from core.support.bounded import LIMIT

_FOLLOWED: Final = 3
"""Times that an event must have followed a template in this stream before a timeout of it is novel."""
_SELDOM: Final = 0.05
"""Share of a template's occurrences that may time out before one more is not novel."""
_REPEATED: Final = 3
"""Events within five minutes that find a novel timeout, from which it is no coincidence."""
_OVERDUE: Final = schema.feature("overdue_requests")


class Timeouts(NamedTuple):
    """What has timed out when an event comes."""

    overdue_requests: float
    timed_out: int
    """Requests and instances found by this event."""
    oldest_s: float
    """Seconds since the last event of the first of them; nan where there is none."""
    repeated: int
    """Events within five minutes that found a novel timeout, where this one did and they are too many; else 0."""


NO_TIMEOUTS: Final = Timeouts(0.0, 0, nan, 0)
_new = partial(tuple.__new__, Timeouts)


class TimeoutTracker:
    """The requests and instances of one stream that wait for their next event.

    Time alone changes this state: `advance` has to be called with the time of an event before it is learned.
    """

    __slots__ = ("_baseline", "_due", "_found", "_novel", "_rates", "_seq")

    def __init__(self, baseline: CompiledBaseline) -> None:
        self._baseline = baseline
        self._seq = 0
        self.restart()

    def restart(self) -> None:
        """Wait for nothing: the stream begins, or the clock was set back."""
        self._due: list[tuple[float, int, int, str, str, LastEvent]] = []
        """When each is due; a number that orders equal ones; template; request or instance; its event."""
        self._rates: dict[int, FollowRate] = {}
        """By template: of those that the baseline times."""
        self._found: deque[float] = deque(maxlen=LIMIT)
        """Seconds at which timeouts of the last five minutes were found."""
        self._novel: deque[float] = deque(maxlen=LIMIT)
        """Seconds of the events of the last five minutes that found a novel one."""

    def advance(self, chains: Chains, at: float) -> Timeouts:
        """Find what has timed out by second `at`, which is that of the next event."""
        due, found = self._due, self._found
        while found and found[0] < at - WINDOW_SECONDS:
            found.popleft()
        timed_out, oldest_s, is_novel = 0, nan, False
        while due and due[0][0] < at:
            _, _, template, request, instance, last = heappop(due)
            rate = self._rates.get(template)
            if rate is None:
                rate = self._rates[template] = FollowRate()
            if not chains.is_last(last, request=request, instance=instance):
                rate.followed += 1
                continue
            is_novel |= rate.time_out(at)
            oldest_s = oldest_s if timed_out else at - last[0]
            timed_out += 1
        if timed_out:
            found.extend([at] * timed_out)
        elif not found:
            return NO_TIMEOUTS
        overdue = _OVERDUE.clip(log1p(len(found)) / 3.0)
        return _new((overdue, timed_out, oldest_s, self._repeated(at) if is_novel else 0))

    def learn(self, event: LogEvent, template: int, last: LastEvent, at: float) -> None:
        """Take in an event at second `at`: its request and its instance have to go on within what is usual of it.

        `last` is the event as its chains keep it.
        """
        by_request, by_instance = self._baseline.request_timeouts, self._baseline.instance_timeouts
        if template in by_request and event.request_id:
            self._wait(at + by_request[template], template, event.request_id, "", last)
        if template in by_instance and event.instance_id:
            self._wait(at + by_instance[template], template, "", event.instance_id, last)

    def _wait(self, due: float, template: int, request: str, instance: str, last: LastEvent) -> None:
        self._seq += 1
        heappush(self._due, (due, self._seq, template, request, instance, last))
        if len(self._due) > 2 * LIMIT:  # more than the chains remember
            heappop(self._due)

    def _repeated(self, at: float) -> int:
        novel = self._novel
        novel.append(at)
        while novel[0] < at - WINDOW_SECONDS:
            novel.popleft()
        return len(novel) if len(novel) >= _REPEATED else 0


class FollowRate:
    """How often an event followed a template in this stream in time, and how often none did."""

    __slots__ = ("_recent", "_timeouts", "followed")

    def __init__(self) -> None:
        self.followed = 0
        self._timeouts = 0
        self._recent: deque[float] = deque()

    def time_out(self, at: float) -> bool:
        """Count a timeout at second `at`; tell whether it is novel: followed before, and seldom timed out.

        The timeouts of the last five minutes do not count: an incident must not make itself usual.
        """
        recent = self._recent
        while recent and (recent[0] < at - WINDOW_SECONDS or len(recent) >= LIMIT):
            recent.popleft()
            self._timeouts += 1
        recent.append(at)
        return self.followed >= _FOLLOWED and self._timeouts <= _SELDOM * (self.followed + self._timeouts)


def overdue_count(timeouts: Timeouts) -> int:
    """Return the number of requests and instances that timed out within five minutes."""
    return round(expm1(3.0 * timeouts.overdue_requests))


def timeout_reason(timeouts: Timeouts) -> ReasonText | None:
    """Word what has timed out: at this event, else within five minutes."""
    if timeouts.timed_out:
        text = f"a request went silent {three_digits(timeouts.oldest_s)} s ago where something always follows"
        return ReasonText(text, timeouts.oldest_s)
    count = overdue_count(timeouts)
    return ReasonText(f"{requests(count)} went silent within 5 min, usually 0", count, 0.0) if count else None


def repeated_timeouts_reason(timeouts: Timeouts) -> ReasonText | None:
    """Word novel timeouts that come again and again."""
    count = timeouts.repeated
    if not count:
        return None
    return ReasonText(f"{count} requests went silent within 5 min where something always follows", float(count), 0.0)


def context_reason(timeouts: Timeouts) -> ReasonText:
    """Word the events before this one, and what timed out among them."""
    count = overdue_count(timeouts)
    return ReasonText("the events just before it" + (f", while {requests(count)} went silent" if count else ""))
