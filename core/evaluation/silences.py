"""How well silences are told: of simulated stops the share named right, of healthy hours the false ones.

python -m core.evaluation.silences [HOURS] [SEEDS]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product
from time import process_time
from typing import Final

import numpy as np

from core.decision.silences import SilenceFinder
from core.events import LogEvent, LogLine
from core.features.gaps import RESOLUTION_S
from core.features.known import known_events
from core.features.watches import EVERYTHING, Silence
from core.parsing import EventStream
from core.parsing.services import canonical
from core.simulate import Deployment, LogLayout, Scenario, simulate
from core.simulate.scenario import Planned
from core.templates import Templater

_TASKS: Final = {
    "resource_audit": "nova-compute", "host_sync": "nova-scheduler", "token_flush": "keystone",
    "volume_stats": "cinder-volume",
}  # fmt: skip
_SERVICES: Final = ("keystone", "nova-api", "nova-compute", "neutron-server", "neutron-dhcp-agent", "cinder-volume")
STOPS: Final = (
    *(f"service_stopped:{service}" for service in _SERVICES),
    *(f"task_stopped:{task}" for task in _TASKS),
    "host_silent",
    "all_stopped",
)
"""Twelve kinds of stop."""
_HISTORY_S: Final = 7_200.0
_AFTER_S: Final = 2_700.0
_LEAST_S: Final = 90.0
_START: Final = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stop:
    """One simulated stop, and what was said of it."""

    kind: str
    seed: int
    is_home: bool
    deadline_s: float
    """Seconds from its onset in which it has to be told."""
    told: Silence | None
    """The first silence that names it right."""
    others: tuple[Silence, ...]
    """Silences that have nothing to do with it."""
    delay_s: float

    @property
    def is_named(self) -> bool:
        """Whether it was named right in time."""
        return self.told is not None and self.delay_s <= self.deadline_s


def lines_of(scenario: Scenario) -> Iterator[LogLine]:
    """Give what a simulated cloud writes, in the order in which it is written."""
    counts: dict[str, int] = {}
    is_merged = scenario.deployment.layout is LogLayout.MERGED
    for record in simulate(scenario):
        source = "cloud.log" if is_merged else record.file
        for text in record.lines:
            counts[source] = number = counts.get(source, 0) + 1
            yield LogLine(source, number, 0, len(text) + 1, text)


def parsed(lines: Iterator[LogLine]) -> list[LogEvent]:
    """Return the events of known form."""
    stream = EventStream(UTC)
    items = [*stream.feed(lines), *stream.quiet()]
    return [item for item in items if isinstance(item, LogEvent) and item.known_format]


def silences_of(events: Sequence[LogEvent]) -> tuple[list[Silence], float]:
    """Return what falls silent in a stream, and the microseconds that an event took."""
    facts = known_events(events, Templater()).facts
    finder, began = SilenceFinder(), process_time()
    found = finder.follow(events, facts)
    taken = 1e6 * (process_time() - began) / max(len(events), 1)
    return [one for place in sorted(found) for one in found[place] if isinstance(one, Silence)], taken


def deployment(seed: int, *, is_home: bool) -> Deployment:
    """Return a cloud of the kind that was trained on, or of another one."""
    return (Deployment.varied(seed) if is_home else Deployment.foreign(seed)).with_foundations()


def judge_stop(kind: str, seed: int, *, is_home: bool) -> Stop:
    """Simulate a stop after two hours of normal operation, and return what is said of it."""
    cloud = deployment(seed, is_home=is_home)
    cloud = replace(cloud, services=cloud.services | {"cinder"}, debug=False)
    if kind == "host_silent":
        cloud = replace(cloud, layout=LogLayout.HOST, computes=(*cloud.computes, f"{cloud.computes[0]}x"))
    scenario = Scenario(seed, _HISTORY_S + _AFTER_S, _START, cloud, [(kind, _HISTORY_S)], "random")
    planned = next(one for one in scenario.plan() if one.is_incident)
    events = parsed(lines_of(scenario))
    found, _ = silences_of(events)
    onset = _START.timestamp() + planned.at
    end = onset + planned.lasts
    names = _names(planned, cloud)
    before = [
        event.timestamp for event in events if event.timestamp and event.timestamp <= onset and _is_of(event, names)
    ]
    period = _usual(before)
    right = [one for one in found if _is_right(one, names, planned, onset, period)]
    others = [one for one in found if not onset - period - 600.0 <= one.since <= end + 1_200.0]
    delay = min((one.at for one in right), default=np.inf) - onset
    deadline = max(3.0 * (right[0].usual_s if right and right[0].template else period), _LEAST_S)
    return Stop(kind, seed, is_home, deadline, right[0] if right else None, tuple(others), delay)


def _names(planned: Planned, cloud: Deployment) -> frozenset[str]:
    """Return what may be named: a service as the log names it, a host, or everything."""
    if planned.kind == "host_silent":
        return frozenset({planned.host})
    if planned.kind == "all_stopped":
        return frozenset({EVERYTHING})
    service = _TASKS.get(planned.stopped, planned.stopped)
    return frozenset({canonical(cloud.dialect.services.get(service, service)), canonical(service)})


def _is_of(event: LogEvent, names: frozenset[str]) -> bool:
    return EVERYTHING in names or event.service in names or event.source.partition("/")[0] in names


def _usual(stamps: Sequence[float]) -> float:
    """Return the median gap where nine in ten are less than two, else the gap that 99.9 % are at most."""
    gaps = np.diff(np.array(sorted(stamps)))
    gaps = gaps[gaps >= RESOLUTION_S]
    if len(gaps) < 5:
        return _HISTORY_S
    median = float(np.median(gaps))
    return median if np.mean(gaps <= 2.0 * median) >= 0.9 else float(np.quantile(gaps, 0.999))


def _is_right(one: Silence, names: frozenset[str], planned: Planned, onset: float, period: float) -> bool:
    """Tell whether a silence names what stopped, and since when within a period."""
    if one.service not in names or one.at < onset:
        return False
    if bool(one.template) and planned.kind != "task_stopped":
        return False
    period = one.usual_s if one.template else period
    if planned.kind == "task_stopped" and not one.template:
        period = one.usual_s  # of a service that writes little else
    return abs(one.since - onset) <= max(period, RESOLUTION_S) and (not one.template or one.since <= onset + 5.0)


def judge_healthy(hours: float, seeds: Sequence[int]) -> tuple[float, list[tuple[str, Silence]], list[float]]:
    """Return hours of healthy operation with restarts and lulls, the silences told in them, and what events cost."""
    each, total = hours / (2 * len(seeds)), 0.0
    false: list[tuple[str, Silence]] = []
    costs: list[float] = []
    for seed in seeds:
        for is_home in (True, False):
            cloud = deployment(seed, is_home=is_home)
            start = _START.replace(hour=(7 * seed) % 24)
            events = parsed(lines_of(Scenario(seed, 3_600.0 * each, start, cloud, (), "random")))
            found, cost = silences_of(events)
            total += each
            costs.append(cost)
            false += [(f"{cloud.name} {each:g} h", one) for one in found]
    return total, false, costs


def print_figures(hours: float, seeds: Sequence[int]) -> None:
    """Print both figures, and what was wrong."""
    said = sys.stdout.write
    stops = []
    for seed, kind in product(seeds, STOPS):
        stops.append(stop := judge_stop(kind, seed, is_home=seed % 2 == 1))
        if not stop.is_named or stop.others:
            who = "nothing" if stop.told is None else f"{stop.told.who} {stop.told.template[:40]!r}"
            said(f"  {stop.kind} seed {stop.seed}: {who} after {stop.delay_s:.0f} s of {stop.deadline_s:.0f}; ")
            said(f"others: {[(one.who, one.template[:40], round(one.at - one.since)) for one in stop.others]}\n")
    named = sum(stop.is_named for stop in stops)
    told = sum(stop.told is not None for stop in stops)
    said(f"{len(stops)} stops: {told} told, {named} named right in time ({100 * named / len(stops):.1f} %)\n")
    if hours:
        total, false, costs = judge_healthy(hours, seeds)
        for where, one in false:
            said(f"  {where}: {one.who} {one.template[:60]!r} {one.at - one.since:.0f} s, usually {one.usual_s:.1f}\n")
        said(f"{total:g} healthy hours: {len(false)} silences ({len(false) / total:.3f}/h); ")
        said(f"{np.mean(costs):.2f} us an event\n")


if __name__ == "__main__":
    print_figures(
        float(sys.argv[1]) if len(sys.argv) > 1 else 100.0, range(1, 1 + int(sys.argv[2] if len(sys.argv) > 2 else 5))
    )
