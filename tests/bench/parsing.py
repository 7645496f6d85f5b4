"""Lines to events to templates: what each costs, beside the same by regular expressions alone and without caches.

`python -m tests.bench.parsing FILE...` says of real logs how many records are in a known format, how many templates
they have, and what a line costs.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.parsing.reader import Reader
from core.parsing.readings import BARE
from core.parsing.stamps import Clock
from core.reading import read_file
from core.templates import Templater
from core.templates.http import parse_exchange
from core.templates.kinds import kind_of
from core.templates.masking import mask
from tests.bench.figures import Figure
from tests.bench.logs import oslo_log

_BATCH = 2_000
_ROUNDS = 9


def figures(folder: Path, lines: int = 20_000) -> list[Figure]:
    """Measure on a simulated log of that many lines, written to the folder."""
    log = oslo_log(folder / "nova-compute.log", lines)
    read = _lines(log)
    events = _events(log.name, read)
    reader = Reader(log.name, Clock())
    templater = Templater()

    def parse_plainly() -> None:
        for line in read[:_BATCH]:
            reader.read_text(line, line.text, BARE)

    def mask_plainly() -> None:
        for event in events[: _BATCH // 10]:
            if parse_exchange(event.logger, event.head) is None:
                kind_of(event.logger, mask(event.head))

    def parse() -> None:
        parser = Parser(log.name)
        for start in range(0, len(read), _BATCH):
            parser.feed(read[start : start + _BATCH])

    def template() -> None:
        for event in events:
            templater.facts(event.logger, event.head)

    return [
        _figure("parsing: a line", (parse, len(read)), (parse_plainly, _BATCH)),
        _figure("templates: a message", (template, len(events)), (mask_plainly, _BATCH // 10)),
    ]


def _figure(name: str, ours: tuple[Callable[[], None], int], plain: tuple[Callable[[], None], int]) -> Figure:
    """Take the best of several rounds, in turns, so that both meet the same moments of the machine."""
    best = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for index, (work, count) in enumerate((ours, plain)):
            began = time.perf_counter()
            work()
            best[index] = min(best[index], (time.perf_counter() - began) / count)
    return Figure(name, best[0] * 1e6, "µs", "expressions alone", best[1] * 1e6)


def _lines(path: Path) -> list[LogLine]:
    return [item for batch in read_file(path) for item in batch.items if isinstance(item, LogLine)]


def _events(source: str, lines: Sequence[LogLine]) -> list[LogEvent]:
    parser = Parser(source)
    return [item for item in [*parser.feed(lines), *parser.close()] if isinstance(item, LogEvent)]


def _survey(paths: Sequence[Path]) -> str:
    """Parse each file as a source of its own; one line about all of them."""
    lines = events = known = 0
    seconds = 0.0
    templater = Templater()
    templates: set[int] = set()
    for path in paths:
        read = _lines(path)
        began = time.process_time()
        found = _events(str(path), read)
        facts = [templater.facts(event.logger, event.head) for event in found]
        seconds += time.process_time() - began
        lines += len(read)
        events += len(found)
        known += sum(event.known_format for event in found)
        templates |= {fact.template.id for fact in facts}
    return (
        f"{lines:,} lines, {events:,} records, {known / max(events, 1):.4%} in a known format, "
        f"{len(templates):,} templates, {seconds / max(lines, 1) * 1e6:.2f} µs a line"
    )


if __name__ == "__main__":
    sys.stdout.write(_survey([Path(name) for name in sys.argv[1:]]) + "\n")
