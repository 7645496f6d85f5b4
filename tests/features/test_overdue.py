"""Requests that something must follow: what silence is, and when it is news."""

from __future__ import annotations

import pytest

from core.features.silence import Overdue

TEMPLATE = 7
PATIENCE = 30.0


def ask(overdue: Overdue, at: float, *, answered: bool, seq: int) -> list[bool]:
    """One request at `at`, answered after a second or never; whether each silence found a minute later is news."""
    overdue.expect(f"req-{seq}", TEMPLATE, at, PATIENCE, 2 * seq)
    if answered:
        overdue.expect(f"req-{seq}", TEMPLATE + 1, at + 1, None, 2 * seq + 1)
    return [silence.news for silence in overdue.silent(at + 60.0)]


def test_what_is_followed_in_time_is_no_silence() -> None:
    overdue = Overdue()
    assert [ask(overdue, 100.0 * n, answered=True, seq=n) for n in range(5)] == [[]] * 5


def test_a_silence_is_news_once_something_has_followed_here_and_not_before() -> None:
    overdue = Overdue()
    assert ask(overdue, 0.0, answered=False, seq=0) == [False]
    for n in range(1, 10):
        ask(overdue, 1_000.0 * n, answered=True, seq=n)
    assert ask(overdue, 10_000.0, answered=False, seq=10) == [False]  # one in ten: usual here
    for n in range(11, 60):
        ask(overdue, 1_000.0 * n, answered=True, seq=n)
    assert ask(overdue, 60_000.0, answered=False, seq=60) == [True]


@pytest.mark.parametrize("every", [60.0, 90.0])
def test_an_outage_does_not_vouch_for_itself_while_it_is_young(every: float) -> None:
    overdue = Overdue()
    for n in range(40):
        ask(overdue, 100.0 * n, answered=True, seq=n)
    found = [ask(overdue, 4_000.0 + every * n, answered=False, seq=40 + n) for n in range(3)]
    assert found == [[True]] * 3


def test_what_is_often_silent_here_is_no_news() -> None:
    overdue = Overdue()
    found = [ask(overdue, 400.0 * n, answered=n % 2 == 0, seq=n) for n in range(40)]
    assert not any(news for silences in found[10:] for news in silences)
