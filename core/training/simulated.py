"""Simulated streams: the log of the simulator, parsed as any log, with the truth about every event."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.events import LogEvent, LogLine
from core.features.known import read_events
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
    """Simulate a scenario and parse its log as it is watched: one line after the other, in the order written."""
    records: dict[tuple[str, int], SimulatedRecord] = {}
    lines: list[LogLine] = []
    counts: Counter[str] = Counter()
    merged = scenario.deployment.layout is LogLayout.MERGED
    for record in simulate(scenario):
        source = "cloud.log" if merged else record.file
        records[source, counts[source] + 1] = record
        for text in record.lines:
            counts[source] += 1
            lines.append(LogLine(source, counts[source], 0, len(text) + 1, text))
    events, facts = read_events(lines, Templater())
    written = [records.get((event.source, event.line)) for event in events]
    onsets: dict[str, float] = {}
    kinds: dict[str, str] = {}
    for event, cause in zip(events, written, strict=True):
        if cause is not None and cause.incident:
            onsets.setdefault(cause.incident, event.timestamp or 0.0)
            kinds.setdefault(cause.incident, cause.kind or "")
    return SimulatedStream(
        scenario,
        events,
        facts,
        tuple((record.incident or "") if record is not None else "" for record in written),
        onsets,
        kinds,
        np.array([record is not None and record.role is Role.RECOVERY for record in written], np.bool_),
    )
