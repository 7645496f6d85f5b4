"""What an event costs at each station, in Python instructions: the same on every machine, however busy it is.

A ceiling is 5 % to a quarter above what was counted when it was set. What a call into C takes is not seen here;
`make bench` measures that.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np
import pytest

from core.baseline import Chains, CompiledBaseline
from core.decision.decision import Decision
from core.decision.flagging import FlaggingPolicy
from core.events import CHANNELS, LogEvent, LogLine, ScoredEvent, State
from core.export.eventjson import encode_batch
from core.features.extractor import FeatureExtractor
from core.parsing import EventStream
from core.reading import read_file
from core.templates import MessageFacts, Templater
from tests.helpers.calibration import straight_calibration
from tests.helpers.cloud import cloud_lines, healthy_compiled

CEILINGS = {"reading": 15, "parsing": 375, "templates": 110, "features": 1_350, "decision": 286, "json": 265}
BATCH = 400
LIVE_BATCH = 20


class Stations(NamedTuple):
    """The same events before each station."""

    log: Path
    lines: tuple[LogLine, ...]
    events: list[LogEvent]
    facts: list[MessageFacts]
    templater: Templater
    usual: CompiledBaseline


def instructions(work: Callable[[], object]) -> int:
    """Python instructions that a call executes."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(before)
    return count


def parse(lines: Sequence[LogLine]) -> list[LogEvent]:
    stream = EventStream()
    return [item for item in (*stream.feed(lines), *stream.quiet()) if isinstance(item, LogEvent)]


@pytest.fixture(scope="module")
def stations(tmp_path_factory: pytest.TempPathFactory) -> Stations:
    lines = cloud_lines(3, 900.0, "port_binding_failed")
    log = tmp_path_factory.mktemp("cost") / "cloud.log"
    log.write_text("".join(f"{line.text}\n" for line in lines), encoding="utf-8")
    events, templater = parse(lines), Templater()
    facts = [templater.facts(event.logger, event.head) for event in events]
    return Stations(log, lines, events, facts, templater, healthy_compiled())


def reading(given: Stations) -> int:
    return instructions(lambda: list(read_file(given.log)))


def parsing(given: Stations) -> int:
    return instructions(lambda: parse(given.lines))


def templates(given: Stations) -> int:
    return instructions(lambda: [given.templater.facts(event.logger, event.head) for event in given.events])


def features(given: Stations) -> int:
    extractor = FeatureExtractor(given.usual)
    return instructions(lambda: extractor.extract(given.events, given.facts))


def decision(given: Stations) -> int:
    """Count in batches of a screen's pace: what a batch costs is shared by few events then."""
    extractor, decision = FeatureExtractor(given.usual), Decision(straight_calibration())
    starts = range(0, len(given.events), LIVE_BATCH)
    parts = [slice(start, start + LIVE_BATCH) for start in starts]
    batches = [extractor.extract(given.events[part], given.facts[part]) for part in parts]
    return instructions(lambda: [decision.decide(batch, np.full(len(batch), -6.0, np.float32)) for batch in batches])


def json(given: Stations) -> int:
    spoke = (0.1, *[None] * (len(CHANNELS) - 1))
    scored = [
        ScoredEvent(seq, event, 0.1, State.SCORED, "template", channels=spoke)
        for seq, event in enumerate(given.events, 1)
    ]
    return instructions(lambda: encode_batch(scored, FlaggingPolicy(0.5)))


@pytest.mark.parametrize("station", [reading, parsing, templates, features, decision, json])
def test_an_event_takes_no_more_instructions_than_it_did(
    station: Callable[[Stations], int], stations: Stations
) -> None:
    per_event = station(stations) / len(stations.events)
    assert per_event < CEILINGS[station.__name__]


def test_an_event_costs_no_more_after_thousands_than_after_hundreds(stations: Stations) -> None:
    extractor = FeatureExtractor(stations.usual)

    def cost(start: int) -> int:
        part = slice(start, start + BATCH)
        return instructions(lambda: extractor.extract(stations.events[part], stations.facts[part]))

    _, early, *_, late = [cost(start) for start in range(0, len(stations.events) - BATCH, BATCH)]
    assert late < 1.3 * early


@pytest.mark.slow
def test_forgetting_the_oldest_request_costs_no_more_than_remembering_one(stations: Stations) -> None:
    chains, numbers, event = Chains(), count(), stations.events[0]

    def seconds(events: int) -> float:
        made = [event._replace(request_id=f"req-{next(numbers)}") for _ in range(events)]
        began = time.process_time()
        for each in made:
            chains.link(each, 0.0)
            chains.learn(each, 1, 0.0)
        return time.process_time() - began

    empty = min(seconds(1_000) for _ in range(5))
    seconds(40_000)  # twice as many as are remembered
    full = min(seconds(20_000) for _ in range(3)) / 20
    assert full < 12 * empty  # a search among those forgotten before takes thirty times as long
