"""What a site's baseline makes of another log: nothing is learned and nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from core.baseline import Baseline
from core.decision.flagging import FlaggingPolicy
from core.decision.verdicts import VerdictKind
from core.episodes import episode_count
from core.errors import SourceError
from core.learning.from_logs import scored_events
from core.learning.learned import SourceReport
from core.learning.site_log import SiteLog
from core.pipeline import Pipeline
from core.templates import stable_hash

SHOWN_TEMPLATES: Final = 10


@dataclass(frozen=True, slots=True)
class ServiceCheck:
    """What became of the events of one service."""

    service: str
    events: int
    flagged: int
    """Flagged, and neither muted nor normal here."""
    known: int
    """Events whose template the site's baseline has in this service."""


@dataclass(frozen=True, slots=True)
class FlaggedTemplate:
    """A template that is flagged."""

    service: str
    template: str
    events: int
    """Flagged events of it."""
    score: float
    """The highest of them."""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a baseline makes of a log."""

    sources: tuple[SourceReport, ...]
    services: tuple[ServiceCheck, ...]
    """Those with most flagged events first."""
    episodes: int
    templates: tuple[FlaggedTemplate, ...]
    """The `SHOWN_TEMPLATES` with most flagged events."""
    muted: int
    """Flagged events that are muted."""
    normal: int
    """Flagged events that a verdict says are normal here."""
    template_count: int
    """Templates of the log, by service."""
    known_templates: int
    """Those that the site's baseline has."""

    @property
    def events(self) -> int:
        """Events of known form."""
        return sum(service.events for service in self.services)

    @property
    def flagged(self) -> int:
        """Flagged events, neither muted nor normal here."""
        return sum(service.flagged for service in self.services)


def check_log(site: Baseline, log: SiteLog, pipeline: Pipeline, policy: FlaggingPolicy) -> CheckReport:
    """Score the log, all sources together in order of time. Raises SourceError where no line has a known format."""
    events: Counter[tuple[str, str]] = Counter()
    flagged: Counter[tuple[str, str]] = Counter()
    highest: dict[tuple[str, str], float] = {}
    times: list[float] = []
    clock, muted, normal = float("nan"), 0, 0
    for batch in log.batches():
        for scored in scored_events(pipeline, batch):
            key = (scored.event.service, scored.template)
            events[key] += 1
            clock = clock if scored.event.timestamp is None else scored.event.timestamp
            flag = policy.flag(scored)
            if flag.alerting and scored.score is not None:
                flagged[key] += 1
                highest[key] = max(scored.score, highest.get(key, 0.0))
                times.append(clock)
            elif flag.flagged:
                muted += flag.muted
                normal += flag.verdict is VerdictKind.NORMAL and not flag.muted
    if not events:
        raise SourceError("none of the lines is in a format that tailsight knows: there is nothing to check")
    known = _known(site, events)
    return CheckReport(
        sources=tuple(SourceReport(name, log.lines[name], log.unread[name]) for name in log.sources),
        services=_services(events, flagged, known),
        episodes=episode_count(np.array(times, np.float64)),
        templates=tuple(FlaggedTemplate(*key, n, highest[key]) for key, n in flagged.most_common(SHOWN_TEMPLATES)),
        muted=muted,
        normal=normal,
        template_count=len(events),
        known_templates=len(known),
    )


def _known(site: Baseline, templates: Mapping[tuple[str, str], int]) -> set[tuple[str, str]]:
    known = {(name, one) for stats in site.deployments for name, of in stats.template_events.items() for one in of}
    return {key for key in templates if (key[0], stable_hash(key[1])) in known}


def _services(
    events: Mapping[tuple[str, str], int], flagged: Mapping[tuple[str, str], int], known: set[tuple[str, str]]
) -> tuple[ServiceCheck, ...]:
    counts: dict[str, list[int]] = {}
    for key, count in events.items():
        of = counts.setdefault(key[0], [0, 0, 0])
        of[0] += count
        of[1] += flagged.get(key, 0)
        of[2] += count * (key in known)
    rows = [ServiceCheck(service, *of) for service, of in counts.items()]
    return tuple(sorted(rows, key=lambda row: (-row.flagged, -row.events, row.service)))
