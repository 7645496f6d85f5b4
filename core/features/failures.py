"""How many failures the stream reported lately: one may be an accident, several are trouble."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from core.episodes import GAP_SECONDS
from core.features.wording import ReasonText
from core.support.bounded import LIMIT


class Failures(NamedTuple):
    """The failures up to one event that reports one."""

    recent_failures: int
    """Events that reported a failure within two minutes, this one included, chronic ones left out; 0 for any other."""


NO_FAILURES: Final = Failures(0)


class FailureTracker:
    """The failures of one stream within the gap of an episode."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=LIMIT)

    def score(self, at: float, *, fails: bool) -> Failures:
        """Count what came before an event at second `at`, which `fails` or not."""
        if not fails:
            return NO_FAILURES
        times = self._times
        while times and times[0] <= at - GAP_SECONDS:
            times.popleft()
        return Failures(len(times) + 1)

    def learn(self, at: float, *, fails: bool) -> None:
        """Take in an event."""
        if fails:
            self._times.append(at)


def failures_reason(failures: Failures) -> ReasonText | None:
    """Word more than one failure."""
    count = failures.recent_failures
    return ReasonText(f"{count} failures within 2 min", float(count)) if count > 1 else None
