"""Rotation that renames files during a search: none is missed."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Literal

import pytest

from core.events import LogLine
from core.reading import Follower, search
from core.reading.rotation import Sibling, Siblings
from core.reading.shared import Shared


def rotate(log: Path) -> None:
    for number in range(9, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            older.rename(log.with_name(f"{log.name}.{number + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))
    log.touch()


def write(log: Path, first: int) -> None:
    with log.open("a") as out:
        out.writelines(f"{number} a line of a log that is rotated\n" for number in range(first, first + 100))


def follow(log: Path, start: Literal["start", "resume"], until: int) -> list[int]:
    stop, numbers = threading.Event(), list[int]()
    follower = Follower([log], stop, start=start, checkpoint=log.with_name("checkpoint"))
    for batch in follower:
        numbers += [int(item.text.split()[0]) for item in batch.items if isinstance(item, LogLine)]
        follower.commit(batch)
        if until in numbers:
            stop.set()
    return numbers


def test_the_rest_is_found_when_it_moves_to_a_name_that_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "app.log"
    for number in (1, 2, 3):
        log.with_name(f"app.log.{number}").write_text(f"older log {number}\n" * 30)
    write(log, 0)
    assert follow(log, "start", 99) == list(range(100))
    write(log, 100)
    rotate(log)
    write(log, 200)

    opened = search._open
    rotated: list[Sibling] = []

    def rotate_after_the_second(sibling: Sibling, shared: Shared) -> int:
        fd = opened(sibling, shared)
        if sibling.path.endswith(".2") and not rotated:
            rotated.append(sibling)
            rotate(log)
            write(log, 300)
        return fd

    listed = Siblings.of
    monkeypatch.setattr(search, "_open", rotate_after_the_second)
    monkeypatch.setattr(Siblings, "of", lambda self, path: sorted(listed(self, path), reverse=True))
    assert follow(log, "resume", 399) == list(range(100, 400))
    assert rotated
