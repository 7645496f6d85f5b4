"""A baseline of one's own healthy logs: what `tailsight learn` makes and `--baseline` takes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from core.baseline import Baseline, Learner
from core.errors import SourceError
from core.events import LogEvent, LogLine
from core.parsing import Parser
from core.reading import read_file
from core.templates import Templater


def learn_files(
    paths: Sequence[Path], name: str, progress: Callable[[Path, int], None] = lambda _path, _lines: None
) -> Baseline:
    """Learn what is usual in these logs, each from its beginning to its end.

    `progress` is told how many lines of a file have been read. Raises SourceError where a file cannot be read or none
    of them has a record of a known format.
    """
    learner = Learner(name)
    templater = Templater()
    for path in paths:
        parser = Parser(str(path))
        lines = 0
        for batch in read_file(path):
            found = parser.feed(item for item in batch.items if isinstance(item, LogLine))
            _learn(learner, templater, found)
            lines += batch.lines
            progress(path, lines)
        _learn(learner, templater, parser.close())
        learner.end_run()
    if not learner.profile.messages:
        raise SourceError(f"no record of a known format in {', '.join(map(str, paths))}: there is nothing to learn")
    return Baseline((learner.profile,))


def _learn(learner: Learner, templater: Templater, found: Sequence[object]) -> None:
    for event in found:
        if isinstance(event, LogEvent) and event.known_format:
            learner.learn(event, templater.facts(event.logger, event.head))
