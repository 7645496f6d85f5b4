"""Simulated streams: the log of the simulator, parsed as any log, with the truth about every event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.simulate import LogLayout, Role, Scenario, SimulatedRecord, simulate
from core.templates import MessageFacts, Templater


@dataclass(frozen=True, slots=True)
class SimulatedStream:
    """One scenario, parsed from its log."""

    scenario: Scenario
    events: tuple[LogEvent, ...]
    facts: tuple[MessageFacts, ...]
    incidents: tuple[str, ...]
    """Identifier of the incident that each event belongs to; empty for none."""
    onsets: dict[str, float]
    """Incident -> second of its first event."""
    kinds: dict[str, str]
    recovering: NDArray[np.bool_]
    """[N] True for events that show the end of an incident."""


def simulate_stream(scenario: Scenario) -> SimulatedStream:
    """Simulate a scenario and parse its log, in order of timestamps."""
    records: dict[tuple[str, int], SimulatedRecord] = {}
    lines: dict[str, list[LogLine]] = {}
    merged = scenario.deployment.layout is LogLayout.MERGED
    for record in simulate(scenario):
        source = "cloud.log" if merged else record.file
        log = lines.setdefault(source, [])
        records[source, len(log) + 1] = record
        for text in record.lines:
            log.append(LogLine(source, len(log) + 1, 0, len(text) + 1, text))
    events = [event for source, log in lines.items() for event in _events(source, log)]
    events.sort(key=lambda event: (event.timestamp or 0.0, event.source, event.line))
    templater = Templater()
    written = [records.get((event.source, event.line)) for event in events]
    onsets: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for event, cause in zip(events, written, strict=True):
        if cause is not None and cause.incident:
            onsets.setdefault(cause.incident, event.timestamp or 0.0)
            kinds.setdefault(cause.incident, cause.kind or "")
    return SimulatedStream(
        scenario,
        tuple(events),
        tuple(templater.facts(event.logger, event.head) for event in events),
        tuple((record.incident or "") if record is not None else "" for record in written),
        onsets,
        kinds,
        np.array([record is not None and record.role is Role.RECOVERY for record in written], np.bool_),
    )


def _events(source: str, log: Iterable[LogLine]) -> list[LogEvent]:
    parser = Parser(source)
    found = [*parser.feed(log), *parser.close()]
    return [event for event in found if isinstance(event, LogEvent) and event.known_format]
