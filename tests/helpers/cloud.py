"""Simulated logs: lines, events and baselines."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from core.baseline import Baseline, BaselineBuilder, CompiledBaseline
from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.simulate import Deployment, Scenario, simulate
from core.templates import MessageFacts, Templater


def lines_of(texts: Iterable[str], source: str = "cloud.log") -> list[LogLine]:
    """Log lines with the numbers and offsets that they have in a file."""
    lines, offset = [], 0
    for number, text in enumerate(texts, 1):
        length = len(text.encode()) + 1
        lines.append(LogLine(source, number, offset, length, text))
        offset += length
    return lines


@cache
def cloud_lines(seed: int = 1, seconds: float = 300.0, incident: str = "", at: float = 100.0) -> tuple[LogLine, ...]:
    """Lines of a simulated cloud, healthy unless an incident is named."""
    incidents = [(incident, at)] if incident else ()
    scenario = Scenario(seed=seed, duration_s=seconds, deployment=Deployment.typical(), incidents=incidents)
    return tuple(lines_of(text for record in simulate(scenario) for text in record.lines))


def parsed(lines: Iterable[LogLine]) -> tuple[list[LogEvent], list[MessageFacts]]:
    """Events of these lines, with what their messages say."""
    parser, templater = Parser("cloud.log"), Templater()
    found = [*parser.feed(lines), *parser.close()]
    events = [event for event in found if isinstance(event, LogEvent) and event.known_format]
    return events, [templater.facts(event.logger, event.head) for event in events]


@cache
def healthy_baseline() -> Baseline:
    """What is usual in the simulated cloud."""
    builder = BaselineBuilder("cloud")
    for seed in (11, 12, 13, 14, 15):
        for event, facts in zip(*parsed(cloud_lines(seed)), strict=True):
            builder.learn(event, facts)
        builder.end_run()
    return Baseline((builder.stats,))


@cache
def healthy_compiled() -> CompiledBaseline:
    """The same, compiled."""
    return CompiledBaseline(healthy_baseline())
