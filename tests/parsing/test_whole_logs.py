"""What the parser makes of whole logs: excerpts in real services' forms, and simulated clouds of other makers."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.parsing.reader import Reader
from core.parsing.readings import BARE
from core.parsing.stamps import Clock
from core.reading import read_file
from core.simulate import Deployment, Scenario, simulate
from core.templates import Templater
from tests.helpers.cloud import lines_of

DATA = Path(__file__).parent / "data"

CLOUDS = {
    "typical": Deployment.typical(),
    "varied": Deployment.varied(3),
    "foreign-1": Deployment.foreign(1),
    "foreign-7": Deployment.foreign(7),
}


@cache
def lines(name: str) -> tuple[LogLine, ...]:
    """Lines of an excerpt, or ten minutes of a cloud with incidents."""
    if name in CLOUDS:
        scenario = Scenario(
            5, 600.0, deployment=CLOUDS[name], incidents="random", incidents_per_hour=60.0, hard_normals="random"
        )
        return tuple(lines_of(text for record in simulate(scenario) for text in record.lines))
    return tuple(item for batch in read_file(DATA / name) for item in batch.items if isinstance(item, LogLine))


def events(name: str) -> list[LogEvent]:
    parser = Parser(name)
    return [item for item in [*parser.feed(lines(name)), *parser.close()] if isinstance(item, LogEvent)]


@pytest.mark.parametrize(
    ("name", "levels", "services", "longest"),
    [
        (
            "nova-scheduler.log",
            {"INFO": 9, "WARNING": 1, "ERROR": 3, "CRITICAL": 1},
            {"nova-scheduler": 14},
            8,
        ),
        (
            "nova-compute.log",
            {"INFO": 5, "AUDIT": 1, "ERROR": 1, "WARNING": 2, "DEBUG": 1},
            {"nova-compute": 10},
            6,
        ),
        (
            "merged.log",
            {"INFO": 7, "WARNING": 2, "ERROR": 1},
            {"nova-api": 3, "nova-compute": 6, "nova-scheduler": 1},
            1,
        ),
    ],
)
def test_an_excerpt_gives_its_records(
    name: str, levels: dict[str, int], services: dict[str, int], longest: int
) -> None:
    found = events(name)
    assert Counter(event.level for event in found) == levels
    assert Counter(event.service for event in found) == services
    assert max(1 + event.extra_lines for event in found) == longest


@pytest.mark.parametrize("name", ["nova-scheduler.log", "nova-compute.log", "merged.log", *CLOUDS])
def test_every_line_is_in_one_event_of_a_known_format(name: str) -> None:
    found = events(name)
    assert all(event.known_format and event.level for event in found)
    assert sum(1 + event.extra_lines for event in found) == len(lines(name))


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_has_tens_of_templates_and_not_thousands(name: str) -> None:
    templater, found = Templater(), events(name)
    assert len(found) > 1_000
    assert 20 < len({templater.facts(event.logger, event.head).template.text for event in found}) < 300


@pytest.mark.parametrize("name", ["nova-scheduler.log", "nova-compute.log", "merged.log", *CLOUDS])
def test_the_short_way_and_the_long_way_read_lines_the_same(name: str) -> None:
    reader, again = Reader(name, Clock()), Reader(name, Clock())
    assert [reader.read(line) for line in lines(name)] == [
        again.read_text(line, line.text, BARE) for line in lines(name)
    ]
