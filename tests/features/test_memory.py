"""What a stream keeps has a limit, also of a log that never says a thing twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any

import pytest

from core.features.extractor import FeatureExtractor
from core.features.window import Window
from core.support import bounded
from tests.helpers.cloud import cloud_lines, healthy_compiled, parsed
from tests.helpers.stream import UNKNOWN, event, facts, reply

LIMIT = 50
LETTERS = "abcdefghij"


def word(number: int) -> str:
    return "".join(LETTERS[int(digit)] for digit in f"{number:05}")


def held(thing: Any, seen: set[int]) -> Iterable[int]:
    """Sizes of all collections that a value holds."""
    if id(thing) in seen or isinstance(thing, (str, bytes)):
        return
    seen.add(id(thing))
    if isinstance(thing, (dict, list, set, deque, tuple)):
        yield len(thing)
        for each in (*thing.values(), *thing) if isinstance(thing, dict) else thing:
            yield from held(each, seen)
    slots = {name for kind in type(thing).__mro__ for name in getattr(kind, "__slots__", ())}
    for name in slots | set(getattr(thing, "__dict__", {})):
        yield from held(getattr(thing, name, None), seen)


@pytest.mark.parametrize(
    "make",
    [
        lambda n: event(f"Thing {word(n)} has happened", n),
        lambda n: event("Same", n, service=f"service-{word(n)}"),
        lambda n: event(f"Thing {word(n)} failed", n, service=word(n), level="ERROR", request=str(n), instance=str(n)),
        lambda n: event("Same", n, request=str(n), instance=f"i{n}"),
        lambda n: event("Same", n, pid=n),
        lambda n: reply(n, path=word(n), status=200 + n % 300),
        lambda n: event(f"{word(n)} took {n}.5 seconds", n),
    ],
    ids=["templates", "services", "everything", "chains", "processes", "routes", "durations"],
)
def test_a_log_of_ever_new_names_does_not_fill_the_memory(make: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LIMIT", LIMIT)
    extractor = FeatureExtractor(UNKNOWN)
    events = [make(n)._replace(timestamp=40.0 * n) for n in range(2_000)]
    extractor.extract(events, [facts(each) for each in events])
    kept = {name: value for name, value in vars(extractor).items() if not isinstance(value, Window)}
    seen: set[int] = set()
    for thing in (UNKNOWN, *(getattr(UNKNOWN, name) for name in type(UNKNOWN).__slots__)):
        seen.add(id(thing))
    assert max(held(kept, seen)) <= 2 * LIMIT


def test_templates_that_the_baseline_knows_are_known_whatever_was_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "LIMIT", 3)
    events, of_events = parsed(cloud_lines(6, 200.0))
    batch = FeatureExtractor(healthy_compiled()).extract(events, of_events)
    assert batch.column("known").mean() > 0.9
