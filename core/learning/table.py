"""What is kept of the events of a long log: some 30 bytes each, and one text for each error template."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final

import numpy as np

from core.decision.flagging import VerdictOf
from core.decision.verdicts import VerdictKind
from core.events import SEVERE_LEVELS, LogEvent, ScoredEvent
from core.learning.selection import NO_KEY, SiteColumns
from core.support.arrays import Float64

_EXAMPLE: Final = 300
"""Characters of an example."""

_CODES: Final = {None: 0, VerdictKind.NORMAL: 1, VerdictKind.REAL: 2}


class SiteTable:
    """Takes in the scored events of a log, in order, and gives them as columns."""

    def __init__(self, verdict_of: VerdictOf | None = None) -> None:
        self._verdict_of = verdict_of
        self._times, self._scores = array("d"), array("d")
        self._services, self._keys, self._verdicts = array("i"), array("i"), array("b")
        self._service_codes: dict[str, int] = {}
        self._key_codes: dict[tuple[str, str], int] = {}
        self.errors: list[tuple[str, str]] = []
        """Error key -> its service, and the first line of a message as an example."""
        self._clock = float("nan")

    def __len__(self) -> int:
        return len(self._times)

    def add(self, events: Iterable[LogEvent], scored: Iterable[ScoredEvent]) -> None:
        """Take in the next events."""
        for event, judged in zip(events, scored, strict=True):
            if event.timestamp is not None:
                self._clock = event.timestamp
            self._times.append(self._clock)
            self._scores.append(float("nan") if judged.score is None else judged.score)
            self._services.append(self._service_codes.setdefault(event.service, len(self._service_codes)))
            self._keys.append(self._key(event, judged.template) if event.level in SEVERE_LEVELS else NO_KEY)
            self._verdicts.append(_CODES[self._verdict_of(judged)] if self._verdict_of is not None else 0)

    def columns(self) -> SiteColumns:
        """Return the columns [N] that do not depend on scores."""
        times = np.array(self._times, np.float64)
        known = ~np.isnan(times)
        if known.any():
            times[~known] = times[known][0]  # only those before the first stamp are without one
        verdicts = np.array(self._verdicts, np.int8)
        return SiteColumns(
            times,
            np.array(self._services, np.int64),
            np.array(self._keys, np.int64),
            verdicts == _CODES[VerdictKind.NORMAL],
            verdicts == _CODES[VerdictKind.REAL],
        )

    @property
    def services(self) -> tuple[str, ...]:
        """Names of the services, by their numbers."""
        return tuple(self._service_codes)

    def scores(self) -> Float64:
        """Return the scores [N]; nan where an event has none."""
        return np.array(self._scores, np.float64)

    def _key(self, event: LogEvent, template: str) -> int:
        key = (event.service, template)
        code = self._key_codes.get(key)
        if code is None:
            code = self._key_codes[key] = len(self._key_codes)
            self.errors.append((event.service, event.head[:_EXAMPLE]))
        return code
