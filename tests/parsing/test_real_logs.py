"""What the parser makes of logs that real clouds wrote; skipped where they are not at hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.parsing.records import Reader
from core.parsing.stamps import Clock
from core.reading import read_file
from core.templates import Templater

DATA = Path(__file__).parents[3] / "shared" / "data"

FOREIGN = [DATA / "openstack-2015" / name for name in ("nova-scheduler.log.gz", "nova-compute.log-20151124.gz")]

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no real logs at hand")


def lines(path: Path) -> list[LogLine]:
    return [item for batch in read_file(path) for item in batch.items if isinstance(item, LogLine)]


def events(path: Path) -> list[LogEvent]:
    parser = Parser(str(path))
    return [item for item in [*parser.feed(lines(path)), *parser.close()] if isinstance(item, LogEvent)]


def test_every_line_of_loghub_is_one_event_of_known_format() -> None:
    found = events(DATA / "loghub-openstack" / "OpenStack_2k.log")
    assert len(found) == 2_000
    assert all(event.known_format and event.level for event in found)
    assert {event.service for event in found} == {"nova-api", "nova-compute", "nova-scheduler"}


@pytest.mark.slow
@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.name)
def test_at_least_999_of_1000_records_of_a_foreign_cloud_are_in_a_known_format(path: Path) -> None:
    found = events(path)
    assert sum(event.known_format for event in found) >= 0.999 * len(found)
    assert sum(1 + event.extra_lines for event in found) == len(lines(path))


@pytest.mark.slow
def test_a_foreign_cloud_has_tens_of_templates_and_not_thousands() -> None:
    templater = Templater()
    texts = {templater.facts(event.logger, event.head).template.text for path in FOREIGN for event in events(path)}
    assert 20 < len(texts) < 200


def test_the_short_way_and_the_long_way_read_real_lines_the_same() -> None:
    path = DATA / "loghub-openstack" / "OpenStack_2k.log"
    reader, again = Reader(str(path), Clock()), Reader(str(path), Clock())
    assert [reader.read(line) for line in lines(path)] == [again.match(line, line.text) for line in lines(path)]
